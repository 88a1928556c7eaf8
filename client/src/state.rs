//! One target's token through time, as plain values.
//!
//! In:    what callers need, how attempts went, and the time.
//! Out:   a token, an error, or word to wait; and what the keeper does next.
//! Never: asks the time, sleeps, rolls dice or asks the issuer; all that is handed in.

use std::time::Duration;

use crate::answer::Failure;
use crate::clock::Moment;
use crate::error::{Error, Trouble};
use crate::limits::{RECHECK, REFUSED_FOR, RENEWED_FOR, SHORTEST_REST};
use crate::pace;
use crate::token::Token;
use crate::trade::{Failed, Refused};

/// What there is, what went wrong, and what the keeper is at.
#[derive(Debug, Default)]
pub(crate) struct State {
    token: Option<Token>,
    /// How many tokens there were.
    pub(crate) serial: u64,
    /// Whether somebody has asked since the token came.
    is_used: bool,
    /// How many callers wait.
    pub(crate) waiting: usize,
    /// Whether there is a task that looks after this.
    pub(crate) has_keeper: bool,
    phase: Phase,
    /// Until when it rests or pauses, of what has passed on the clock.
    until: Duration,
    /// Nobody's need ends a rest sooner than this, and until then a final answer is everyone's.
    not_before: Duration,
    failures: u32,
    last: Last,
    refused: Option<Refused>,
    /// When a token was last renewed because a service refused it.
    renewed: Option<Moment>,
}

/// What the keeper is at, or would be if there were one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// There is nothing to do for a while, unless somebody needs a new token.
    #[default]
    Resting,
    /// The issuer is being asked.
    Asking,
    /// The issuer is left alone for a while, whoever needs a token.
    Pausing,
}

/// How the last attempt ended.
#[derive(Debug, Default)]
enum Last {
    #[default]
    Good,
    Passing(Trouble),
    Final(Error),
}

/// Which token a caller needs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    /// One that is good.
    Good,
    /// A newer one than this, which a service refused.
    NewerThan(u64),
}

/// What a caller is to do.
#[derive(Debug)]
pub(crate) enum Step {
    Take(Token),
    Fail(Error),
    Wait,
}

/// What the keeper is to do.
#[derive(Debug)]
pub(crate) enum Task {
    /// Ask the issuer, but not with the key that was refused.
    Ask(Option<Refused>),
    SleepUntil(Duration),
    Leave,
}

impl State {
    /// The token, if it is what somebody needs.
    pub(crate) fn take(&mut self, need: Need, now: Moment) -> Option<Token> {
        let is_new = |token: &&Token| match need {
            Need::Good => true,
            Need::NewerThan(serial) => token.serial() > serial,
        };
        let token = self.token.as_ref().filter(is_new).filter(|token| token.is_good(now))?.clone();
        self.is_used = true;
        Some(token)
    }

    /// What a caller does who waits until `deadline`; `has_turned` says whether something happened since it came.
    pub(crate) fn step(&mut self, need: Need, now: Moment, deadline: Duration, has_turned: bool) -> Step {
        if let Some(token) = self.take(need, now) {
            return Step::Take(token);
        }
        // Who asks again at once gets the same again: a source of keys that never gives the same one twice would have each
        // of them shown, and the log has a line for each look.
        if (has_turned || now.passed < self.not_before)
            && let Last::Final(error) = &self.last
        {
            return Step::Fail(error.clone());
        }
        match self.phase {
            Phase::Pausing if self.until > deadline || self.can_do_without(need, now) => {
                Step::Fail(self.unavailable(now))
            }
            Phase::Resting => self.end_rest(need, now),
            Phase::Asking | Phase::Pausing => Step::Wait,
        }
    }

    /// Whether a pause is not worth waiting for: a service has refused a token that others go on with, and whoever showed it
    /// has that answer in hand.
    fn can_do_without(&self, need: Need, now: Moment) -> bool {
        matches!(need, Need::NewerThan(_)) && now.passed < self.until && !self.left(now).is_zero()
    }

