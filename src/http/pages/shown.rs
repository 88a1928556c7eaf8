//! Text of others on its way to a page: names, addresses, ids that a person, an app or a provider chose.

use std::fmt;

use url::Url;

use crate::limit;

/// Text of others, without what could disturb the words around it: no control characters, and none that turn the
/// direction of reading, since `\u{202e}` makes one name look like another. Cut where a page has no more room.
///
/// It prints as it is; the templates escape it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Shown(String);

impl Shown {
    /// The first letter, for a tile; upper case where there is one.
    pub(in crate::http) fn initial(&self) -> String {
        self.0
            .chars()
            .find(|char| char.is_alphanumeric())
            .map_or_else(String::new, |char| char.to_uppercase().collect())
    }

    /// The text.
    pub(in crate::http) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character turns the direction of reading or hides (Unicode TR 9 and TR 36).
const fn is_treacherous(char: char) -> bool {
    matches!(
        char,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        let mut harmless = text.chars().map(|char| if char.is_whitespace() { ' ' } else { char });
        let mut harmless = harmless.by_ref().filter(|char| !char.is_control() && !is_treacherous(*char));
        let mut kept: String = harmless.by_ref().take(limit::TEXT_MAX).collect();
        if harmless.next().is_some() {
            kept.push('…');
        }
        Self(kept)
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self::from(&*text)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address of others that may stand in a link: `http` or `https`, never `javascript:` or the like.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::http) struct WebLink(String);

impl WebLink {
    /// The link to `address`, if a page may have it.
    pub(in crate::http) fn read(address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        // What has a name and a password before its host looks like another host.
        let is_plain = url.username().is_empty() && url.password().is_none() && url.has_host();
        (is_plain && matches!(url.scheme(), "http" | "https")).then(|| Self(url.into()))
    }
}

impl fmt::Display for WebLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_turn_the_words_around_it() {
        assert_eq!(Shown::from("Bank\u{202e}live\u{2069}\u{0}\n\u{200b}App").as_str(), "Banklive App");
        assert_eq!(Shown::from("متجر الكتب").as_str(), "متجر الكتب");
    }

    #[test]
    fn a_long_name_is_cut() {
        let shown = Shown::from("ä".repeat(100_000));

        assert_eq!(shown.as_str().chars().count(), limit::TEXT_MAX + 1);
        assert!(shown.as_str().ends_with('…'));
    }

    #[test]
    fn only_web_addresses_become_links() {
        for bad in [
            "javascript:alert(1)",
            " \u{1}JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>",
            "//elsewhere.example",
            "/account",
            "myapp://callback",
            "https://bank.example@elsewhere.example/",
            "",
        ] {
            assert!(WebLink::read(bad).is_none(), "{bad:?}");
        }
        assert_eq!(WebLink::read("https://orders.example/a?b=c").unwrap().to_string(), "https://orders.example/a?b=c");
    }
}
