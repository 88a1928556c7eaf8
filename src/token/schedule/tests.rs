use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

fn key(kid: &str, state: State) -> Key {
    Key { kid: kid.to_owned(), algorithm: Algorithm::Es256, state }
}

fn due(now: i64, keys: &[Key]) -> Vec<Step> {
    Schedule::default().due(now, &[Algorithm::Es256], keys)
}

#[test]
fn the_first_key_of_a_kind_signs_at_once() {
    assert_eq!(due(0, &[]), [Step::MakeActive(Algorithm::Es256)]);
}

#[test]
fn the_next_key_is_published_two_days_before_it_signs() {
    let active = key("a", State::Active { since: 0 });

    assert_eq!(due(28 * DAY - 1, std::slice::from_ref(&active)), []);
    assert_eq!(due(28 * DAY, &[active]), [Step::MakeNext { algorithm: Algorithm::Es256, due: 30 * DAY }]);
}

#[test]
fn a_key_that_was_made_late_still_waits_a_day() {
    let keys = [key("a", State::Active { since: 0 }), key("n", State::Next { since: 40 * DAY, due: 30 * DAY })];

    assert_eq!(due(41 * DAY - 1, &keys), []);
    assert_eq!(due(41 * DAY, &keys), [Step::Promote { next: "n".to_owned() }]);
}

#[test]
fn a_retiring_key_stays_until_its_last_token_and_a_day_are_over() {
    let keys = [key("a", State::Active { since: 0 }), key("r", State::Retiring { since: 0 })];

    assert_eq!(due(DAY + HOUR - 1, &keys), []);
    assert_eq!(due(DAY + HOUR, &keys), [Step::Retire("r".to_owned())]);
}

#[test]
fn a_kind_that_nothing_uses_stops_once_it_had_time_to_be_used() {
    let keys = [key("a", State::Active { since: 0 }), key("n", State::Next { since: 0, due: 9 })];

    let due = |now| Schedule::default().due(now, &[], &keys);
    assert_eq!(due(299), []);
    assert_eq!(due(300), [Step::Stop("n".to_owned()), Step::Stop("a".to_owned())]);
}

/// A ring as the store keeps it: steps are applied the way the store applies them.
struct Ring {
    keys: Vec<Key>,
    made: usize,
}

impl Ring {
    fn tend(&mut self, now: i64) {
        for step in due(now, &self.keys) {
            match step {
                Step::MakeActive(_) => self.insert(State::Active { since: now }),
                Step::MakeNext { due, .. } => self.insert(State::Next { since: now, due }),
                Step::Promote { next } => {
                    for key in &mut self.keys {
                        match key.state {
                            State::Active { .. } => key.state = State::Retiring { since: now },
                            State::Next { .. } if key.kid == next => key.state = State::Active { since: now },
                            _ => {}
                        }
                    }
                }
                Step::Stop(kid) | Step::Retire(kid) => self.set(&kid, State::Retired { since: now }),
            }
        }
    }

    fn insert(&mut self, state: State) {
        self.made += 1;
        self.keys.push(key(&self.made.to_string(), state));
    }

    fn set(&mut self, kid: &str, state: State) {
        self.keys.iter_mut().filter(|key| key.kid == kid).for_each(|key| key.state = state);
    }

    fn published(&self) -> Vec<String> {
        self.keys.iter().filter(|key| key.state.is_published()).map(|key| key.kid.clone()).collect()
    }

    fn active(&self) -> Option<&str> {
        self.keys.iter().find(|key| matches!(key.state, State::Active { .. })).map(|key| &*key.kid)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A year of held time. Each stop is a time without us (a restart, a long night); in between, tokens are signed
    /// and verified by a verifier that took its JWKS as long ago as it may, and whose clock is off by as much as may be.
    #[test]
    fn a_verifier_that_caches_as_long_as_it_may_meets_no_token_it_can_not_verify(
        stops in proptest::collection::vec((0..365 * DAY, 0..45 * DAY), 0..12),
        tick in 30..2 * HOUR,
        ages in proptest::collection::vec(0..=seconds(limit::JWKS_STALE_MAX + limit::JWKS_MAX_AGE), 1..5),
        skews in proptest::collection::vec(-seconds(limit::CLOCK_SKEW)..=seconds(limit::CLOCK_SKEW), 1..5),
        lifetimes in proptest::collection::vec(60..=seconds(limit::TOKEN_LIFETIME_MAX), 1..5),
    ) {
        let mut ring = Ring { keys: Vec::new(), made: 0 };
        let mut history: Vec<(i64, Vec<String>)> = Vec::new();
        let mut tokens: Vec<(String, i64)> = Vec::new();
        let mut promoted = 0;
        let mut now = 0;
        for round in 0.. {
            // Nodes take turns, and their clocks differ.
            let node = now + skews[round % skews.len()];
            let before = ring.active().map(str::to_owned);
            ring.tend(node);
            promoted += usize::from(before.is_some() && before.as_deref() != ring.active());
            history.push((now, ring.published()));

            let seen_at = now - ages[round % ages.len()];
            let seen = history.iter().rev().find(|(at, _)| *at <= seen_at).or(history.first());
            let seen = &seen.expect("there is a history").1;
            let signer = ring.active().expect("something always signs").to_owned();
            prop_assert!(seen.contains(&signer), "a token signed by {} at {} met a JWKS of {}", signer, now, seen_at);

            // A token made just before still verifies with a JWKS fetched just now, until it has expired.
            tokens.push((signer, now + lifetimes[round % lifetimes.len()]));
            tokens.retain(|(_, end)| *end + seconds(limit::CLOCK_SKEW) >= now);
            for (kid, _) in &tokens {
                prop_assert!(ring.published().contains(kid), "{} left the JWKS with a living token", kid);
            }

            let next = now + tick;
            let stop = stops.iter().find(|(at, _)| (now..next).contains(at)).map_or(0, |(_, length)| *length);
            now = next + stop;
            if now > 365 * DAY {
                break;
            }
        }
        let away: i64 = stops.iter().map(|(_, length)| length).sum();
        prop_assert!(away > 100 * DAY || promoted >= 4, "only {} rotations in a year", promoted);
    }
}
