//! The time line of signing keys, drawn from what the schedule does.

mod drawing;

use hallpass::token::schedule::{Key, Schedule, State, Step};
use hallpass_verifier::Algorithm;

use super::{Page, root};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A key with the moments at which it moved on.
#[derive(Default)]
struct Life {
    next: Option<i64>,
    active: Option<i64>,
    retiring: Option<i64>,
    retired: Option<i64>,
}

/// What the schedule does, hour by hour, until `end`.
fn lives(end: i64) -> Vec<Life> {
    let schedule = Schedule::default();
    let (mut keys, mut lives): (Vec<Key>, Vec<Life>) = (Vec::new(), Vec::new());
    let algorithm = Algorithm::Es256;
    for now in (0..=end).step_by(usize::try_from(HOUR).unwrap()) {
        for step in schedule.due(now, &[algorithm], &keys) {
            let mut make = |state, life| {
                keys.push(Key { kid: lives.len().to_string(), algorithm, state });
                lives.push(life);
            };
            match step {
                Step::MakeActive(_) => {
                    make(State::Active { since: now }, Life { active: Some(now), ..Life::default() });
                }
                Step::MakeNext { due, .. } => {
                    make(State::Next { since: now, due }, Life { next: Some(now), ..Life::default() });
                }
                Step::Promote { next } => {
                    for (key, life) in keys.iter_mut().zip(&mut lives) {
                        if key.kid == next {
                            (key.state, life.active) = (State::Active { since: now }, Some(now));
                        } else if matches!(key.state, State::Active { .. }) {
                            (key.state, life.retiring) = (State::Retiring { since: now }, Some(now));
                        }
                    }
                }
                Step::Retire(kid) => {
                    let at = keys.iter().position(|key| key.kid == kid).unwrap();
                    (keys[at].state, lives[at].retired) = (State::Retired { since: now }, Some(now));
                }
                Step::Stop(_) => unreachable!("the kind is in use"),
            }
        }
    }
    lives
}

/// A moment as people say it: `day 31 + 1 h`.
fn moment(at: i64) -> String {
    match at % DAY / HOUR {
        0 => format!("day {}", at / DAY),
        hours => format!("day {} + {hours} h", at / DAY),
    }
}

/// The same in words, for who does not see it.
fn told(lives: &[Life]) -> String {
    let keys = lives.iter().zip(["A", "B", "C"]).map(|(life, name)| {
        let moments = [
            ("is published", life.next),
            ("signs", life.active),
            ("retires", life.retiring),
            ("is retired", life.retired),
        ];
        let moments = moments.into_iter().filter_map(|(what, at)| at.map(|at| format!("{what} on {}", moment(at))));
        format!("key {name} {}", moments.collect::<Vec<_>>().join(", "))
    });
    keys.collect::<Vec<_>>().join("; ")
}

#[test]
fn the_time_line_is_the_schedules() {
    let path = root().join("docs/images/rotation.svg");
    Page { path, text: drawing::draw() }.hold();
}
