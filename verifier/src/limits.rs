//! Every number, and what they must be to each other. A builder may set them; the rules it may not.

use std::time::Duration;

pub(crate) const MAX_TOKEN_LENGTH: usize = 8 * 1024;
pub(crate) const MAX_KEYS: usize = 64;
pub(crate) const MAX_SKEW: Duration = Duration::from_mins(1);

// A longer cool-down than the shortest age would leave no time to refresh ahead of it.
const _: () = assert!(COOL_DOWN.as_secs() < MIN_AGE.as_secs());

const MIN_AGE: Duration = Duration::from_mins(1);
const COOL_DOWN: Duration = Duration::from_secs(30);

/// What a verifier measures with.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) skew: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) max_token_length: usize,
    pub(crate) ages: Ages,
    pub(crate) fetch: Fetch,
}

/// How long a key set is good, and how often another is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Ages {
    pub(crate) min_age: Duration,
    pub(crate) max_age: Duration,
    pub(crate) default_age: Duration,
    pub(crate) max_stale: Duration,
    pub(crate) cool_down: Duration,
}

/// What one refresh may cost.
#[derive(Clone, Debug)]
pub(crate) struct Fetch {
    pub(crate) timeout: Duration,
    pub(crate) max_bytes: usize,
    pub(crate) max_keys: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            skew: Duration::from_secs(30),
            max_lifetime: Duration::from_hours(24),
            max_token_length: MAX_TOKEN_LENGTH,
            ages: Ages::default(),
            fetch: Fetch { timeout: Duration::from_secs(5), max_bytes: 256 * 1024, max_keys: MAX_KEYS },
        }
    }
}

impl Default for Ages {
    fn default() -> Self {
        Self {
            min_age: MIN_AGE,
            max_age: Duration::from_mins(15),
            default_age: Duration::from_mins(5),
            max_stale: Duration::from_hours(1),
            cool_down: COOL_DOWN,
        }
    }
}
