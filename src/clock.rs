//! The clock: the only place that knows what time it is.
//!
//! In:    nothing.
//! Out:   now, and for how long something lasts.
//! Never: is gone round; `clippy.toml` forbids `SystemTime::now` elsewhere.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hallpass_verifier::HeldClock;
use rustix::time::{ClockId, clock_gettime};

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

/// A moment on a clock that nobody sets. It goes on while the machine is suspended, where that can be had: on Linux
/// `Instant` stands still meanwhile, and what was read an hour ago would count as read just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;

    /// This one.
    #[must_use]
    pub fn now() -> Self {
        // None lies before the machine was started.
        Self(clock_gettime(Self::CLOCK).try_into().unwrap_or_default())
    }

    /// How long ago it was.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }

    /// The one that lies `span` before it; none before the machine was started.
    #[must_use]
    pub fn checked_sub(self, span: Duration) -> Option<Self> {
        self.0.checked_sub(span).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_before_the_next_by_as_much_as_was_waited() {
        let (before, span) = (Moment::now(), Duration::from_millis(20));
        std::thread::sleep(span);
        let after = Moment::now();

        assert!(before < after && before.elapsed() >= span);
        assert!(before.elapsed() < Duration::from_secs(10));
        assert_eq!(after.checked_sub(after.0), Some(Moment(Duration::ZERO)));
        assert_eq!(Moment(Duration::ZERO).checked_sub(span), None);
    }

    /// A test can't suspend the machine. It can look at whose clock it is.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_moment_counts_from_the_start_of_the_machine_with_the_time_in_which_it_was_suspended() {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        let since_start = Duration::from_secs_f64(uptime.split(' ').next().unwrap().parse().unwrap());

        let moment = Moment::now();

        assert!(moment.0.abs_diff(since_start) < Duration::from_secs(5), "{moment:?} {uptime}");
    }
}