    /// Somebody needs what is not there, so the rest is over.
    fn end_rest(&mut self, need: Need, now: Moment) -> Step {
        let mut not_before = self.not_before;
        if let Need::NewerThan(_) = need {
            let is_renewed = self.renewed.is_some_and(|at| at.age(now) < RENEWED_FOR);
            // A service that refuses every token would cost a trade for each request. A rest that is over already ends in
            // a new token.
            if now.passed < self.until
                && is_renewed
                && let Some(token) = self.take(Need::Good, now)
            {
                return Step::Take(token);
            }
            if !is_renewed {
                not_before = Duration::ZERO;
            }
            self.renewed = Some(now);
        }
        self.until = self.until.min(not_before);
        Step::Wait
    }

    /// For a caller whose time is up.
    pub(crate) fn unavailable(&self, now: Moment) -> Error {
        let trouble = match &self.last {
            Last::Passing(trouble) => trouble.clone(),
            Last::Good | Last::Final(_) => Trouble::NoAnswer,
        };
        let is_pausing = self.phase == Phase::Pausing;
        let retry_after = is_pausing.then(|| self.until.saturating_sub(now.passed));
        Error::Unavailable { trouble, retry_after }
    }

    /// What the keeper does next.
    pub(crate) fn task(&mut self, now: Moment) -> Task {
        if self.phase != Phase::Asking && now.passed < self.until {
            return Task::SleepUntil(self.until);
        }
        let is_kept = self.is_used && self.token.as_ref().is_some_and(|token| token.is_good(now));
        if !is_kept && self.waiting == 0 {
            self.has_keeper = false;
            return Task::Leave;
        }
        self.phase = Phase::Asking;
        let is_shown_again = |refused: &&Refused| self.waiting > 0 && refused.at.age(now) >= REFUSED_FOR;
        Task::Ask(self.refused.as_ref().filter(|refused| !is_shown_again(refused)).cloned())
    }

    /// The issuer gave a token, for a request sent at `asked`.
    pub(crate) fn succeed(&mut self, token: Token, asked: Moment, dice: f64) {
        self.until = asked.passed + pace::rest(token.lifetime(), dice);
        self.not_before = asked.passed + SHORTEST_REST;
        self.serial = token.serial();
        self.token = Some(token);
        self.is_used = false;
        self.phase = Phase::Resting;
        self.failures = 0;
        self.last = Last::Good;
        self.refused = None;
    }

    /// The attempt came to nothing. What there was stays.
    pub(crate) fn fail(&mut self, failed: Failed, now: Moment, dice: f64) {
        match failed.failure {
            Failure::Passing { trouble, retry_after } => {
                self.failures = self.failures.saturating_add(1);
                self.phase = Phase::Pausing;
                self.until = now.passed + pace::pause(self.failures, retry_after, dice);
                self.last = Last::Passing(trouble);
            }
            Failure::Final(error) => {
                if let Some(key) = failed.shown {
                    self.refused = Some(Refused { key, error: error.clone(), at: now });
                }
                self.failures = 0;
                self.phase = Phase::Resting;
                self.until = now.passed + RECHECK;
                self.not_before = now.passed + SHORTEST_REST;
                self.last = Last::Final(error);
            }
        }
    }

    /// The keeper is gone before its time: a key source has panicked, or its runtime has ended. What it was asking for
    /// counts as an attempt that failed, or the next keeper would panic at once.
    pub(crate) fn abandon(&mut self, now: Moment, dice: f64) {
        self.has_keeper = false;
        if self.phase == Phase::Asking {
            self.fail(Failed { shown: None, failure: Trouble::Abandoned.into() }, now, dice);
        }
    }

    /// How long callers are still served with what there is.
    pub(crate) fn left(&self, now: Moment) -> Duration {
        self.token.as_ref().filter(|token| token.is_good(now)).map(|token| token.left(now)).unwrap_or_default()
    }

    /// Whether forgetting this loses nothing.
    pub(crate) fn is_idle(&self, now: Moment) -> bool {
        !self.has_keeper && self.waiting == 0 && now.passed >= self.until && self.left(now).is_zero()
    }
}

#[cfg(test)]
mod tests;
