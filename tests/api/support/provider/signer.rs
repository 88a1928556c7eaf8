//! A provider's signing keys.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass::token::KeyPair;
use hallpass_verifier::Algorithm;
use serde_json::Value;

/// Making one takes a while.
static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| KeyPair::generate(Algorithm::Rs256).expect("a key pair").to_vec());

/// A key that signs ID tokens.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    pair: KeyPair,
    /// As the JWKS shows it.
    pub(crate) jwk: Value,
}

impl Signer {
    pub(crate) fn es256(kid: &str) -> Self {
        Self::new(kid, Algorithm::Es256, &KeyPair::generate(Algorithm::Es256).expect("a key pair"))
    }

    pub(crate) fn eddsa(kid: &str) -> Self {
        Self::new(kid, Algorithm::EdDsa, &KeyPair::generate(Algorithm::EdDsa).expect("a key pair"))
    }

    pub(crate) fn rs256(kid: &str) -> Self {
        Self::new(kid, Algorithm::Rs256, &RSA)
    }

    fn new(kid: &str, algorithm: Algorithm, pkcs8: &[u8]) -> Self {
        let pair = KeyPair::from_pkcs8(algorithm, pkcs8).expect("a key pair");
        let mut jwk: Value = serde_json::from_str(&pair.public().expect("a public key").jwk).expect("a JWK");
        jwk["kid"] = kid.into();
        Self { algorithm, pair, jwk }
    }

    /// A compact JWS of any header and payload.
    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.pair.sign(signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
