//! When to renew a token, and when to try again.
//!
//! In:    how long the token lives, how often it failed, what the issuer asked for, and a number from 0 to 1.
//! Out:   spans.
//! Never: asks the time, sleeps or rolls dice.

use std::time::Duration;

use crate::limits::{AHEAD, FIRST_RETRY, LAST_RETRY, LEEWAY, MAX_RETRY_AFTER, SHORTEST_REST, SPREAD};

/// How long after a token was asked for its successor is.
pub(crate) fn rest(lifetime: Duration, dice: f64) -> Duration {
    lifetime.mul_f64(AHEAD + SPREAD * dice.clamp(0.0, 1.0)).max(SHORTEST_REST)
}

/// How long before its end a token is no longer handed out.
pub(crate) fn leeway(lifetime: Duration) -> Duration {
    LEEWAY.min(lifetime / 10)
}

/// How long to wait after so many failures in a row, one at least. The issuer's wish is a minimum; many clients that
/// were given the same one do not come back in the same moment.
pub(crate) fn pause(failures: u32, retry_after: Option<Duration>, dice: f64) -> Duration {
    let dice = dice.clamp(0.0, 1.0);
    let longest = (FIRST_RETRY * (1 << failures.saturating_sub(1).min(16))).min(LAST_RETRY);
    let own = longest.mul_f64(0.5 + dice / 2.0);
    let asked = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    own.max(asked + (asked / 10).min(SHORTEST_REST).mul_f64(dice))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn a_token_is_renewed_ahead_of_its_end_and_not_by_everyone_at_once() {
        assert_eq!((rest(MINUTE, 0.0), rest(MINUTE, 1.0)), (Duration::from_secs(45), Duration::from_secs(51)));
        assert_eq!(rest(MINUTE, 7.0), rest(MINUTE, 1.0));
        assert_eq!(rest(Duration::from_millis(100), 0.0), SHORTEST_REST);
        for seconds in 2..4000 {
            let lifetime = Duration::from_secs(seconds);
            assert!(rest(lifetime, 1.0) + leeway(lifetime) < lifetime, "{seconds} s");
        }
    }

    #[test]
    fn pauses_double_and_have_an_end() {
        let longest: Vec<u128> = (1..=8).map(|failures| pause(failures, None, 1.0).as_millis()).collect();

        assert_eq!(longest, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(pause(1, None, 0.0), FIRST_RETRY / 2);
        assert_eq!(pause(u32::MAX, None, 1.0), LAST_RETRY);
    }

    #[test]
    fn what_the_issuer_asks_for_is_a_minimum() {
        let asked = |seconds: u64, dice: f64| pause(1, Some(Duration::from_secs(seconds)), dice);

        assert_eq!(asked(0, 0.0), FIRST_RETRY / 2);
        assert_eq!(asked(20, 0.0), Duration::from_secs(20));
        assert_eq!(asked(20, 1.0), Duration::from_secs(21));
        assert_eq!(asked(2, 1.0), Duration::from_millis(2200));
        assert_eq!(asked(1_000_000, 0.0), MAX_RETRY_AFTER);
    }
}
