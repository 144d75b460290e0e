//! Why a request got no answer.

use std::{error::Error, io::ErrorKind};

use rustls::{AlertDescription, CertificateError};

use crate::reason::Reason;

/// A request that got no answer. It carries no text: a transport's may hold URLs and userinfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No address, or nobody listens there.
    #[error("no connection could be made")]
    Unreachable,
    /// The connection ended before the whole answer was read.
    #[error("the connection ended before the answer did")]
    Cut,
    /// No whole answer in time.
    #[error("no answer in time")]
    Timeout,
    /// Certificate, protocol version or trust.
    #[error("no TLS connection that can be trusted")]
    Tls(Distrust),
    /// What came is not HTTP, or more than an answer may be.
    #[error("the answer is not one that a registry gives")]
    Protocol,
    /// The proxy refuses to connect.
    #[error("the proxy refused to connect")]
    ProxyRefused,
}

/// Why a TLS connection is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The certificate is not valid any more.
    Expired(Option<Dates>),
    /// It is not valid yet.
    NotYetValid(Option<Dates>),
    /// It is another host's.
    OtherHost,
    /// Nobody who is trusted here signed it.
    UnknownRoot,
    /// It did not come to a certificate: no version or cipher suite is in common.
    NothingInCommon,
    /// Something else is wrong with it, or with the protocol.
    Other,
}

/// Two moments, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// What this machine's clock says.
    pub now: u64,
    /// From or until when the certificate is valid.
    pub limit: u64,
}

impl Distrust {
    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::of_certificate(error),
            rustls::Error::PeerIncompatible(_)
            | rustls::Error::AlertReceived(
                AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
            ) => Self::NothingInCommon,
            _ => Self::Other,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired => Self::Expired(None),
            CertificateError::ExpiredContext { time, not_after } => {
                Self::Expired(Some(Dates { now: time.as_secs(), limit: not_after.as_secs() }))
            }
            CertificateError::NotValidYet => Self::NotYetValid(None),
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::NotYetValid(Some(Dates { now: time.as_secs(), limit: not_before.as_secs() }))
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::OtherHost,
            CertificateError::UnknownIssuer => Self::UnknownRoot,
            _ => Self::Other,
        }
    }
}

impl Failure {
    /// The reason code.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unreachable | Self::Cut | Self::ProxyRefused => Reason::RegistryUnreachable,
            Self::Timeout => Reason::RegistryTimeout,
            Self::Tls(_) => Reason::TlsError,
            Self::Protocol => Reason::RegistryProtocol,
        }
    }

    /// Whether another attempt may fare better.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unreachable | Self::Cut | Self::Timeout)
    }

    /// Classifies a transport's error by the first cause in its chain that tells.
    pub fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let fallback = if error.is_connect() { Self::Unreachable } else { Self::Protocol };
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(failure) = of_cause(error) {
                return failure;
            }
            cause = error.source();
        }
        fallback
    }
}

fn of_cause(cause: &(dyn Error + 'static)) -> Option<Failure> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(Failure::Tls(Distrust::of(error)));
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return of_hyper(error);
    }
    if let Some(error) = cause.downcast_ref::<std::io::Error>() {
        return of_io(error);
    }
    // hyper-util keeps the type of its tunnel's errors to itself.
    let tunnel = cause.to_string();
    let refused =
        ["tunnel error: unsuccessful", "tunnel error: proxy authorization required", "tunnel error: proxy response headers too long"];
    refused.contains(&tunnel.as_str()).then_some(Failure::ProxyRefused)
}

fn of_hyper(error: &hyper::Error) -> Option<Failure> {
    if error.is_parse() {
        Some(Failure::Protocol)
    } else if error.is_incomplete_message() || error.is_closed() {
        Some(Failure::Cut)
    } else {
        None
    }
}

fn of_io(error: &std::io::Error) -> Option<Failure> {
    // An error that wraps another one is not its own `source()`, and hyper-rustls wraps one twice.
    if let Some(failure) = error.get_ref().and_then(|inner| of_cause(inner)) {
        return Some(failure);
    }
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Some(Failure::Cut),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => Some(Failure::Protocol),
        ErrorKind::TimedOut => Some(Failure::Timeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, PeerIncompatible};

    use super::*;

    #[test]
    fn a_server_with_which_no_version_or_cipher_suite_is_in_common_is_told_from_a_bad_certificate() {
        let alert = |alert| Distrust::of(&rustls::Error::AlertReceived(alert));
        for nothing in [AlertDescription::HandshakeFailure, AlertDescription::ProtocolVersion, AlertDescription::InsufficientSecurity] {
            assert_eq!(alert(nothing), Distrust::NothingInCommon);
        }
        assert_eq!(Distrust::of(&PeerIncompatible::ServerDoesNotSupportTls12Or13.into()), Distrust::NothingInCommon);
        assert_eq!(alert(AlertDescription::UnrecognisedName), Distrust::Other);
        assert_eq!(Distrust::of(&CertificateError::BadSignature.into()), Distrust::Other);
    }
}
