//! Where the key comes from, each time that it is shown.

mod callback;
mod environment;
mod file;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

pub(crate) use callback::Callback;
pub(crate) use environment::{Usual, Variable};
pub(crate) use file::{File, Reader};

use crate::answer::is_repeated;
use crate::error::NoKey;
use crate::limits::{MAX_KEY, TELLING_PIECE};

/// What a [`KeySource`] gives.
pub type KeyFuture<'a> = Pin<Box<dyn Future<Output = Result<Key, NoKey>> + Send + 'a>>;

/// Where a key comes from. It is asked before each trade, and once more when the issuer refuses what it gave: the key may
/// just have been rotated.
///
/// The builder has the usual ones: a variable, a file, a callback.
pub trait KeySource: Send + Sync + 'static {
    /// The key as it is now.
    fn key(&self) -> KeyFuture<'_>;
}

/// An API key. `Debug` shows at most its public part.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Arc<Zeroizing<String>>);

impl Key {
    /// Reads a key: text without space around it, of visible ASCII characters, at most 4 KiB.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let text = text.trim();
        match text.len() {
            0 => Err(NoKey::Empty),
            length if length <= MAX_KEY && text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(Arc::new(Zeroizing::new(text.to_owned()))))
            }
            _ => Err(NoKey::Malformed),
        }
    }

    /// The key itself. Not for a log.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether this text has a piece of what is secret in it, as it is or in Base64. Whoever echoes a request may have cut
    /// it, or have shown the key onwards as a password.
    pub(crate) fn is_told_by(&self, text: &str) -> bool {
        let secret =
            Zeroizing::new(self.0[self.name().len()..].chars().filter(|char| is_repeated(*char)).collect::<String>());
        // What stands before it moves its letters by nothing, one byte or two.
        let in_base64 = ["", " ", "  "].map(|before| base64(&Zeroizing::new(format!("{before}{}", *secret))));
        std::iter::once(&secret).chain(&in_base64).any(|form| {
            let mut pieces = form.as_bytes().windows(form.len().clamp(1, TELLING_PIECE));
            pieces.any(|piece| text.as_bytes().windows(piece.len()).any(|part| part == piece))
        })
    }

    /// What may be shown of it: `hp_live_0123456789ABCDEF`, which names the key and proves nothing. Of a text that does
    /// not look like a key of Hallpass, nothing.
    pub(crate) fn name(&self) -> &str {
        let is_word =
            |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match self.0.rsplit_once('_') {
            Some((name, secret))
                if is_word(secret, 38) && name.rsplit_once('_').is_some_and(|(_, id)| is_word(id, 16)) =>
            {
                name
            }
            _ => "",
        }
    }
}

/// In Base64, whole letters only. With `+` and `/`; what has `-` and `_` instead differs in a letter or two.
fn base64(text: &str) -> Zeroizing<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut letters = Zeroizing::new(String::with_capacity(text.len() * 4 / 3));
    for three in text.as_bytes().chunks_exact(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        letters.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[bits >> shift & 63])));
    }
    letters
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}…)", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";

    #[test]
    fn a_key_shows_its_name_and_never_its_secret() {
        let shown = |text: &str| format!("{:?}", Key::parse(text).unwrap());

        assert_eq!(shown(KEY), "Key(hp_live_0123456789ABCDEF…)");
        for other in ["secret", "a_secret", "hp_live_0123456789ABCDEF_short", &KEY[8..], &KEY[..24], &format!("{KEY}-")]
        {
            assert!(["Key(…)", "Key(0123456789ABCDEF…)"].contains(&&*shown(other)), "{}", shown(other));
        }
    }

    #[test]
    fn a_text_with_a_piece_of_a_key_tells_it() {
        let tells = |key: &str, text: &str| Key::parse(key).unwrap().is_told_by(text);

        for text in [
            KEY,
            &format!("Authorization: Bearer {KEY}"),
            &format!("cut: {}", &KEY[..40]),
            "Basic OmhwX2xpdmVfMDEyMzQ1Njc4OUFCQ0RFRl9HSElKS0xNTk9QUVJTVFVWV1hZWmFiY2RlZmdoaWprbDFKSWRXbg==",
            "Basic czpocF9saXZlXzAxMjM0NTY3ODlBQkNERUZfR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2wxSklkV24=",
            "Basic c2g6aHBfbGl2ZV8wMTIzNDU2Nzg5QUJDREVGX0dISUpLTE1OT1BRUlNUVVZXWFlaYWJjZGVmZ2hpamtsMUpJZFdu",
        ] {
            assert!(tells(KEY, text), "{text}");
        }
        for text in ["", "no", "a valid API key is needed", "hp_live_0123456789ABCDEF is revoked", &KEY[..28]] {
            assert!(!tells(KEY, text), "{text}");
        }
        assert!(tells("short", "is it short?") && !tells("short", "shor") && !tells("\"", "\""));
    }

    #[test]
    fn what_is_no_key_is_not_shown_to_anyone() {
        assert_eq!(Key::parse(&format!(" {KEY}\n")).unwrap().reveal(), KEY);
        assert!(matches!(Key::parse(" \n"), Err(NoKey::Empty)));
        for text in ["two words", "line\nbreak", "é", "\u{feff}key", &"x".repeat(MAX_KEY + 1)] {
            assert!(matches!(Key::parse(text), Err(NoKey::Malformed)), "{text}");
        }
    }
}
