//! Browsers: a random secret in a cookie, and all that binds a journey to the browser it began in.
//!
//! What must be secret until a person comes back (the nonce, the PKCE verifier) is derived from it, so nothing of the
//! kind is at rest anywhere.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::{digest, hmac};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::base62;

const LENGTH: usize = 32;

/// SHA-256 of a text that only its holder knows: what is kept of it.
pub type Fingerprint = [u8; 32];

/// What is kept of `text`.
#[must_use]
pub fn fingerprint(text: &str) -> Fingerprint {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The secret of one browser: 190 random bits.
#[derive(Clone)]
pub struct BrowserSecret(Zeroizing<String>);

impl BrowserSecret {
    /// Makes a new one.
    #[must_use]
    pub fn mint() -> Self {
        Self(Zeroizing::new(random_text()))
    }

    /// Reads what a cookie holds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_good = text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_good.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret as text, for its cookie.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.0)
    }

    /// Whether `kept` is of this browser.
    #[must_use]
    pub fn matches(&self, kept: &[u8]) -> bool {
        self.fingerprint().ct_eq(kept).into()
    }

    /// What forms carry to show that a page of ours sent them, which was shown to `person`; to nobody in particular when
    /// that is empty.
    #[must_use]
    pub fn csrf_token(&self, person: &str) -> String {
        self.derive("csrf", person)
    }

    /// Whether a form carries it.
    #[must_use]
    pub fn is_csrf_token(&self, person: &str, shown: &str) -> bool {
        self.csrf_token(person).as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// The `nonce` of the sign-in with this `state` (OpenID Connect Core section 3.1.2.1).
    #[must_use]
    pub fn nonce(&self, state: &str) -> String {
        self.derive("nonce", state)
    }

    /// The PKCE verifier of the sign-in with this `state` (RFC 7636 section 4.1): 43 base64url characters.
    #[must_use]
    pub fn code_verifier(&self, state: &str) -> String {
        self.derive("pkce", state)
    }

    fn derive(&self, label: &str, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        BASE64URL.encode(hmac::sign(&key, format!("hallpass {label} {text}").as_bytes()))
    }
}

impl fmt::Debug for BrowserSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserSecret(…)")
    }
}

/// 32 random letters and digits: a `state`, a handle.
#[must_use]
pub fn random_text() -> String {
    base62::random::<LENGTH>().iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_differs_by_browser_use_and_state() {
        let (one, other) = (BrowserSecret::mint(), BrowserSecret::mint());

        let derived = [
            one.nonce("a"),
            one.nonce("b"),
            one.code_verifier("a"),
            one.csrf_token(""),
            one.csrf_token("a"),
            other.nonce("a"),
            other.csrf_token(""),
        ];

        let distinct: std::collections::BTreeSet<_> = derived.iter().collect();
        assert_eq!(distinct.len(), derived.len());
        assert!(derived.iter().all(|text| text.len() == 43));
        assert!(one.is_csrf_token("a", &one.csrf_token("a")) && !one.is_csrf_token("a", &other.csrf_token("a")));
        assert!(!one.is_csrf_token("b", &one.csrf_token("a")) && !one.is_csrf_token("", &one.csrf_token("a")));
    }

    #[test]
    fn a_cookie_is_read_as_it_was_made() {
        let secret = BrowserSecret::mint();

        assert!(BrowserSecret::parse(secret.reveal()).unwrap().matches(&secret.fingerprint()));
        assert!(BrowserSecret::parse("").is_none());
        assert!(BrowserSecret::parse(&"ä".repeat(16)).is_none());
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }
}
