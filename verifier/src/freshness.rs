//! When to ask the issuer for its keys again.
//!
//! In:    the time, and how each fetch went.
//! Out:   serve what there is, fetch beside it, wait for a fetch, or refuse.
//! Never: asks the time, sleeps, rolls dice or fetches; all that is handed in.

use std::time::Duration;

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
            // Old keys may include a withdrawn one, so ask first; use them when the issuer does not answer.
            Some(until) if now < until.usable => {
                if self.is_fetching || may_start {
                    Step::Wait { start: may_start }
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

/// What an answer says of its own age (RFC 9111 4.2), before anyone clamps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Nothing.
    None,
    /// Good for so many seconds. What can't be read and what must not be stored is good for none.
    Seconds(u64),
}

impl Advice {
    /// Reads `Cache-Control` and takes off the `Age` that a cache on the way has added.
    pub(crate) fn read<'h>(cache_control: impl Iterator<Item = &'h str>, age: Option<&str>) -> Self {
        let mut advice = Self::None;
        for directive in cache_control.flat_map(|header| header.split(',')) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let seconds = match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => 0,
                "max-age" => seconds_of(value).unwrap_or(0),
                _ => continue,
            };
            advice = match advice {
                Self::None => Self::Seconds(seconds),
                Self::Seconds(others) => Self::Seconds(others.min(seconds)),
            };
        }
        match advice {
            Self::None => Self::None,
            Self::Seconds(seconds) => Self::Seconds(seconds.saturating_sub(age.and_then(seconds_of).unwrap_or(0))),
        }
    }

    fn age(self, ages: &Ages) -> Duration {
        match self {
            Self::None => ages.default_age,
            Self::Seconds(seconds) => Duration::from_secs(seconds).clamp(ages.min_age, ages.max_age),
        }
    }
}

/// delta-seconds (RFC 9111 1.2.2): digits, perhaps quoted; too many of them mean very long.
fn seconds_of(text: &str) -> Option<u64> {
    let digits = text.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Advice, Freshness, Step};
    use crate::limits::Ages;

    #[derive(Clone, Debug)]
    enum Event {
        Passes(u64),
        Token,
        UnknownKid,
        Succeeds(Advice, f64),
        Fails(f64),
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let dice = 0.0..=1.0_f64;
        let advice = prop_oneof![
            Just(Advice::None),
            any::<u64>().prop_map(Advice::Seconds),
            (0..2000_u64).prop_map(Advice::Seconds)
        ];
        prop_oneof![
            (0..90_u64).prop_map(Event::Passes),
            (0..5000_u64).prop_map(Event::Passes),
            Just(Event::Token),
            Just(Event::Token),
            Just(Event::UnknownKid),
            (advice, dice.clone()).prop_map(|(advice, dice)| Event::Succeeds(advice, dice)),
            dice.prop_map(Event::Fails),
        ]
    }

    /// What the verifier around the machine does, and what must hold whatever happens.
    #[derive(Default)]
    struct World {
        now: Duration,
        is_fetching: bool,
        ended: Option<(Duration, bool)>,
        good_since: Option<Duration>,
    }

    impl World {
        fn follow(&mut self, machine: &mut Freshness, step: Step, is_known: bool, ages: &Ages) {
            let starts = matches!(step, Step::Refresh | Step::Wait { start: true });
            if starts {
                assert!(!self.is_fetching, "two at a time");
                if let Some((ended, was_good)) = self.ended {
                    let rest = self.now.saturating_sub(ended);
                    let least = if is_known && !was_good { Duration::from_secs(1) } else { ages.cool_down };
                    assert!(rest >= least, "{rest:?} after the last one");
                }
                machine.started();
                self.is_fetching = true;
            }
            match step {
                Step::Serve | Step::Refresh if is_known => {
                    let age = self.now.saturating_sub(self.good_since.expect("no set to serve"));
                    assert!(age < ages.max_age + ages.max_stale, "{age:?} old");
                }
                Step::Wait { start: false } => assert!(self.is_fetching, "nothing to wait for"),
                Step::Refuse { retry_after } => {
                    assert!(retry_after >= Duration::from_secs(1));
                    assert!(retry_after <= (ages.cool_down * 4).mul_f64(1.2), "{retry_after:?}");
                }
                _ => {}
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens(events in prop::collection::vec(any_event(), 1..200)) {
            let ages = Ages::default();
            let mut machine = Freshness::new(ages.clone());
            let mut world = World::default();
            for event in events {
                match event {
                    Event::Passes(seconds) => world.now += Duration::from_secs(seconds),
                    Event::Token => {
                        let step = machine.step(world.now);
                        world.follow(&mut machine, step, true, &ages);
                    }
                    Event::UnknownKid => {
                        let step = machine.step_for_unknown_kid(world.now);
                        world.follow(&mut machine, step, false, &ages);
                    }
                    Event::Succeeds(advice, dice) if world.is_fetching => {
                        machine.succeeded(world.now, advice, dice);
                        world.is_fetching = false;
                        world.ended = Some((world.now, true));
                        world.good_since = Some(world.now);
                        prop_assert!(machine.is_usable(world.now));
                        prop_assert!(machine.fresh_until() >= world.now + ages.min_age.mul_f64(0.75));
                        prop_assert!(machine.fresh_until() <= world.now + ages.max_age.mul_f64(0.85));
                    }
                    Event::Fails(dice) if world.is_fetching => {
                        let was_usable = machine.is_usable(world.now);
                        machine.failed(world.now, dice);
                        world.is_fetching = false;
                        world.ended = Some((world.now, false));
                        prop_assert_eq!(machine.is_usable(world.now), was_usable);
                    }
                    Event::Succeeds(..) | Event::Fails(_) => {}
                }
            }
        }

        #[test]
        fn any_header_gives_an_age_within_the_clamps(header in ".*", directives in "(max-age|no-store|public)(=[0-9\"e.-]{0,12})?(, ?max-age=[0-9]{0,30})?", age in ".*") {
            let ages = Ages::default();

            for text in [header, directives] {
                let given = Advice::read([text.as_str()].into_iter(), Some(&age)).age(&ages);
                prop_assert!((ages.min_age..=ages.max_age).contains(&given));
            }
        }
    }
}
