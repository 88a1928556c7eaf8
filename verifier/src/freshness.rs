//! When to ask the issuer for its keys again.
//!
//! In:    the time, and how each fetch went.
//! Out:   serve what there is, fetch beside it, wait for a fetch, or refuse.
//! Never: asks the time, sleeps, rolls dice or fetches; all that is handed in.

use std::time::Duration;

use crate::advice::Advice;
use crate::limits::Ages;

/// While nothing can be verified at all, the first attempts follow each other this quickly.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// How far refreshes of many verifiers spread: by a tenth of the age ahead, by a fifth of a delay after.
const SPREAD_AHEAD: f64 = 0.1;
const SPREAD_RETRY: f64 = 0.2;

/// When a set that is still good is refreshed beside the traffic: from here to a tenth later.
const AHEAD: f64 = 0.75;

/// What a token that has just come in is to do about the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Use the set there is.
    Serve,
    /// Use it, and start a fetch that nobody waits for.
    Refresh,
    /// Wait for the fetch under way, or for one that is to be started now.
    Wait { start: bool },
    /// There is no set to use and no fetch to wait for.
    Refuse { retry_after: Duration },
}

/// The state of one key set through time. All times are those of one stopwatch.
#[derive(Debug)]
pub(crate) struct Freshness {
    ages: Ages,
    until: Option<Until>,
    is_fetching: bool,
    last_fetch: Option<Duration>,
    next_fetch: Duration,
    failures: u32,
}

/// Until when the keys of the last good fetch are fresh, good by the issuer's word, and usable at all.
#[derive(Clone, Copy, Debug)]
struct Until {
    since: Duration,
    fresh: Duration,
    good: Duration,
    usable: Duration,
}

impl Freshness {
    pub(crate) fn new(ages: Ages) -> Self {
        Self { ages, until: None, is_fetching: false, last_fetch: None, next_fetch: Duration::ZERO, failures: 0 }
    }

    /// Until when tokens need not ask at all.
    pub(crate) fn fresh_until(&self) -> Duration {
        self.until.map_or(Duration::ZERO, |until| until.fresh)
    }

    /// Whether there is a set that may still be used.
    pub(crate) fn is_usable(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| now < until.usable)
    }

    /// Whether the issuer's word for the set still holds.
    pub(crate) fn is_good(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| now < until.good)
    }

    /// How long ago the last good fetch was.
    pub(crate) fn age(&self, now: Duration) -> Option<Duration> {
        self.until.map(|until| now.saturating_sub(until.since))
    }

    /// How many fetches have failed since the last good one.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// What a token does that has come in now.
    pub(crate) fn step(&self, now: Duration) -> Step {
        let may_start = !self.is_fetching && now >= self.next_fetch;
        match self.until {
            Some(until) if now < until.fresh => Step::Serve,
            Some(until) if now < until.good => {
                if may_start {
                    Step::Refresh
                } else {
                    Step::Serve
                }
            }
            // Old keys may include a withdrawn one, so ask first. Not when the last answer was none: then the issuer is
            // away, and waiting for it again and again would slow every good token.
            Some(until) if now < until.usable && self.failures == 0 => {
                if self.is_fetching || may_start {
                    Step::Wait { start: may_start }
                } else {
                    Step::Serve
                }
            }
            Some(until) if now < until.usable => {
                if may_start {
                    Step::Refresh
                } else {
                    Step::Serve
                }
            }
            Some(_) | None => {
                if self.is_fetching || may_start {
                    Step::Wait { start: may_start }
                } else {
                    Step::Refuse { retry_after: self.retry_after(now) }
                }
            }
        }
    }

    /// What a token does whose `kid` is not in the set: strangers choose that name, so it starts few fetches.
    pub(crate) fn step_for_unknown_kid(&self, now: Duration) -> Step {
        let has_cooled_down = self.last_fetch.is_none_or(|last| now.saturating_sub(last) >= self.ages.cool_down);
        if self.is_fetching || has_cooled_down { Step::Wait { start: !self.is_fetching } } else { Step::Serve }
    }

    /// When asking again makes sense; at least a second.
    pub(crate) fn retry_after(&self, now: Duration) -> Duration {
        self.next_fetch.saturating_sub(now).max(FIRST_RETRY)
    }

    /// A fetch has begun.
    pub(crate) fn started(&mut self) {
        self.is_fetching = true;
    }

    /// A fetch has brought a set, or word that it has not changed. `advice` is what the answer said of its age, `dice`
    /// a number from 0 to 1.
    pub(crate) fn succeeded(&mut self, now: Duration, advice: Advice, dice: f64) {
        let age = advice.age(&self.ages);
        let good = now + age;
        self.until = Some(Until {
            since: now,
            fresh: now + age.mul_f64(AHEAD + SPREAD_AHEAD * dice.clamp(0.0, 1.0)),
            good,
            usable: good + self.ages.max_stale,
        });
        self.ended(now);
        self.failures = 0;
        self.next_fetch = now + self.ages.cool_down;
    }

    /// A fetch has brought nothing. What there was stays.
    pub(crate) fn failed(&mut self, now: Duration, dice: f64) {
        let cool_down = self.ages.cool_down;
        let delay = if self.is_usable(now) {
            cool_down * (1 << self.failures.min(2))
        } else {
            (FIRST_RETRY * (1 << self.failures.min(16))).min(cool_down)
        };
        self.ended(now);
        self.failures = self.failures.saturating_add(1);
        self.next_fetch = now + delay.mul_f64(1.0 + SPREAD_RETRY * dice.clamp(0.0, 1.0));
    }

    fn ended(&mut self, now: Duration) {
        self.is_fetching = false;
        self.last_fetch = Some(now);
    }
}

#[cfg(test)]
mod tests;
