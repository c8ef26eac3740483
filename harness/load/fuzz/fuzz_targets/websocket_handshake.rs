//! Fuzzes `load::hostile::websocket_handshake`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| load::hostile::websocket_handshake(input));
