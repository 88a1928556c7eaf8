//! Slips: the short-lived secrets that a sign-in leaves in other hands, each of a kind that no other is taken for.

use std::fmt;

use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::shape::{self, SECRET};
use super::{KeyId, Pepper, Prefix, SecretHash, base62};

/// What a slip is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipKind {
    /// A browser in which somebody is signed in: the cookie.
    Session,
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
}

impl SlipKind {
    const fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Code => "code",
            Self::Refresh => "refresh",
        }
    }
}

/// A well-formed slip. Whether it is anybody's is another question.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Slip {
    #[zeroize(skip)]
    kind: SlipKind,
    #[zeroize(skip)]
    id: KeyId,
    secret: [u8; SECRET],
}

/// The text has not the form of such a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a slip of this kind")]
pub struct NotASlip;

impl Slip {
    /// Makes a new one: 190 random bits beside its id.
    #[must_use]
    pub fn mint(kind: SlipKind) -> Self {
        Self { kind, id: KeyId(base62::random()), secret: base62::random() }
    }

    /// Reads a slip of one kind.
    pub fn parse(prefix: &Prefix, kind: SlipKind, text: &str) -> Result<Self, NotASlip> {
        let (id, secret) = shape::parse(prefix, kind.label(), text).ok_or(NotASlip)?;
        Ok(Self { kind, id: KeyId(id), secret })
    }

    /// The whole slip as text, for who shall hold it.
    #[must_use]
    pub fn reveal(&self, prefix: &Prefix) -> String {
        shape::reveal(prefix, self.kind.label(), &self.id.0, &self.secret)
    }

    /// Its public part.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What to keep of it. A random 190-bit secret needs no slow hash and no key.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        digest(&SHA256, &self.secret).as_ref().try_into().expect("SHA-256 has 32 bytes")
    }

    /// Whether `kept` was made from it, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, kept: &[u8]) -> bool {
        self.hash().ct_eq(kept).into()
    }

    /// The one slip that takes this one's place: always the same, so that it can be given again when an answer was lost,
    /// though nobody keeps it. Only who has the pepper can tell it from this one.
    #[must_use]
    pub fn successor(&self, pepper: &Pepper) -> Self {
        let message = [b"hallpass successor ", self.kind.label().as_bytes(), &self.id.0, &self.secret].concat();
        let seed = pepper.derive(&message);
        let mut count = 0_u8;
        let mut fill = |bytes: &mut [u8; 32]| {
            count += 1;
            *bytes = pepper.derive(&[&seed[..], &[count]].concat());
        };
        Self { kind: self.kind, id: KeyId(base62::from_bytes(&mut fill)), secret: base62::from_bytes(&mut fill) }
    }
}

impl fmt::Debug for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({}…)", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_one_kind_is_no_other() {
        let prefix: Prefix = "hp".parse().unwrap();
        let code = Slip::mint(SlipKind::Code);
        let text = code.reveal(&prefix);

        assert!(Slip::parse(&prefix, SlipKind::Code, &text).unwrap().matches(&code.hash()));
        assert!(Slip::parse(&prefix, SlipKind::Refresh, &text).is_err());
        assert!(Slip::parse(&prefix, SlipKind::Refresh, &text.replace("code", "refresh")).is_err());
        assert!(!format!("{code:?}").contains(&text));
    }

    #[test]
    fn a_successor_is_always_the_same_and_needs_the_pepper() {
        let token = Slip::mint(SlipKind::Refresh);
        let (pepper, other) = (Pepper::new(1, &[1; 32]), Pepper::new(2, &[2; 32]));

        let next = token.successor(&pepper);

        assert!(token.successor(&pepper).matches(&next.hash()));
        assert_eq!(token.successor(&pepper).id(), next.id());
        assert!(!token.successor(&other).matches(&next.hash()));
        assert_ne!(next.id(), token.id());
        assert!(!next.matches(&token.hash()));
    }
}
