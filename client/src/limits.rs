//! Every number, and what they must be to each other. A builder may set some; the rules it may not.

use std::time::Duration;

/// When a token is renewed: from this part of its life to a tenth of it later.
pub(crate) const AHEAD: f64 = 0.75;
pub(crate) const SPREAD: f64 = 0.1;

/// A token with less than this left is no longer handed out: it would die on its way. For a short-lived token, a tenth
/// of its life.
pub(crate) const LEEWAY: Duration = Duration::from_secs(5);

/// The longest pause after the first failure and after many; each may be half as long.
pub(crate) const FIRST_RETRY: Duration = Duration::from_millis(250);
pub(crate) const LAST_RETRY: Duration = Duration::from_secs(10);
/// What `Retry-After` is believed up to.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// For so long a refused key is not shown again, unless another one takes its place.
pub(crate) const REFUSED_FOR: Duration = Duration::from_secs(30);
/// How often it is looked whether another one did, while an old token is still good.
pub(crate) const RECHECK: Duration = Duration::from_secs(5);
/// A token that a service refused is renewed; whether the next one is refused too is not asked again for so long.
pub(crate) const RENEWED_FOR: Duration = Duration::from_secs(10);

/// How long a token lives whose answer does not say so (RFC 6749 5.1 only recommends `expires_in`), at least and at most.
pub(crate) const UNSAID_LIFETIME: Duration = Duration::from_mins(1);
pub(crate) const SHORTEST_LIFETIME: Duration = Duration::from_secs(1);
pub(crate) const MAX_LIFETIME: Duration = Duration::from_hours(24);
/// Two tokens are not asked for sooner than this, however short they live and whoever needs one; only the first one that
/// a service refuses is replaced at once. A refusal, or that there is no key, holds for so long as well.
pub(crate) const SHORTEST_REST: Duration = Duration::from_secs(1);

/// The longest key and the longest token, in bytes.
pub(crate) const MAX_KEY: usize = 4 * 1024;
pub(crate) const MAX_TOKEN: usize = 16 * 1024;
/// So many characters of a key's secret in a row tell too much of it to be repeated.
pub(crate) const TELLING_PIECE: usize = 8;
/// The longest words of the issuer that are repeated, in characters.
pub(crate) const MAX_WORDS: usize = 256;

// Several attempts fit into the time that a caller waits, a slow one among them.
const _: () = assert!(DEADLINE.as_secs() >= ATTEMPT.as_secs() + LAST_RETRY.as_secs());
// While an old token lives, a rotated key is noticed before a refused one would be shown again.
const _: () = assert!(RECHECK.as_secs() < REFUSED_FOR.as_secs());

const DEADLINE: Duration = Duration::from_secs(30);
const ATTEMPT: Duration = Duration::from_secs(10);

/// What a builder may set.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// How long a caller waits for a token.
    pub(crate) deadline: Duration,
    /// How long one request to the issuer may take.
    pub(crate) attempt: Duration,
    /// The largest answer, in bytes.
    pub(crate) max_answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: DEADLINE, attempt: ATTEMPT, max_answer: 64 * 1024 }
    }
}
