//! Fuzzes `load::hostile::websocket_frames`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| load::hostile::websocket_frames(input));
