//! How a verifier fares, for whoever looks after the service.
//!
//! In:    a key set through time; a cache.
//! Out:   numbers to read, or to publish.
//! Never: fetches anything, or tells a caller why.

use std::time::Duration;

use crate::fetch::NoAnswer;
use crate::freshness::Freshness;
use crate::keyset::KeySet;

/// How the keys of one issuer fare, as [`Verifier::health`](crate::Verifier::health) finds them. Reading it fetches
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whose keys they are.
    pub issuer: String,
    /// Whether tokens can be verified.
    pub standing: Standing,
    /// How many keys count.
    pub keys: usize,
    /// How many keys of the document do not count; [`KeySet::refused`] says why.
    pub refused_keys: usize,
    /// How long ago the issuer was last heard; none while it was not yet, and for keys that were handed in.
    pub age: Option<Duration>,
    /// Why the last fetch brought nothing; none when it did, or when there was none yet.
    pub last_error: Option<NoAnswer>,
    /// How many fetches have failed since the last good one.
    pub failures: u32,
    /// How many fetches were good, with 200 or 304, since the verifier was made.
    pub fetched: u64,
    /// How many were not.
    pub failed: u64,
    /// How the cache of verified tokens fares; none unless [`VerifierBuilder::cache`](crate::VerifierBuilder::cache) asked
    /// for one.
    pub cache: Option<CacheHealth>,
}

/// Whether an issuer's tokens can be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The keys were handed in; they are never too old.
    Given,
    /// There are no keys yet: tokens wait for a fetch, or are answered 503.
    Missing,
    /// The keys are there, and the issuer's word for them holds.
    Good,
    /// The keys are old and the issuer is away, or nobody has asked for a while. They still serve.
    Stale,
    /// They are too old to serve: tokens wait for a fetch, or are answered 503.
    TooOld,
}

/// How a cache of verified tokens fares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheHealth {
    /// How many tokens it holds.
    pub tokens: usize,
    /// How many tokens it has spared a verification, since the verifier was made.
    pub hits: u64,
    /// How many good tokens it did not know.
    pub misses: u64,
}

impl Health {
    /// Whether tokens can be verified now, without waiting for a fetch: what a readiness probe asks. A service that has
    /// not been shown a token yet has no keys, so let the probe call [`Verifier::warm_up`](crate::Verifier::warm_up).
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self.standing, Standing::Given | Standing::Good | Standing::Stale)
    }

    /// Of keys that were handed in.
    pub(crate) fn given(issuer: &str, keys: &KeySet) -> Self {
        Self {
            issuer: issuer.to_owned(),
            standing: Standing::Given,
            keys: keys.len(),
            refused_keys: keys.refused().len(),
            age: None,
            last_error: None,
            failures: 0,
            fetched: 0,
            failed: 0,
            cache: None,
        }
    }
}

impl Standing {
    pub(crate) fn of(freshness: &Freshness, now: Duration) -> Self {
        if freshness.age(now).is_none() {
            Self::Missing
        } else if freshness.is_good(now) {
            Self::Good
        } else if freshness.is_usable(now) {
            Self::Stale
        } else {
            Self::TooOld
        }
    }
}
