//! Reach: whether the database can be reached, and for how long what is in memory is believed while it can't.
//!
//! The reader of the change log asks several times a second, so it is the first to know; and only who has read the log
//! to its end a moment ago can know that no key in memory was revoked elsewhere.
//!
//! For how long the database owes an answer is counted in beats of the thread that waits for it. A thread that got no core
//! for a second has not waited: the answer may have lain there all the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock::Moment;
use crate::limit;

/// When no answer is owed.
const NOTHING: i64 = -1;
/// `limit::AWAY_AFTER` in beats.
#[expect(clippy::cast_possible_truncation, reason = "some ten")]
const AWAY_AFTER: i64 = (limit::AWAY_AFTER.as_millis() / limit::REACH_BEAT.as_millis()) as i64;

/// For how long the database owes an answer, and when the change log was read.
#[derive(Debug)]
pub struct Reach {
    opened: Moment,
    grace: Duration,
    /// Milliseconds after `opened` at which the change log was asked, the last time that it was read to its end.
    followed_at: AtomicI64,
    /// How many beats have passed since the oldest question that has got no answer.
    owed: AtomicI64,
}

/// When the change log was asked.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Asked(i64);

impl Default for Reach {
    fn default() -> Self {
        Self::with_grace(limit::OUTAGE_GRACE)
    }
}

impl Reach {
    /// Nothing was asked yet. Caches are believed for `grace` after the last answer.
    pub(super) fn with_grace(grace: Duration) -> Self {
        Self { opened: Moment::now(), grace, followed_at: AtomicI64::new(i64::MIN / 2), owed: AtomicI64::new(NOTHING) }
    }

    /// Says that the reader of the change log asks the database now.
    pub fn mark_asked(&self) -> Asked {
        // While an older question has no answer, that one counts.
        let _ = self.owed.compare_exchange(NOTHING, 0, Ordering::Relaxed, Ordering::Relaxed);
        Asked(self.millis())
    }

    /// Says that [`limit::REACH_BEAT`] has passed on the thread of that reader: an answer would have been heard.
    pub fn beat(&self) {
        let one_more = |owed| (owed != NOTHING).then_some(owed + 1);
        let _ = self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }

    /// Says that the database answered.
    pub fn mark_answered(&self) {
        self.owed.store(NOTHING, Ordering::Relaxed);
    }

    /// Says that the change log had nothing more when it was `asked`. The answer may have been long on its way.
    pub fn mark_followed(&self, asked: Asked) {
        self.followed_at.store(asked.0, Ordering::Relaxed);
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
        self.owed.load(Ordering::Relaxed) > AWAY_AFTER
    }

    /// How long ago it was so that nothing in the change log was unread.
    #[must_use]
    pub fn silence(&self) -> Duration {
        let millis = self.millis() - self.followed_at.load(Ordering::Relaxed);
        Duration::from_millis(millis.try_into().unwrap_or_default())
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.opened.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
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
        reach.mark_followed(reach.mark_asked());
        assert!(reach.is_following() && reach.is_believed() && !reach.is_away());
    }

    #[test]
    fn a_database_that_owes_an_answer_for_a_while_is_away_until_it_answers() {
        let reach = Reach::default();
        let _ = reach.mark_asked();
        assert!(!reach.is_away(), "it was asked just now");

        for _ in 0..AWAY_AFTER {
            reach.beat();
        }
        assert!(!reach.is_away());
        let _ = reach.mark_asked();
        reach.beat();
        assert!(reach.is_away(), "asking again makes the first question no younger");

        reach.mark_answered();
        assert!(!reach.is_away());
    }

    #[test]
    fn while_nothing_was_asked_no_answer_is_owed() {
        let reach = Reach::default();

        for _ in 0..=AWAY_AFTER {
            reach.beat();
        }

        assert!(!reach.is_away());
    }

    #[test]
    fn who_was_not_there_to_hear_the_answer_does_not_say_that_there_was_none() {
        let mut reach = Reach::default();
        let _ = reach.mark_asked();
        reach.beat();

        pass(&mut reach, 10 * limit::AWAY_AFTER);
        reach.beat();

        assert!(!reach.is_away());
    }

    #[test]
    fn caches_are_believed_for_the_grace_and_the_log_counts_as_read_for_a_moment() {
        let mut reach = Reach::with_grace(Duration::from_mins(1));
        reach.mark_followed(reach.mark_asked());

        pass(&mut reach, Duration::from_secs(30));
        assert!(!reach.is_following() && reach.is_believed());

        pass(&mut reach, Duration::from_secs(31));
        assert!(!reach.is_believed());
    }
}
