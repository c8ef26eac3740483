//! Fuzzes `load::hostile::http_response`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| load::hostile::http_response(input));
