//! Reach: whether the database can be reached, and for how long what is in memory is believed while it can't.
//!
//! The reader of the change log asks several times a second, so it is the first to know; and only who has read the log
//! to its end a moment ago can know that no key in memory was revoked elsewhere.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::limit;

/// When no answer is owed.
const NEVER: i64 = i64::MAX;

/// When the database was asked, and when it answered.
#[derive(Debug)]
pub struct Reach {
    opened: Instant,
    grace: Duration,
    /// Milliseconds after `opened` at which the change log was last read to its end.
    followed_at: AtomicI64,
    /// Milliseconds after `opened` at which the oldest question was asked that has got no answer.
    asked_at: AtomicI64,
}

impl Default for Reach {
    fn default() -> Self {
        Self::with_grace(limit::OUTAGE_GRACE)
    }
}

impl Reach {
    /// Nothing was asked yet. Caches are believed for `grace` after the last answer.
    pub(super) fn with_grace(grace: Duration) -> Self {
        Self {
            opened: Instant::now(),
            grace,
            followed_at: AtomicI64::new(i64::MIN / 2),
            asked_at: AtomicI64::new(NEVER),
        }
    }

    /// Says that the reader of the change log begins to wait for the database.
    pub fn mark_asked(&self) {
        // While an older question has no answer, that one counts.
        let _ = self.asked_at.compare_exchange(NEVER, self.millis(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Says that the database answered.
    pub fn mark_answered(&self) {
        self.asked_at.store(NEVER, Ordering::Relaxed);
    }

    /// Says that the change log was just read to its end.
    pub fn mark_followed(&self) {
        self.followed_at.store(self.millis(), Ordering::Relaxed);
    }

    /// Whether the change log was read a moment ago.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.silence() <= limit::FOLLOW_STALE
    }

    /// Whether the caches may be believed: the change log was read a moment ago, or the grace lasts.
    #[must_use]
    pub fn is_believed(&self) -> bool {
        self.silence() <= self.grace
    }

    /// Whether the database is known to be away: it has owed an answer for a while.
    #[must_use]
    pub fn is_away(&self) -> bool {
        let asked_at = self.asked_at.load(Ordering::Relaxed);
        asked_at != NEVER && span(self.millis() - asked_at) > limit::AWAY_AFTER
    }

    /// How long ago the change log was last read to its end.
    #[must_use]
    pub fn silence(&self) -> Duration {
        span(self.millis() - self.followed_at.load(Ordering::Relaxed))
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.opened.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }
}

fn span(millis: i64) -> Duration {
    Duration::from_millis(millis.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets time pass.
    fn pass(reach: &mut Reach, span: Duration) {
        reach.opened = reach.opened.checked_sub(span).expect("a machine that has been up for so long");
    }

    #[test]
    fn who_has_not_read_the_log_believes_no_cache_and_calls_no_database_away() {
        let reach = Reach::default();

        assert!(!reach.is_following() && !reach.is_believed() && !reach.is_away());
        reach.mark_followed();
        assert!(reach.is_following() && reach.is_believed() && !reach.is_away());
    }

    #[test]
    fn a_database_that_owes_an_answer_for_a_while_is_away_until_it_answers() {
        let mut reach = Reach::default();
        reach.mark_asked();
        assert!(!reach.is_away(), "it was asked just now");

        pass(&mut reach, limit::AWAY_AFTER + Duration::from_millis(1));
        reach.mark_asked();
        assert!(reach.is_away(), "asking again makes the first question no younger");

        reach.mark_answered();
        assert!(!reach.is_away());
    }

    #[test]
    fn caches_are_believed_for_the_grace_and_the_log_counts_as_read_for_a_moment() {
        let mut reach = Reach::with_grace(Duration::from_mins(1));
        reach.mark_followed();

        pass(&mut reach, Duration::from_secs(30));
        assert!(!reach.is_following() && reach.is_believed());

        pass(&mut reach, Duration::from_secs(31));
        assert!(!reach.is_believed());
    }
}
