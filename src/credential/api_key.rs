//! API keys: `hp_live_<id>_<secret><check>`.

use std::fmt;
use std::str::FromStr;

use zeroize::ZeroizeOnDrop;

use super::base62;
use super::shape::{self, ID, SECRET};

/// What stands before the first `_` of every key: `hp` unless the operator sets another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(Box<str>);

impl Prefix {
    /// As text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prefix {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_good = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_good { Ok(Self(text.into())) } else { Err("a key prefix is 1 to 16 letters and digits") }
    }
}

/// Where a key is meant to be used. The checksum covers it: a test key can't be edited into a live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// For real.
    Live,
    /// For trying out.
    Test,
}

impl Environment {
    /// As it stands in a key and in the `env` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "live" => Ok(Self::Live),
            "test" => Ok(Self::Test),
            _ => Err("an environment is `live` or `test`"),
        }
    }
}

/// The public part of a key: 16 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; ID]);

impl KeyId {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = NotAnApiKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; ID] = text.as_bytes().try_into().map_err(|_| NotAnApiKey)?;
        if bytes.iter().all(u8::is_ascii_alphanumeric) { Ok(Self(bytes)) } else { Err(NotAnApiKey) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A well-formed API key. Whether it is anybody's is another question.
#[derive(Clone, ZeroizeOnDrop)]
pub struct ApiKey {
    #[zeroize(skip)]
    environment: Environment,
    #[zeroize(skip)]
    id: KeyId,
    secret: [u8; SECRET],
}

/// The text has not the form of an API key; which part is wrong is nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct NotAnApiKey;

impl ApiKey {
    /// Makes a new key: 16 random letters and digits as its id, 32 (190 bits) as its secret.
    #[must_use]
    pub fn mint(environment: Environment) -> Self {
        Self { environment, id: KeyId(base62::random()), secret: base62::random() }
    }

    /// Reads a key. Its length, alphabet and checksum are checked; nothing is looked up.
    pub fn parse(prefix: &Prefix, text: &str) -> Result<Self, NotAnApiKey> {
        let parse = |environment: Environment| {
            let (id, secret) = shape::parse(prefix, environment.as_str(), text)?;
            Some(Self { environment, id: KeyId(id), secret })
        };
        parse(Environment::Live).or_else(|| parse(Environment::Test)).ok_or(NotAnApiKey)
    }

    /// The whole key as text: to be shown once, to who asked for it, and to nobody else.
    #[must_use]
    pub fn reveal(&self, prefix: &Prefix) -> String {
        shape::reveal(prefix, self.environment.as_str(), &self.id.0, &self.secret)
    }

    /// Its public part.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Where it is meant to be used.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    pub(super) const fn secret(&self) -> &[u8; SECRET] {
        &self.secret
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}…)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIVE: &str = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";
    const TEST: &str = "hp_test_zyxwvutsrqponmlk_jihgfedcbaZYXWVUTSRQPONMLKJIHGFE1bPUfk";

    fn hp() -> Prefix {
        "hp".parse().unwrap()
    }

    #[test]
    fn the_vectors_parse_and_print_as_they_were() {
        for (text, environment) in [(LIVE, Environment::Live), (TEST, Environment::Test)] {
            let key = ApiKey::parse(&hp(), text).unwrap();

            assert_eq!(key.reveal(&hp()), text);
            assert_eq!(key.environment(), environment);
        }
    }

    #[test]
    fn debug_shows_the_id_and_nothing_secret() {
        let key = ApiKey::parse(&hp(), LIVE).unwrap();

        assert_eq!(format!("{key:?}"), "ApiKey(0123456789ABCDEF…)");
    }

    #[test]
    fn a_test_key_is_not_a_live_one() {
        assert!(ApiKey::parse(&hp(), &LIVE.replace("live", "test")).is_err());
        assert!(ApiKey::parse(&hp(), &TEST.replace("test", "live")).is_err());
        assert!(ApiKey::parse(&"acme".parse().unwrap(), LIVE).is_err());
    }

    #[test]
    fn a_prefix_is_letters_and_digits() {
        for text in ["", "a_b", "ä", "a-b", "seventeenletters1"] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_minted_parses_and_prints_alike(prefix in "[0-9A-Za-z]{1,16}", live: bool) {
            let prefix: Prefix = prefix.parse().unwrap();
            let key = ApiKey::mint(if live { Environment::Live } else { Environment::Test });

            let read = ApiKey::parse(&prefix, &key.reveal(&prefix)).unwrap();

            prop_assert_eq!(read.reveal(&prefix), key.reveal(&prefix));
        }

        #[test]
        fn any_one_changed_character_is_refused(at in 0..LIVE.len(), to: char) {
            let mut text: Vec<char> = LIVE.chars().collect();
            prop_assume!(text[at] != to);
            text[at] = to;

            prop_assert!(ApiKey::parse(&hp(), &text.iter().collect::<String>()).is_err());
        }

        #[test]
        fn any_other_text_is_refused_without_a_panic(text in ".*", cut in 0..LIVE.len()) {
            prop_assert!(ApiKey::parse(&hp(), &text).is_err());
            prop_assert!(ApiKey::parse(&hp(), &LIVE[..cut]).is_err());
            let longer = format!("{LIVE}{text}x");
            prop_assert!(ApiKey::parse(&hp(), &longer).is_err());
        }
    }
}
