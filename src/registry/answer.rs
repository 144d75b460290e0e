//! An answer, read within bounds.

use reqwest::{
    Response,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap},
};

use super::failure::Failure;

/// The largest body that is read, in bytes. go-containerregistry has the same limit for tokens and errors.
const LARGEST_BODY: usize = 64 * 1024;

/// What the registry answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty for redirects, which nobody follows.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads the body of a response.
    ///
    /// # Errors
    /// [`Failure::Protocol`] for a body over 64 KiB or an encoded one (none was asked for), else the transport's.
    pub async fn read(mut response: Response) -> Result<Self, Failure> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        if !status.is_redirection() {
            if headers.contains_key(CONTENT_ENCODING) || has_two_lengths(&headers) {
                return Err(Failure::Protocol);
            }
            while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(&error))? {
                if body.len() + chunk.len() > LARGEST_BODY {
                    return Err(Failure::Protocol);
                }
                body.extend_from_slice(&chunk);
            }
        }
        Ok(Self { status: status.as_u16(), headers, body })
    }
}

/// Whether two lengths contradict each other; beside `Transfer-Encoding` the transport lets that pass.
fn has_two_lengths(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let first = lengths.next();
    lengths.any(|length| Some(length) != first)
}
