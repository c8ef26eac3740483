//! Fuzzes `load::hostile::event_stream`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| load::hostile::event_stream(input));
