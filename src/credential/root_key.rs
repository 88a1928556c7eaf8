//! The root key: 32 bytes that seal everything secret at rest.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::{hkdf, rand::SecureRandom, rand::SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const LENGTH: usize = 32;

/// A root key. What each use needs is derived from it (HKDF-SHA-256, RFC 5869); it encrypts nothing itself.
#[derive(Clone, ZeroizeOnDrop)]
pub struct RootKey {
    bytes: [u8; LENGTH],
    #[zeroize(skip)]
    id: Box<str>,
}

/// Why a text is no root key. It says nothing of what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a root key is 32 bytes, written as 64 hexadecimal digits or in base64")]
pub struct NotARootKey;

impl RootKey {
    /// A new random root key.
    #[must_use]
    pub fn mint() -> Self {
        let mut bytes = [0; LENGTH];
        SystemRandom::new().fill(&mut bytes).expect("the operating system has random bytes");
        Self::new(bytes)
    }

    /// Reads 64 hexadecimal digits or base64 (either alphabet, padded or not); white space around is ignored.
    pub fn parse(text: &str) -> Result<Self, NotARootKey> {
        let text = text.trim();
        let bytes = Zeroizing::new(if text.len() == 2 * LENGTH {
            (0..LENGTH)
                .map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok())
                .collect::<Option<Vec<u8>>>()
                .ok_or(NotARootKey)?
        } else {
            [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
                .iter()
                .find_map(|engine| engine.decode(text).ok())
                .ok_or(NotARootKey)?
        });
        let mut bytes: [u8; LENGTH] = bytes.as_slice().try_into().map_err(|_| NotARootKey)?;
        let key = Self::new(bytes);
        bytes.zeroize();
        Ok(key)
    }

    /// As 64 hexadecimal digits, for the file it is kept in.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&self.bytes))
    }

    /// A name that tells two root keys apart and nothing else: it stands beside all that the key sealed.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// 32 bytes for one use.
    pub(super) fn derive(&self, use_for: &[u8]) -> Zeroizing<[u8; LENGTH]> {
        derive(&self.bytes, use_for)
    }

    fn new(bytes: [u8; LENGTH]) -> Self {
        let id = hex(&derive(&bytes, b"hallpass root key id")[..8]).into();
        Self { bytes, id }
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({})", self.id)
    }
}

/// The root keys that are live: one that seals, and while a replacement is under way one that still unseals.
#[derive(Clone, Debug)]
pub struct RootKeys {
    /// Seals and unseals.
    pub current: RootKey,
    /// Unseals only.
    pub previous: Option<RootKey>,
}

impl RootKeys {
    /// The key called `id`, if it is live.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&RootKey> {
        [Some(&self.current), self.previous.as_ref()].into_iter().flatten().find(|key| key.id() == id)
    }
}

fn derive(bytes: &[u8], use_for: &[u8]) -> Zeroizing<[u8; LENGTH]> {
    let mut derived = Zeroizing::new([0; LENGTH]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"hallpass")
        .extract(bytes)
        .expand(&[use_for], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *derived))
        .expect("32 bytes are within what HKDF-SHA-256 gives");
    derived
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_same_bytes_is_the_same_key() {
        let key = RootKey::mint();

        let spellings = [
            key.reveal().to_string(),
            format!(" {}\n", key.reveal().to_uppercase()),
            STANDARD.encode(key.bytes),
            URL_SAFE_NO_PAD.encode(key.bytes),
        ];

        for text in spellings {
            assert_eq!(RootKey::parse(&text).unwrap().id(), key.id());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "00", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64), &"ä".repeat(32), &STANDARD.encode([1; 31])]
        {
            assert_eq!(RootKey::parse(text).unwrap_err(), NotARootKey, "{text}");
        }
    }

    #[test]
    fn debug_does_not_show_the_key() {
        let key = RootKey::mint();

        assert!(!format!("{key:?}").contains(&*key.reveal()));
    }
}
