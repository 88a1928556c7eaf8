//! Peppers: what the secrets of API keys are hashed with.
//!
//! A random 190-bit secret needs no slow hash: nobody finds it by trying, and a slow one is paid on every exchange.

use std::fmt;

use ring::{hmac, rand::SecureRandom, rand::SystemRandom};
use zeroize::Zeroizing;

use super::ApiKey;

/// HMAC-SHA-256 of a key's secret under a pepper: what is kept of a key.
pub type SecretHash = [u8; 32];

/// 32 random bytes, with the version that stands beside each hash made with them.
pub struct Pepper {
    id: i64,
    key: hmac::Key,
}

impl Pepper {
    /// New bytes for a pepper; they are kept sealed.
    #[must_use]
    pub fn mint() -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(&mut *bytes).expect("the operating system has random bytes");
        bytes
    }

    /// The pepper of version `id`.
    #[must_use]
    pub fn new(id: i64, bytes: &[u8]) -> Self {
        Self { id, key: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
    }

    /// Its version.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// What to keep of `key`.
    #[must_use]
    pub fn hash(&self, key: &ApiKey) -> SecretHash {
        let tag = hmac::sign(&self.key, key.secret());
        tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Whether `kept` was made from `key`, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, key: &ApiKey, kept: &SecretHash) -> bool {
        hmac::verify(&self.key, key.secret(), kept).is_ok()
    }

    /// HMAC-SHA-256 of `message`, for what is derived from a secret and must not be derived by who only has that.
    pub(super) fn derive(&self, message: &[u8]) -> SecretHash {
        hmac::sign(&self.key, message).as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Environment;

    #[test]
    fn the_vector_of_the_contract() {
        let text = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";
        let key = ApiKey::parse(&"hp".parse().unwrap(), text).unwrap();

        let hash = Pepper::new(1, &[0x42; 32]).hash(&key);

        let expected = "3b0f2347e2cf26d456f4116f966320a05f7e16e394e2df2a42004c30113b1776";
        let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&expected[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(hash.as_slice(), bytes);
    }

    #[test]
    fn only_the_same_secret_under_the_same_pepper_matches() {
        let (key, other) = (ApiKey::mint(Environment::Live), ApiKey::mint(Environment::Live));
        let pepper = Pepper::new(1, &*Pepper::mint());

        let kept = pepper.hash(&key);

        assert!(pepper.matches(&key, &kept));
        assert!(!pepper.matches(&other, &kept));
        assert!(!Pepper::new(2, &*Pepper::mint()).matches(&key, &kept));
    }
}
