//! A token, taken apart without believing it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What stands in a token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Token {
    pub(crate) fn read(compact: &str) -> Self {
        let parts: Vec<&str> = compact.split('.').collect();
        assert_eq!(parts.len(), 3, "a compact JWS has three parts");
        let part = |at: usize| {
            let bytes = URL_SAFE_NO_PAD.decode(parts[at]).expect("base64url without padding");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        Self { header: part(0), claims: part(1) }
    }

    /// Names of the members of the header, sorted.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.header.as_object().expect("an object").keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn number(&self, name: &str) -> i64 {
        self.claims[name].as_i64().unwrap_or_else(|| panic!("no number {name}"))
    }
}
