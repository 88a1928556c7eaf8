//! The parameters of a request: from its query, its body, or both.

use url::form_urlencoded;

/// Names and values in the order they came.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The parameters that `text` encodes.
    pub(super) fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The value of `name`; an empty one counts as absent (RFC 6749 section 3.1).
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value of `name` when it came exactly once.
    pub(super) fn sole(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether any came twice, where that is an error: `resource` alone may (RFC 8707 section 2).
    pub(super) fn has_repeated(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).filter(|name| *name != "resource").collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, value)| own == name && !value.is_empty()).map(|(_, value)| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_absent_and_twice_is_seen() {
        let once = Parameters::parse("a=1&b=&resource=x&resource=y");
        let twice = Parameters::parse("a=1&a=2");

        assert_eq!((once.one("a"), once.one("b"), once.one("c")), (Some("1"), None, None));
        assert!(!once.has_repeated() && twice.has_repeated());
        assert_eq!((once.sole("a"), twice.sole("a")), (Some("1"), None));
    }
}
