//! Certificates trusted in addition to the built-in roots: `ca-file` and `SSL_CERT_FILE`.

use std::path::{Path, PathBuf};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use super::InvalidInput;
use crate::job::{environment::Environment, regular_file};

/// The largest bundle read, in bytes; the whole public web's roots are about 250 KiB.
const LARGEST_BUNDLE: u64 = 4 * 1024 * 1024;

/// Certificates that are trusted in addition.
#[derive(Clone, Debug)]
pub struct ExtraRoots {
    /// All of them.
    pub roots: RootCertStore,
    /// Where they came from.
    pub bundles: Vec<Bundle>,
}

/// A file with certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The input or variable that named it.
    pub named_by: &'static str,
    /// Its path.
    pub file: String,
    /// How many certificates it has.
    pub certificates: usize,
}

/// Reads both bundles.
///
/// # Errors
/// A bundle that was named but has no usable certificate: going on without it would trust less than
/// the user asked for, and the refusal that follows would name the wrong cause.
pub(super) fn extra(environment: &Environment, ca_file: Option<&str>) -> Result<ExtraRoots, InvalidInput> {
    let workspace = environment.path("GITHUB_WORKSPACE").unwrap_or(Path::new("."));
    let bundles =
        [("ca-file", ca_file.map(|file| workspace.join(file))), ("SSL_CERT_FILE", environment.path("SSL_CERT_FILE").map(PathBuf::from))];
    let mut extra = ExtraRoots { roots: RootCertStore::empty(), bundles: Vec::new() };
    for (named_by, path) in bundles {
        if let Some(path) = path {
            let problem = || InvalidInput::new(named_by, "must name a readable PEM file with at least one certificate");
            let certificates = add(&path, &mut extra.roots).ok_or_else(problem)?;
            extra.bundles.push(Bundle { named_by, file: path.display().to_string(), certificates });
        }
    }
    Ok(extra)
}

/// Adds all certificates of a bundle and counts them; `None` when there is none, or one cannot be used.
fn add(path: &Path, roots: &mut RootCertStore) -> Option<usize> {
    let pem = regular_file::read(path, LARGEST_BUNDLE).ok()?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (roots.len() > before).then(|| roots.len() - before)
}
