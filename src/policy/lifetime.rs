//! Lifetimes: how long a token or a key lives.

use std::time::Duration;

/// When a token ends that is made `now`, may live for `lifetime` and never past the key's own end; `None` when the
/// key has already ended.
#[must_use]
pub fn token_end(now: i64, lifetime: Duration, key_end: Option<i64>) -> Option<i64> {
    let end = now.saturating_add_unsigned(lifetime.as_secs());
    let end = key_end.map_or(end, |key_end| key_end.min(end));
    (end > now).then_some(end)
}

/// How long a new key may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// What the operator's default says.
    Default,
    /// So long.
    After(Duration),
    /// For good: must be asked for, and can be forbidden.
    Never,
}

/// What the operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryRule {
    /// When nobody says otherwise.
    pub default: Duration,
    /// The longest; `None` allows "never" as well.
    pub max: Option<Duration>,
}

/// The asked expiry goes past the operator's maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The maximum.
    pub max: Duration,
}

impl ExpiryRule {
    /// When a key made `now` ends; `None` is never.
    pub fn end(&self, now: i64, asked: Expiry) -> Result<Option<i64>, TooLong> {
        let span = match (asked, self.max) {
            (Expiry::Never, None) => return Ok(None),
            (Expiry::Never, Some(max)) => return Err(TooLong { max }),
            (Expiry::Default, max) => max.map_or(self.default, |max| max.min(self.default)),
            (Expiry::After(span), Some(max)) if span > max => return Err(TooLong { max }),
            (Expiry::After(span), _) => span,
        };
        Ok(Some(now.saturating_add_unsigned(span.as_secs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_token_never_outlives_its_key() {
        assert_eq!(token_end(100, MINUTE, None), Some(160));
        assert_eq!(token_end(100, MINUTE, Some(130)), Some(130));
        assert_eq!(token_end(100, MINUTE, Some(500)), Some(160));
        assert_eq!(token_end(100, MINUTE, Some(100)), None);
    }

    #[test]
    fn never_must_be_asked_for_and_can_be_forbidden() {
        let (free, strict) =
            (ExpiryRule { default: MINUTE, max: None }, ExpiryRule { default: MINUTE, max: Some(MINUTE) });

        assert_eq!(free.end(0, Expiry::Default), Ok(Some(60)));
        assert_eq!(free.end(0, Expiry::Never), Ok(None));
        assert_eq!(strict.end(0, Expiry::Never), Err(TooLong { max: MINUTE }));
        assert_eq!(strict.end(0, Expiry::After(MINUTE * 2)), Err(TooLong { max: MINUTE }));
        assert_eq!(strict.end(0, Expiry::After(MINUTE)), Ok(Some(60)));
    }
}
