use std::time::Duration;

use proptest::prelude::*;

use super::{Freshness, Step};
use crate::advice::Advice;
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
}
