//! One JWK (RFC 7517 4): it counts only if it is whole.
//!
//! In:    JSON text.
//! Out:   `Key`, ready to verify with its one algorithm.
//! Never: mends a key, or looks at what `x5u` and `x5c` point to.

use std::fmt;

use ring::error::Unspecified;
use serde_json::{Map, Value};

use crate::crypto::PublicKey;
use crate::error::KeyFault;
use crate::unverified::is_name;
use crate::{Algorithm, encoding, strict_json};

/// Members that only a private or symmetric key has (RFC 7518 6.2.2, 6.3.2, 6.4).
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A key that may verify tokens.
pub(crate) struct Key {
    kid: Option<String>,
    public: PublicKey,
}

impl Key {
    /// Reads and checks a JWK. A `kid` may be absent; a set asks for it.
    pub(crate) fn from_json(json: &str) -> Result<Self, KeyFault> {
        strict_json::check(json).map_err(|_| KeyFault::NotJson)?;
        let jwk: Map<String, Value> = serde_json::from_str(json).map_err(|_| KeyFault::NotJson)?;

        if SECRET_MEMBERS.iter().any(|name| jwk.contains_key(*name)) || text(&jwk, "kty") == Some("oct") {
            return Err(KeyFault::NotPublic);
        }
        let algorithm = algorithm_of(&jwk)?;
        may_verify(&jwk)?;
        let kid = kid_of(&jwk)?;
        let public = match algorithm {
            Algorithm::Es256 => PublicKey::p256(&exactly_32(&jwk, "x")?, &exactly_32(&jwk, "y")?)?,
            Algorithm::Rs256 => PublicKey::rsa(bytes(&jwk, "n")?, bytes(&jwk, "e")?)?,
            Algorithm::EdDsa => PublicKey::ed25519(exactly_32(&jwk, "x")?)?,
        };
        Ok(Self { kid, public })
    }

    /// Its name in a set.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm it verifies.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Whether it made this signature.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unspecified> {
        self.public.verify(message, signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {})", self.kid.as_deref().unwrap_or_default(), self.algorithm())
    }
}

/// The algorithm that type and curve allow; a key that names one must name that one.
fn algorithm_of(jwk: &Map<String, Value>) -> Result<Algorithm, KeyFault> {
    let algorithm = match (text(jwk, "kty"), text(jwk, "crv")) {
        (Some("EC"), Some("P-256")) => Algorithm::Es256,
        (Some("RSA"), None) => Algorithm::Rs256,
        (Some("OKP"), Some("Ed25519")) => Algorithm::EdDsa,
        _ => return Err(KeyFault::Unsupported),
    };
    match jwk.get("alg") {
        None => Ok(algorithm),
        Some(named) if named.as_str() == Some(algorithm.as_str()) => Ok(algorithm),
        Some(_) => Err(KeyFault::Unsupported),
    }
}

/// RFC 7517 4.2 and 4.3: both say what the key is for, when they are there.
fn may_verify(jwk: &Map<String, Value>) -> Result<(), KeyFault> {
    let is_for_signatures = jwk.get("use").is_none_or(|purpose| purpose.as_str() == Some("sig"));
    let allows_verifying = match jwk.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => {
            operations.iter().all(Value::is_string) && operations.iter().any(|operation| operation == "verify")
        }
        Some(_) => false,
    };
    if is_for_signatures && allows_verifying { Ok(()) } else { Err(KeyFault::NotForVerifying) }
}

fn kid_of(jwk: &Map<String, Value>) -> Result<Option<String>, KeyFault> {
    match jwk.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if is_name(kid) => Ok(Some(kid.clone())),
        Some(_) => Err(KeyFault::KeyId),
    }
}

fn text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Option<&'j str> {
    jwk.get(name).and_then(Value::as_str)
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyFault> {
    text(jwk, name).and_then(encoding::decode).ok_or(KeyFault::Encoding)
}

fn exactly_32(jwk: &Map<String, Value>, name: &str) -> Result<[u8; 32], KeyFault> {
    bytes(jwk, name)?.try_into().map_err(|_| KeyFault::Encoding)
}
