//! ID tokens (OpenID Connect Core 1.0 section 2): signed by a key that lives as long as the process.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hallpass_verifier::{Algorithm, verify_jws};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::token::{BadKeyPair, Document, KeyPair};

/// ES256: an RSA key would take a second to make.
pub(super) const ALGORITHM: Algorithm = Algorithm::Es256;

/// The key pair, with its header encoded once.
pub(super) struct Signer {
    pair: KeyPair,
    jwk: String,
    header: String,
}

impl Signer {
    /// With a fresh key.
    pub(super) fn mint() -> Result<Self, BadKeyPair> {
        let pair = KeyPair::from_pkcs8(ALGORITHM, &KeyPair::generate(ALGORITHM)?)?;
        let public = pair.public()?;
        let header = BASE64URL.encode(format!(r#"{{"alg":"{ALGORITHM}","kid":"{}","typ":"JWT"}}"#, public.kid));
        Ok(Self { pair, jwk: public.jwk, header })
    }

    /// The JWKS (RFC 7517 section 5).
    pub(super) fn jwks(&self) -> Document {
        let key: Value = serde_json::from_str(&self.jwk).unwrap_or_default();
        Document::new(&json!({ "keys": [key] }))
    }

    /// The ID token with `claims`.
    pub(super) fn sign(&self, claims: &Value) -> Result<String, BadKeyPair> {
        let signed = format!("{}.{}", self.header, BASE64URL.encode(claims.to_string()));
        let signature = self.pair.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
    }

    /// The claims of an ID token of ours, expired or not: a hint, which lets nobody in.
    pub(super) fn read_hint(&self, id_token: &str) -> Option<Value> {
        serde_json::from_slice(&verify_jws(id_token, &self.jwk, ALGORITHM).ok()?).ok()
    }
}

/// What binds an access token to the ID token beside it: the left half of its hash (section 3.1.3.6).
pub(super) fn at_hash(access_token: &str) -> String {
    BASE64URL.encode(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16])
}
