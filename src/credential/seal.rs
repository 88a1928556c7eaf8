//! Sealing: AES-256-GCM under a key derived for one purpose, bound to one id.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::{RootKey, RootKeys};

/// The layout of a sealed value; it is bound into the value, so another layout can't be taken for this one.
const LAYOUT: u8 = 1;

/// What is sealed. Each purpose has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A private signing key, PKCS#8; its id is the `kid`.
    SigningKey,
    /// A pepper; its id is its version.
    Pepper,
    /// Our secret at a provider; its id is the provider's name.
    ProviderSecret,
    /// An API key on its way to the page that shows it; its id is the session's.
    NewKey,
}

/// Sealed bytes (layout, nonce, ciphertext and tag) and the root key that opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// [`RootKey::id`].
    pub root_key_id: String,
    /// What to keep.
    pub bytes: Vec<u8>,
}

/// A sealed value that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotUnseal {
    /// Its root key is not live.
    #[error("sealed by a root key that is not here")]
    UnknownRootKey,
    /// It was cut, changed, or moved to another id.
    #[error("sealed bytes do not belong here or were changed")]
    Broken,
}

impl RootKeys {
    /// Seals `plain` for `purpose` and `id` under the current root key.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, id: &str, plain: &[u8]) -> Sealed {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).expect("the operating system has random bytes");
        let mut text = Zeroizing::new(plain.to_vec());
        let tag = aead(&self.current, purpose)
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(id), &mut text)
            .expect("a secret is far shorter than what AES-GCM may seal");
        let bytes = [&[LAYOUT], &nonce[..], &text, tag.as_ref()].concat();
        Sealed { root_key_id: self.current.id().to_owned(), bytes }
    }

    /// Opens what [`RootKeys::seal`] sealed for the same `purpose` and `id`.
    pub fn unseal(&self, purpose: Purpose, id: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CannotUnseal> {
        let root_key = self.find(&sealed.root_key_id).ok_or(CannotUnseal::UnknownRootKey)?;
        let rest = sealed.bytes.strip_prefix(&[LAYOUT]).ok_or(CannotUnseal::Broken)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CannotUnseal::Broken)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = aead(root_key, purpose)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), bound_to(id), &mut text)
            .map_err(|_| CannotUnseal::Broken)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

fn aead(root_key: &RootKey, purpose: Purpose) -> LessSafeKey {
    let use_for: &[u8] = match purpose {
        Purpose::SigningKey => b"hallpass seal signing key",
        Purpose::Pepper => b"hallpass seal pepper",
        Purpose::ProviderSecret => b"hallpass seal provider secret",
        Purpose::NewKey => b"hallpass seal new key",
    };
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*root_key.derive(use_for)).expect("AES-256 takes 32 bytes"))
}

fn bound_to(id: &str) -> Aad<Vec<u8>> {
    Aad::from([&[LAYOUT], id.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> RootKeys {
        RootKeys { current: RootKey::mint(), previous: None }
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_purpose_and_id_only() {
        let keys = keys();
        let sealed = keys.seal(Purpose::Pepper, "1", b"secret");

        assert_eq!(*keys.unseal(Purpose::Pepper, "1", &sealed).unwrap(), b"secret");
        assert_eq!(keys.unseal(Purpose::Pepper, "2", &sealed), Err(CannotUnseal::Broken));
        assert_eq!(keys.unseal(Purpose::SigningKey, "1", &sealed), Err(CannotUnseal::Broken));
    }

    #[test]
    fn a_previous_root_key_opens_and_an_unknown_one_does_not() {
        let old = keys();
        let sealed = old.seal(Purpose::Pepper, "1", b"secret");
        let both = RootKeys { current: RootKey::mint(), previous: Some(old.current.clone()) };

        assert_eq!(*both.unseal(Purpose::Pepper, "1", &sealed).unwrap(), b"secret");
        assert_eq!(keys().unseal(Purpose::Pepper, "1", &sealed), Err(CannotUnseal::UnknownRootKey));
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let keys = keys();
        let sealed = keys.seal(Purpose::Pepper, "1", b"secret");

        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert_eq!(keys.unseal(Purpose::Pepper, "1", &changed), Err(CannotUnseal::Broken));
            changed.bytes.truncate(at);
            assert_eq!(keys.unseal(Purpose::Pepper, "1", &changed), Err(CannotUnseal::Broken));
        }
    }
}
