//! PKCE (RFC 7636): who redeems a code is who asked for it. S256 only; `plain` proves nothing to who reads the URL.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// SHA-256 in base64url.
const CHALLENGE: usize = 43;
const VERIFIER_MIN: usize = 43;
const VERIFIER_MAX: usize = 128;

/// The hash of a verifier: travels with the request for a code, and may be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Challenge([u8; CHALLENGE]);

/// The text is no S256 challenge: 43 base64url characters (RFC 7636 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code challenge")]
pub struct NotAChallenge;

impl Challenge {
    /// As it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether `verifier` is the one behind it; how nearly it is takes no part in how long this takes.
    #[must_use]
    pub fn matches(&self, verifier: &Verifier) -> bool {
        verifier.challenge().0.ct_eq(&self.0).into()
    }
}

impl FromStr for Challenge {
    type Err = NotAChallenge;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; CHALLENGE] = text.as_bytes().try_into().map_err(|_| NotAChallenge)?;
        let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if bytes.iter().all(is_base64url) { Ok(Self(bytes)) } else { Err(NotAChallenge) }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The secret behind a challenge: shown once, when the code is redeemed.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Verifier(String);

/// The text is no verifier: 43 to 128 unreserved characters (RFC 7636 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code verifier")]
pub struct NotAVerifier;

impl Verifier {
    /// Makes a new one: 32 random bytes.
    #[must_use]
    pub fn mint() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(&mut *bytes).expect("the operating system has random bytes");
        Self(BASE64URL.encode(*bytes))
    }

    /// What may be sent ahead of it.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        let mut text = [0; CHALLENGE];
        let hash = digest(&SHA256, self.0.as_bytes());
        let written = BASE64URL.encode_slice(hash, &mut text);
        debug_assert_eq!(written, Ok(CHALLENGE));
        Challenge(text)
    }

    /// The whole verifier as text: for the token endpoint, and for nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Verifier {
    type Err = NotAVerifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let is_good = (VERIFIER_MIN..=VERIFIER_MAX).contains(&text.len()) && text.bytes().all(is_unreserved);
        if is_good { Ok(Self(text.to_owned())) } else { Err(NotAVerifier) }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_vector_of_the_rfc_matches() {
        let (verifier, challenge): (Verifier, Challenge) = (VERIFIER.parse().unwrap(), CHALLENGE.parse().unwrap());

        assert_eq!(verifier.challenge(), challenge);
        assert!(challenge.matches(&verifier));
        assert_eq!((challenge.as_str(), verifier.reveal()), (CHALLENGE, VERIFIER));
    }

    #[test]
    fn a_challenge_is_not_its_own_verifier() {
        let challenge: Challenge = CHALLENGE.parse().unwrap();

        assert!(!challenge.matches(&CHALLENGE.parse().unwrap()));
    }

    #[test]
    fn a_verifier_is_43_to_128_unreserved_characters() {
        for good in [&"a".repeat(43), &"-._~0Z".repeat(21), &"a".repeat(128)] {
            assert!(good.parse::<Verifier>().is_ok(), "{good}");
        }
        for bad in
            ["", &"a".repeat(42), &"a".repeat(129), &format!("{} ", "a".repeat(43)), &"+".repeat(43), &"é".repeat(30)]
        {
            assert!(bad.parse::<Verifier>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_challenge_is_43_base64url_characters() {
        for bad in ["", &CHALLENGE[1..], &format!("{CHALLENGE}="), &CHALLENGE.replace('-', "+"), &"~".repeat(43)] {
            assert!(bad.parse::<Challenge>().is_err(), "{bad}");
        }
    }

    #[test]
    fn debug_shows_nothing_secret() {
        assert_eq!(format!("{:?}", VERIFIER.parse::<Verifier>().unwrap()), "Verifier(…)");
    }

    #[test]
    fn what_is_minted_parses_and_is_never_the_same() {
        let (one, other) = (Verifier::mint(), Verifier::mint());

        assert!(one.challenge().matches(&one.reveal().parse().unwrap()));
        assert!(!one.challenge().matches(&other));
    }

    proptest! {
        #[test]
        fn any_one_changed_character_is_refused(at in 0..VERIFIER.len(), to in "[A-Za-z0-9._~-]") {
            let mut text = VERIFIER.to_owned();
            text.replace_range(at..=at, &to);
            prop_assume!(text != VERIFIER);

            prop_assert!(!CHALLENGE.parse::<Challenge>().unwrap().matches(&text.parse().unwrap()));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let _ = (text.parse::<Challenge>(), text.parse::<Verifier>());
        }
    }
}
