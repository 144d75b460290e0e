//! TLS 1.2 and 1.3, with what a client needs that has no certificate of its own.

use std::sync::Arc;

use rustls::{
    ClientConfig, Error, RootCertStore, SignatureScheme, SupportedCipherSuite,
    crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms, ring, ring::cipher_suite as suite},
    pki_types::PrivateKeyDer,
    sign::SigningKey,
};
use webpki::ring as signature;

use crate::random;

/// AES-GCM, which every server of TLS 1.3 has (RFC 8446, section 9.1). `ChaCha20`, which is for processors without it, would be
/// 17 kB of the image (gzip).
const CIPHER_SUITES: [SupportedCipherSuite; 6] = [
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// The signatures that [`ring::default_provider`] verifies, too. That is not used: it would bring what is left out here.
static SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        signature::ECDSA_P256_SHA256,
        signature::ECDSA_P256_SHA384,
        signature::ECDSA_P384_SHA256,
        signature::ECDSA_P384_SHA384,
        signature::ED25519,
        signature::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        signature::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        signature::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        signature::RSA_PKCS1_2048_8192_SHA256,
        signature::RSA_PKCS1_2048_8192_SHA384,
        signature::RSA_PKCS1_2048_8192_SHA512,
        signature::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        signature::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        signature::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    ],
    // In TLS 1.2 the curve is not fixed by the scheme.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[signature::ECDSA_P384_SHA384, signature::ECDSA_P256_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[signature::ECDSA_P256_SHA256, signature::ECDSA_P384_SHA256]),
        (SignatureScheme::ED25519, &[signature::ED25519]),
        (SignatureScheme::RSA_PSS_SHA512, &[signature::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[signature::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[signature::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[signature::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[signature::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[signature::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

/// The operating system's randomness.
#[derive(Debug)]
struct Random;

impl SecureRandom for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        random::fill(bytes).map_err(|_| GetRandomFailed)
    }
}

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
    let provider = CryptoProvider {
        cipher_suites: CIPHER_SUITES.to_vec(),
        kx_groups: ring::DEFAULT_KX_GROUPS.to_vec(),
        signature_verification_algorithms: SIGNATURES,
        secure_random: &Random,
        key_provider: &NoPrivateKey,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(provider));
    #[expect(clippy::expect_used, reason = "there are cipher suites of both versions")]
    let builder = builder.with_safe_default_protocol_versions().expect("TLS 1.2 and 1.3 are spoken");
    builder.with_root_certificates(roots).with_no_client_auth()
}
