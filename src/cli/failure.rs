//! How a command fails: words on standard error, and an exit code that scripts can tell apart.

use std::fmt::Display;
use std::process::ExitCode;

use serde_json::json;

use super::output::{Output, note};
use crate::app::StartError;
use crate::config::ConfigError;
use crate::flow::Declined;

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    words: String,
}

impl Failure {
    pub(super) fn error(words: impl Display) -> Self {
        Self { code: 1, words: words.to_string() }
    }

    pub(super) fn usage(words: impl Display) -> Self {
        Self { code: 2, words: words.to_string() }
    }

    /// The person, or their patience, ended it.
    pub(super) fn cancelled(words: impl Display) -> Self {
        Self { code: 2, words: words.to_string() }
    }

    pub(super) fn not_authenticated(words: impl Display) -> Self {
        Self { code: 4, words: words.to_string() }
    }

    pub(super) fn forbidden(words: impl Display) -> Self {
        Self { code: 5, words: words.to_string() }
    }

    pub(super) fn not_found(words: impl Display) -> Self {
        Self { code: 6, words: words.to_string() }
    }

    pub(super) fn network(words: impl Display) -> Self {
        Self { code: 7, words: words.to_string() }
    }

    pub(super) fn not_valid(words: impl Display) -> Self {
        Self { code: 8, words: words.to_string() }
    }

    pub(super) const fn is_not_authenticated(&self) -> bool {
        self.code == 4
    }

    pub(super) const fn is_network(&self) -> bool {
        self.code == 7
    }

    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Says it on standard error and gives the exit code.
    pub(super) fn report(&self, output: Output) -> ExitCode {
        if output.is_json() {
            note(&json!({ "error": self.words, "exit_code": self.code }).to_string());
        } else {
            note(&format!("hallpass: {}", self.words));
        }
        self.code.into()
    }
}

impl From<Declined> for Failure {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::NoSuch { .. } => Self::not_found(declined),
            Declined::Invalid(_) | Declined::Outside { .. } | Declined::TooLong { .. } => Self::usage(declined),
            Declined::Store(error) => match std::error::Error::source(&error) {
                Some(source) => Self::error(format!("{error}: {source}")),
                None => Self::error(error),
            },
            Declined::Exists { .. }
            | Declined::Spent { .. }
            | Declined::InUse { .. }
            | Declined::Vault(_)
            | Declined::Secret(_) => Self::error(declined),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Flows(declined) => declined.into(),
            StartError::Unsafe(_) | StartError::Io { .. } => Self::error(error),
        }
    }
}
