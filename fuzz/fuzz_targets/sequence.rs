#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| segmenta_fuzz::targets::sequence(data));
