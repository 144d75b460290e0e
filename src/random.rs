//! Randomness from the operating system, and bytes as text.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};

/// Random bytes; a few, so that one call gives them all.
///
/// # Errors
/// When the operating system has none.
pub fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// The same into a place that is there.
///
/// # Errors
/// As [`bytes`].
pub fn fill(bytes: &mut [u8]) -> io::Result<()> {
    if getrandom(&mut *bytes, GetRandomFlags::empty())? < bytes.len() {
        return Err(io::Error::other("too little randomness"));
    }
    Ok(())
}

/// Bytes in hex, lower case.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}
