//! The numbers that a service may set.

use std::time::Duration;

use super::VerifierBuilder;

impl VerifierBuilder {
    /// How far clocks may be apart, for `exp`, `nbf` and `iat`: 30 s unless set, a minute at most.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.limits.skew = skew;
        self
    }

    /// How far `exp` may lie after `iat`: 24 h unless set.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.limits.max_lifetime = lifetime;
        self
    }

    /// How long a token may be, in bytes: 8 KiB unless set.
    pub fn max_token_length(mut self, bytes: usize) -> Self {
        self.limits.max_token_length = bytes;
        self
    }

    /// What the issuer's max-age is clamped to: 1 to 15 min unless set.
    pub fn key_age(mut self, shortest: Duration, longest: Duration) -> Self {
        self.limits.ages.min_age = shortest;
        self.limits.ages.max_age = longest;
        self
    }

    /// How long keys are good when the issuer does not say: 5 min unless set.
    pub fn default_key_age(mut self, age: Duration) -> Self {
        self.limits.ages.default_age = age;
        self
    }

    /// How long keys that are old serve on while the issuer is away: 1 h unless set.
    pub fn max_stale(mut self, time: Duration) -> Self {
        self.limits.ages.max_stale = time;
        self
    }

    /// How long after a fetch, good or bad, an unknown `kid` may cause another: 30 s unless set, a second at least.
    pub fn cool_down(mut self, time: Duration) -> Self {
        self.limits.ages.cool_down = time;
        self
    }

    /// How long a refresh may take, metadata and keys together: 5 s unless set.
    pub fn fetch_timeout(mut self, time: Duration) -> Self {
        self.limits.fetch.timeout = time;
        self
    }

    /// How large a document may be, in bytes: 256 KiB unless set.
    pub fn max_document(mut self, bytes: usize) -> Self {
        self.limits.fetch.max_bytes = bytes;
        self
    }

    /// How many keys a set may have: 64 unless set.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.limits.fetch.max_keys = keys;
        self
    }
}
