//! What an operator is told when a wish can't be granted. Operators may know why.

use super::VaultError;
use crate::config::Span;
use crate::limit;
use crate::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Declined {
    /// There is nothing of that name.
    #[error("there is no {what} `{name}`{}", nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?")))]
    NoSuch {
        /// App, resource, key …
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// Something has that name already.
    #[error("there is a {what} `{name}` already")]
    Exists {
        /// App, resource …
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A value that can't be.
    #[error("{0}")]
    Invalid(String),
    /// More than the one it belongs to has.
    #[error("`{name}` is no {what} of {of}")]
    Outside {
        /// Scope or resource.
        what: &'static str,
        /// Which.
        name: String,
        /// Whose it would have to be.
        of: String,
    },
    /// Longer than the operator allows.
    #[error("a key may live for {max} at most (keys.max_expiry)")]
    TooLong {
        /// The maximum.
        max: Span,
    },
    /// It can't be changed any more.
    #[error("the key `{id}` was revoked or rotated already")]
    Spent {
        /// Which key.
        id: String,
    },
    /// Something still refers to it.
    #[error("the resource `{name}` is still named by an app or a key")]
    InUse {
        /// Which.
        name: String,
    },
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The root key.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// A secret in the database does not open, or a key can't be made.
    #[error("{0}")]
    Secret(String),
}

/// A name or a note, as it is kept: something, not too long, without control characters.
pub(super) fn check_text(what: &str, text: &str) -> Result<String, Declined> {
    let text = text.trim();
    let is_good = !text.is_empty() && text.chars().count() <= limit::TEXT_MAX && !text.chars().any(char::is_control);
    if is_good {
        return Ok(text.to_owned());
    }
    Err(Declined::Invalid(format!("a {what} is 1 to {} characters, none of them a control character", limit::TEXT_MAX)))
}
