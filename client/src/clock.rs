use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

/// Longer than any program runs, and short enough to be added to a moment.
const FOREVER: Duration = Duration::from_hours(24 * 365 * 30);

/// What a token source takes the time from, and sleeps by.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clocks.
    #[default]
    System,
    /// A clock that only moves when told, for tests.
    Held(HeldClock),
}

/// A clock that stands still until somebody moves it. Clones show the same time.
///
/// ```
/// # use std::time::Duration;
/// let clock = hallpass_client::HeldClock::at(1_700_000_000);
///
/// clock.advance(Duration::from_secs(60)); // a minute passes, and who slept until then wakes
/// clock.set(1_600_000_000); // somebody sets the wall clock; no time passes
/// ```
#[derive(Clone, Debug)]
pub struct HeldClock(Arc<Hands>);

/// Since 1970, in nanoseconds; and passed since the clock was made.
#[derive(Debug)]
struct Hands {
    wall: AtomicU64,
    passed: watch::Sender<Duration>,
}

/// A moment on both of a clock's hands. A machine that slept has missed it on one of them, and somebody who set the
/// wall clock has moved the other: a token is good while both say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Since 1970.
    pub(crate) wall: Duration,
    /// Since the source was made.
    pub(crate) passed: Duration,
}

/// A clock with the moment from which it counts.
#[derive(Clone, Debug)]
pub(crate) struct Stopwatch {
    clock: Clock,
    started: Instant,
}

impl HeldClock {
    /// A clock that shows this second since 1970; before 1970 is 1970.
    #[must_use]
    pub fn at(seconds: i64) -> Self {
        let clock = Self(Arc::new(Hands { wall: AtomicU64::new(0), passed: watch::Sender::new(Duration::ZERO) }));
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
        self.0.passed.send_modify(|passed| *passed = passed.saturating_add(time));
    }

    /// Sets the wall clock, forwards or back, without letting time pass.
    pub fn set(&self, seconds: i64) {
        let nanoseconds = u64::try_from(seconds).unwrap_or_default().saturating_mul(1_000_000_000);
        self.0.wall.store(nanoseconds, Ordering::SeqCst);
    }
}

impl Moment {
    pub(crate) fn after(self, span: Duration) -> Self {
        Self { wall: self.wall.saturating_add(span), passed: self.passed.saturating_add(span) }
    }

    /// Whether it is still to come, and at least `margin` away.
    pub(crate) fn is_ahead_of(self, now: Self, margin: Duration) -> bool {
        now.wall.saturating_add(margin) < self.wall && now.passed.saturating_add(margin) < self.passed
    }

    /// How long ago it was, on the hand that nobody sets.
    pub(crate) fn age(self, now: Self) -> Duration {
        now.passed.saturating_sub(self.passed)
    }
}

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that all others are to ask")]
    pub(crate) fn start(clock: Clock) -> Self {
        Self { clock, started: Instant::now() }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the clock that all others are to ask")]
    pub(crate) fn now(&self) -> Moment {
        match &self.clock {
            Clock::System => Moment {
                wall: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
                passed: self.started.elapsed(),
            },
            Clock::Held(clock) => Moment { wall: clock.now(), passed: *clock.0.passed.borrow() },
        }
    }

    /// Sleeps until so much has passed since the start.
    pub(crate) async fn sleep_until(&self, passed: Duration) {
        match &self.clock {
            Clock::System => {
                let until = self.started.checked_add(passed).unwrap_or_else(|| self.started + FOREVER);
                tokio::time::sleep_until(until.into()).await;
            }
            Clock::Held(clock) => {
                // It can't fail: the clock holds the other end.
                let _ = clock.0.passed.subscribe().wait_for(|now| *now >= passed).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_moment_has_come_as_soon_as_one_hand_says_so() {
        let clock = HeldClock::at(NOW);
        let stopwatch = Stopwatch::start(Clock::Held(clock.clone()));
        let end = stopwatch.now().after(60 * SECOND);
        let is_ahead = |margin: Duration| end.is_ahead_of(stopwatch.now(), margin);

        assert!(is_ahead(59 * SECOND) && !is_ahead(60 * SECOND));
        clock.set(NOW + 61);
        assert!(!is_ahead(Duration::ZERO), "the machine slept");
        clock.set(NOW);
        assert!(is_ahead(Duration::ZERO));
        clock.advance(61 * SECOND);
        clock.set(NOW - 3600);
        assert!(!is_ahead(Duration::ZERO), "the wall clock was set back");
    }

    #[tokio::test]
    async fn who_sleeps_by_a_held_clock_wakes_when_it_is_moved() {
        let clock = HeldClock::at(NOW);
        let stopwatch = Stopwatch::start(Clock::Held(clock.clone()));
        let sleeper = tokio::spawn(async move { stopwatch.sleep_until(2 * SECOND).await });

        clock.advance(SECOND);
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(SECOND);

        sleeper.await.unwrap();
    }
}
