//! TLS 1.2 and 1.3, with what a client needs that has no certificate of its own.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, KeyProvider, ring, ring::cipher_suite as suite};
use rustls::{ClientConfig, Error, RootCertStore, SupportedCipherSuite, pki_types::PrivateKeyDer, sign::SigningKey};

/// AES-GCM, which every server of TLS 1.3 has (RFC 8446, section 9.1). `ChaCha20`, which is for processors without it, and
/// signing with a key of our own would be 16 kB of the image (gzip).
const CIPHER_SUITES: [SupportedCipherSuite; 6] = [
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// There is no private key to load.
#[derive(Debug)]
struct NoPrivateKey;

impl KeyProvider for NoPrivateKey {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("no client certificates".to_owned()))
    }
}

/// The web's roots and these. The roots are compiled in as trust anchors, so that none is parsed.
pub(super) fn config(extra_roots: &RootCertStore) -> ClientConfig {
    let mut roots = extra_roots.clone();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = CryptoProvider { cipher_suites: CIPHER_SUITES.to_vec(), key_provider: &NoPrivateKey, ..ring::default_provider() };
    let builder = ClientConfig::builder_with_provider(Arc::new(provider));
    #[expect(clippy::expect_used, reason = "there are cipher suites of both versions")]
    let builder = builder.with_safe_default_protocol_versions().expect("TLS 1.2 and 1.3 are spoken");
    builder.with_root_certificates(roots).with_no_client_auth()
}
