//! The clock: the only place that knows what time it is.
//!
//! In:    nothing.
//! Out:   now.
//! Never: is gone round; `clippy.toml` forbids `SystemTime::now` elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time comes from: the machine, or a test's hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own.
    System,
    /// Stands still until it is moved; shared by all clones.
    Held(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` (seconds since 1970) until [`Clock::advance`] moves it.
    #[must_use]
    pub fn held(now: i64) -> Self {
        Self::Held(Arc::new(AtomicI64::new(now * 1000)))
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
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            Self::Held(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a held clock forward; the machine's cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Held(at) = self {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
