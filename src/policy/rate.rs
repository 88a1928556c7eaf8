//! Rates: how often something may happen (GCRA, the leaky bucket with one number to remember).

use std::time::Duration;

/// So many a second, of which a second's worth may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    per_second: u32,
}

impl Rate {
    /// `per_second` ≥ 1; 0 is no rate.
    #[must_use]
    pub const fn new(per_second: u32) -> Option<Self> {
        if per_second == 0 { None } else { Some(Self { per_second }) }
    }

    /// Lets one happen at `now_millis` and gives what to remember, or says how long to wait.
    ///
    /// `full_at` is what was remembered: the moment, in microseconds, at which the bucket will be empty again.
    pub fn admit(self, full_at: i64, now_millis: i64) -> Result<i64, Duration> {
        let now = now_millis.saturating_mul(1000);
        let step = 1_000_000 / i64::from(self.per_second);
        // Never further ahead than a full bucket: a clock that was set back must not lock anyone out.
        let next = full_at.clamp(now, now + 1_000_000) + step;
        let wait = next - (now + 1_000_000).max(now + step);
        if wait <= 0 { Ok(next) } else { Err(Duration::from_micros(wait.unsigned_abs())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_what_the_rate_says_and_the_rest_waits() {
        let rate = Rate::new(10).unwrap();
        let mut remembered = 0;

        let admitted = (0..100).filter(|_| rate.admit(remembered, 1_000).map(|next| remembered = next).is_ok()).count();

        assert_eq!(admitted, 10);
        assert_eq!(rate.admit(remembered, 1_000), Err(Duration::from_millis(100)));
        assert!(rate.admit(remembered, 1_100).is_ok());
    }

    #[test]
    fn a_clock_that_was_set_back_costs_a_second_at_most() {
        let rate = Rate::new(10).unwrap();

        assert!(rate.admit(3_600_000_000, 0).unwrap_err() <= Duration::from_millis(100));
    }

    #[test]
    fn over_a_minute_the_rate_is_kept() {
        let rate = Rate::new(3).unwrap();
        let mut remembered = 0;

        let admitted =
            (0..60_000).filter(|now| rate.admit(remembered, *now).map(|next| remembered = next).is_ok()).count();

        assert!((180..=184).contains(&admitted), "{admitted}");
    }
}
