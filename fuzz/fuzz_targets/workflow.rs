//! Runs [`ghcr_auth_fuzz::workflow`] under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ghcr_auth_fuzz::workflow::check(data));
