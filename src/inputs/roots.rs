//! Certificates trusted in addition to the built-in roots: `ca-file` and `SSL_CERT_FILE`.

use std::path::{Path, PathBuf};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::InvalidInput;
use crate::{environment::Environment, regular_file};

/// The largest bundle read, in bytes; the whole public web's roots are about 250 KiB.
const LARGEST_BUNDLE: u64 = 4 * 1024 * 1024;

/// Reads both bundles.
///
/// # Errors
/// A bundle that was named but has no usable certificate: going on without it would trust less than
/// the user asked for, and the refusal that follows would name the wrong cause.
pub(super) fn extra(environment: &Environment, ca_file: Option<&str>) -> Result<Vec<CertificateDer<'static>>, InvalidInput> {
    let workspace = environment.path("GITHUB_WORKSPACE").unwrap_or(Path::new("."));
    let bundles =
        [("ca-file", ca_file.map(|file| workspace.join(file))), ("SSL_CERT_FILE", environment.path("SSL_CERT_FILE").map(PathBuf::from))];
    let mut roots = Vec::new();
    for (name, path) in bundles {
        if let Some(path) = path {
            roots.append(
                &mut read(&path).ok_or_else(|| InvalidInput::new(name, "must name a readable PEM file with at least one certificate"))?,
            );
        }
    }
    Ok(roots)
}

fn read(path: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let pem = regular_file::read(path, LARGEST_BUNDLE).ok()?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().ok()?;
    let usable = certificates.iter().all(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    (usable && !certificates.is_empty()).then_some(certificates)
}
