//! Runs [`ghcr_auth_fuzz::event`] under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ghcr_auth_fuzz::event::check(data));
