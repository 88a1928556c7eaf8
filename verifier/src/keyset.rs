//! The issuer's keys, by name (RFC 7517 5).
//!
//! In:    a JWKS document.
//! Out:   the keys that count, ready to verify; why the others do not.
//! Never: fetches anything.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Algorithm;
use crate::error::KeyFault;
use crate::jwk::Key;
use crate::limits::MAX_KEYS;

/// Keys by their `kid`.
///
/// A bad key costs itself only. Two good keys of one `kid` cost each other: which of them a token means can't be
/// told. For tests of a service, hand a set to [`VerifierBuilder::keys`](crate::VerifierBuilder::keys) and nothing is
/// ever fetched.
///
/// ```
/// let keys = hallpass_verifier::KeySet::from_jwks_json(r#"{"keys": [{"kty": "EC", "kid": "no coordinates"}]}"#)?;
///
/// assert!(keys.is_empty());
/// assert_eq!(keys.refused().len(), 1);
/// # Ok::<_, hallpass_verifier::NotAKeySet>(())
/// ```
#[derive(Default)]
pub struct KeySet {
    keys: HashMap<String, Key>,
    nameless: Vec<Key>,
    refused: Vec<KeyFault>,
    /// Of the document it was read from, byte for byte.
    digest: Option<[u8; 32]>,
}

/// Why a document is no JWKS. None of its keys is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeySet {
    /// Not a JSON object with an array called `keys`.
    #[error("the document is not a JSON object with an array `keys`")]
    NotJson,
    /// More keys than the limit, 64 unless set.
    #[error("the document has too many keys")]
    TooMany,
}

#[derive(Deserialize)]
struct Document<'j> {
    #[serde(borrow)]
    keys: Vec<&'j RawValue>,
}

impl KeySet {
    /// Reads a JWKS of at most 64 keys. A set without a single usable key is a set all the same.
    pub fn from_jwks_json(json: impl AsRef<[u8]>) -> Result<Self, NotAKeySet> {
        Self::read(json.as_ref(), MAX_KEYS)
    }

    pub(crate) fn read(json: &[u8], max_keys: usize) -> Result<Self, NotAKeySet> {
        let json = std::str::from_utf8(json).map_err(|_| NotAKeySet::NotJson)?;
        // Its type would also read itself from an array of values.
        if !json.trim_ascii_start().starts_with('{') {
            return Err(NotAKeySet::NotJson);
        }
        let document: Document<'_> = serde_json::from_str(json).map_err(|_| NotAKeySet::NotJson)?;
        if document.keys.len() > max_keys {
            return Err(NotAKeySet::TooMany);
        }
        let mut set = Self { digest: digest(&SHA256, json.as_bytes()).as_ref().try_into().ok(), ..Self::default() };
        let mut taken_twice = Vec::new();
        for jwk in document.keys {
            match Key::from_json(jwk.get()) {
                Ok(key) => set.add(key, &mut taken_twice),
                Err(fault) => set.refused.push(fault),
            }
        }
        for kid in taken_twice {
            if set.keys.remove(&kid).is_some() {
                set.refused.push(KeyFault::SharedKeyId);
            }
        }
        Ok(set)
    }

    fn add(&mut self, key: Key, taken_twice: &mut Vec<String>) {
        let Some(kid) = key.kid().map(str::to_owned) else {
            self.nameless.push(key);
            self.refused.push(KeyFault::KeyId);
            return;
        };
        match self.keys.entry(kid) {
            Entry::Vacant(place) => {
                place.insert(key);
            }
            Entry::Occupied(taken) => {
                taken_twice.push(taken.key().clone());
                self.refused.push(KeyFault::SharedKeyId);
            }
        }
    }

    /// Whether both were read from the same document, byte for byte.
    pub(crate) fn is_from_the_document_of(&self, other: &Self) -> bool {
        self.digest.is_some() && self.digest == other.digest
    }

    /// The key of that name.
    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    /// The key of that algorithm, with a name or without, if there is one and no other.
    pub(crate) fn only(&self, algorithm: Algorithm) -> Option<&Key> {
        let mut all = self.keys.values().chain(&self.nameless).filter(|key| key.algorithm() == algorithm);
        all.next().filter(|_| all.next().is_none())
    }

    /// The names of the keys that count, in no order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// How many keys count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys lack a `kid` and nothing else. They do not count, except for a token without a `kid` that comes to
    /// a [`RemoteKeySet`](crate::RemoteKeySet).
    #[must_use]
    pub fn nameless(&self) -> usize {
        self.nameless.len()
    }

    /// Why keys of the document do not count, one entry for each.
    #[must_use]
    pub fn refused(&self) -> &[KeyFault] {
        &self.refused
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.values()).finish()
    }
}
