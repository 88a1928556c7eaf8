//! The key ring: which keys sign, and what the JWKS shows. Built anew whenever a key changes; shared, never changed.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hallpass_verifier::{Algorithm, Claims, Profile};
use serde::Serialize;
use serde_json::{Value, json};

use super::{BadKeyPair, Document, IdClaims, KeyPair};

/// A key that signs, with its header encoded once per profile.
pub struct SigningKey {
    kid: Box<str>,
    algorithm: Algorithm,
    since: i64,
    pair: KeyPair,
    headers: Vec<(Profile, Box<str>)>,
    id_token_header: Box<str>,
}

impl SigningKey {
    /// The key `kid`, ready to sign, which it does since `since`.
    #[must_use]
    pub fn new(kid: &str, algorithm: Algorithm, since: i64, pair: KeyPair) -> Self {
        let header = |typ: &str| {
            // Nothing else may stand here: the order is that of the contract.
            let header = format!(r#"{{"alg":"{algorithm}","kid":"{kid}","typ":"{typ}"}}"#);
            BASE64URL.encode(header).into_boxed_str()
        };
        let profiles = Profile::ALL.into_iter().filter(|profile| profile.algorithm() == algorithm);
        Self {
            kid: kid.into(),
            algorithm,
            since,
            pair,
            headers: profiles.map(|profile| (profile, header(profile.typ()))).collect(),
            id_token_header: header("JWT"),
        }
    }
}

/// All signing keys as they stand.
#[derive(Default)]
pub struct Keyring {
    active: Vec<SigningKey>,
    published: Vec<(String, Algorithm, String)>,
    jwks: Option<Document>,
}

impl Keyring {
    /// A ring in which `active` sign (one for each algorithm in use) and `published` (JWK texts) are shown.
    #[must_use]
    pub fn new(active: Vec<SigningKey>, published: &[String]) -> Self {
        let keys: Vec<Value> = published.iter().filter_map(|jwk| serde_json::from_str(jwk).ok()).collect();
        let named = keys.iter().zip(published).filter_map(|(key, jwk)| {
            Some((key["kid"].as_str()?.to_owned(), key["alg"].as_str()?.parse().ok()?, jwk.clone()))
        });
        Self { active, published: named.collect(), jwks: Some(Document::new(&json!({ "keys": keys }))) }
    }

    /// The JWKS (RFC 7517 section 5), once the ring was loaded.
    #[must_use]
    pub const fn jwks(&self) -> Option<&Document> {
        self.jwks.as_ref()
    }

    /// Since when a key of each kind signs.
    pub fn active_since(&self) -> impl Iterator<Item = (Algorithm, i64)> {
        self.active.iter().map(|key| (key.algorithm, key.since))
    }

    /// The `kid` of the key that signs with `algorithm`.
    #[must_use]
    pub fn active_kid(&self, algorithm: Algorithm) -> Option<&str> {
        self.active.iter().find(|key| key.algorithm == algorithm).map(|key| &*key.kid)
    }

    /// Signs `claims` as `profile` wants it; `None` when no key of its kind is active here yet.
    #[must_use]
    pub fn sign(&self, profile: Profile, claims: &Claims) -> Option<Result<String, BadKeyPair>> {
        let (key, header) = self.active.iter().find_map(|key| {
            let (_, header) = key.headers.iter().find(|(own, _)| *own == profile)?;
            Some((key, header))
        })?;
        Some(key.pair.sign_jws(header, claims))
    }

    /// Signs an ID token; `None` when no key of its kind is active here yet.
    #[must_use]
    pub fn sign_id_token(&self, algorithm: Algorithm, claims: &IdClaims<'_>) -> Option<Result<String, BadKeyPair>> {
        let key = self.active.iter().find(|key| key.algorithm == algorithm)?;
        Some(key.pair.sign_jws(&key.id_token_header, claims))
    }

    /// Whether a token names a key, and none that is published here.
    #[must_use]
    pub fn lacks_key_of(&self, token: &str) -> bool {
        let kid = header(token).and_then(|header| Some(header["kid"].as_str()?.to_owned()));
        kid.is_some_and(|kid| !self.published.iter().any(|(own, ..)| *own == kid))
    }

    /// What a token of ours says: its `typ` and its payload, if a key that is published signed it. Nothing else about it
    /// is checked.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<(String, Value)> {
        let header = header(token)?;
        let (_, algorithm, jwk) = self.published.iter().find(|(kid, ..)| Some(&**kid) == header["kid"].as_str())?;
        let payload = hallpass_verifier::verify_jws(token, jwk, *algorithm).ok()?;
        Some((header["typ"].as_str()?.to_owned(), serde_json::from_slice(&payload).ok()?))
    }
}

/// What stands before a token's first dot.
fn header(token: &str) -> Option<Value> {
    let header = BASE64URL.decode(token.split('.').next()?).ok()?;
    serde_json::from_slice(&header).ok()
}

impl KeyPair {
    fn sign_jws(&self, header: &str, claims: &impl Serialize) -> Result<String, BadKeyPair> {
        let payload = serde_json::to_vec(claims).map_err(|_| BadKeyPair)?;
        let mut token = String::with_capacity(header.len() + payload.len() * 4 / 3 + 96);
        token.push_str(header);
        token.push('.');
        BASE64URL.encode_string(payload, &mut token);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.active.iter().map(|key| &key.kid)).finish()
    }
}
