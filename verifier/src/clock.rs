use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What a verifier takes the time from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clocks: the wall clock for tokens, the monotonic one for the age of keys.
    #[default]
    System,
    /// A clock that only moves when told, for tests.
    Held(HeldClock),
}

/// A clock that stands still until somebody moves it. Clones show the same time.
///
/// ```
/// # use std::time::Duration;
/// let clock = hallpass_verifier::HeldClock::at(1_700_000_000);
///
/// clock.advance(Duration::from_secs(60)); // a minute passes
/// clock.set(1_600_000_000); // somebody sets the wall clock; no time passes
/// ```
#[derive(Clone, Debug)]
pub struct HeldClock(Arc<Hands>);

/// Nanoseconds, both; enough for 584 years: since 1970, and passed since the clock was made.
#[derive(Debug)]
struct Hands {
    wall: AtomicU64,
    passed: AtomicU64,
}

impl HeldClock {
    /// A clock that shows this second since 1970; before 1970 is 1970.
    #[must_use]
    pub fn at(seconds: i64) -> Self {
        let clock = Self(Arc::new(Hands { wall: AtomicU64::new(0), passed: AtomicU64::new(0) }));
        clock.set(seconds);
        clock
    }

    /// How long after 1970 it stands.
    #[must_use]
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.0.wall.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.wall.fetch_add(nanoseconds, Ordering::SeqCst);
        self.0.passed.fetch_add(nanoseconds, Ordering::SeqCst);
    }

    /// Sets the wall clock, forwards or back, without letting time pass.
    pub fn set(&self, seconds: i64) {
        let nanoseconds = u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000_000_000);
        self.0.wall.store(nanoseconds, Ordering::SeqCst);
    }
}

impl Clock {
    /// Seconds since 1970, for `exp`, `nbf` and `iat`.
    #[allow(clippy::disallowed_methods, reason = "this is the clock that all others are to ask")]
    pub(crate) fn now(&self) -> f64 {
        let since_1970 = match self {
            Self::System => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
            Self::Held(clock) => clock.now(),
        };
        since_1970.as_secs_f64()
    }
}

/// Time that only goes forward: how long a verifier has been there. A jump of the wall clock is no reason to fetch.
pub(crate) struct Stopwatch {
    clock: Clock,
    started: Instant,
}

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that all others are to ask")]
    pub(crate) fn start(clock: Clock) -> Self {
        Self { clock, started: Instant::now() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        match &self.clock {
            Clock::System => self.started.elapsed(),
            Clock::Held(clock) => Duration::from_nanos(clock.0.passed.load(Ordering::SeqCst)),
        }
    }
}
