#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dtguard_fuzz::glued(bytes));
