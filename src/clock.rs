//! The clock: the only place that knows what time it is.
//!
//! In:    nothing.
//! Out:   now.
//! Never: is gone round; `clippy.toml` forbids `SystemTime::now` elsewhere.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hallpass_verifier::HeldClock;

/// Where the time comes from: the machine, or a test's hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own.
    System,
    /// Stands still until it is moved; shared by all clones.
    Held(HeldClock),
}

impl Clock {
    /// A clock that stands at `now` (seconds since 1970) until [`Clock::advance`] moves it.
    #[must_use]
    pub fn held(now: i64) -> Self {
        Self::Held(HeldClock::at(now))
    }

    /// Whole seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now_millis().div_euclid(1000)
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    pub fn now_millis(&self) -> i64 {
        let since = match self {
            Self::System => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO),
            Self::Held(clock) => clock.now(),
        };
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Moves a held clock forward; the machine's cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Held(clock) = self {
            clock.advance(by);
        }
    }
}

/// Whoever checks signatures of others goes by the same time.
impl From<&Clock> for hallpass_verifier::Clock {
    fn from(clock: &Clock) -> Self {
        match clock {
            Clock::System => Self::System,
            Clock::Held(clock) => Self::Held(clock.clone()),
        }
    }
}
