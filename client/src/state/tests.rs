use reqwest::StatusCode;
use zeroize::Zeroizing;

use super::*;
use crate::error::Refusal;
use crate::key::Key;
use crate::token::Grant;

/// A state, and a clock to push.
struct Life {
    state: State,
    now: Moment,
}

const FOREVER: Duration = Duration::MAX;

impl Life {
    fn new() -> Self {
        let now = Moment { wall: Duration::from_secs(1_700_000_000), passed: Duration::ZERO };
        Self { state: State::default(), now }
    }

    /// With a token of 300 s that is renewed after 225 s.
    fn with_token() -> Self {
        let mut life = Self::new();
        life.succeed();
        life
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
    }

    fn succeed(&mut self) {
        self.succeed_for(Duration::from_mins(5));
    }

    fn succeed_for(&mut self, lifetime: Duration) {
        let grant = Grant { secret: Zeroizing::new("t".to_owned()), scope: None, lifetime };
        let token = Token::new(grant, self.now, self.state.serial + 1, std::sync::Arc::default());
        self.state.succeed(token, self.now, 0.0);
    }

    fn fail(&mut self, retry_after: Option<u64>) {
        let retry_after = retry_after.map(Duration::from_secs);
        let failure = Failure::Passing { trouble: Trouble::Unreachable { why: "refused".into() }, retry_after };
        self.state.fail(Failed { shown: None, failure }, self.now, 1.0);
    }

    fn refuse(&mut self) {
        let refusal =
            Refusal { status: StatusCode::UNAUTHORIZED, error: "invalid_client".into(), description: "-".into() };
        let failed = Failed { shown: Some(Key::parse("key").unwrap()), failure: Failure::Final(refusal.into()) };
        self.state.fail(failed, self.now, 1.0);
    }

    fn step(&mut self, need: Need) -> Step {
        self.state.step(need, self.now, FOREVER, false)
    }

    /// The second at which the keeper asks next, or `None` if it leaves.
    fn asks_at(&mut self) -> Option<u64> {
        match self.state.task(self.now) {
            Task::Ask(_) => Some(self.now.passed.as_secs()),
            Task::SleepUntil(until) => {
                self.now = self.now.after(until.saturating_sub(self.now.passed));
                self.asks_at()
            }
            Task::Leave => None,
        }
    }
}

#[test]
fn the_first_caller_waits_and_the_keeper_asks() {
    let mut life = Life::new();
    life.state.waiting = 1;

    assert!(matches!(life.step(Need::Good), Step::Wait));
    assert_eq!(life.asks_at(), Some(0));
    life.succeed();
    assert!(matches!(life.step(Need::Good), Step::Take(_)));
}

#[test]
fn a_used_token_is_renewed_at_three_quarters_of_its_life_and_an_unused_one_is_not() {
    let mut life = Life::with_token();
    assert_eq!(life.asks_at(), None);

    let mut life = Life::with_token();
    assert!(life.state.take(Need::Good, life.now).is_some());
    assert_eq!(life.asks_at(), Some(225));
}

#[test]
fn a_token_is_good_until_five_seconds_before_its_end() {
    let mut life = Life::with_token();
    life.pass(294);
    assert!(life.state.take(Need::Good, life.now).is_some());
    life.pass(1);
    assert!(life.state.take(Need::Good, life.now).is_none());
}

#[test]
fn who_needs_a_token_ends_a_rest_and_no_pause() {
    let mut life = Life::with_token();
    life.state.waiting = 1;
    life.step(Need::NewerThan(1));
    assert_eq!(life.asks_at(), Some(0));

    life.fail(Some(20));
    life.step(Need::NewerThan(1));
    assert_eq!(life.asks_at(), Some(21));
}

#[test]
fn who_needs_a_token_does_not_make_two_requests_in_a_second() {
    for lifetime in [Duration::from_nanos(1), Duration::from_secs(1)] {
        let mut life = Life::new();
        life.succeed_for(lifetime);
        life.now = life.now.after(Duration::from_millis(950));
        life.state.waiting = 1;

        assert!(matches!(life.step(Need::Good), Step::Wait));
        assert_eq!(life.asks_at(), Some(1));
    }
}

#[test]
fn a_token_that_a_service_refused_is_replaced_at_once_and_its_successor_a_second_later() {
    let mut life = Life::new();
    life.state.waiting = 1;
    life.succeed_for(Duration::from_secs(1));
    assert!(matches!(life.step(Need::NewerThan(1)), Step::Wait));
    assert_eq!(life.asks_at(), Some(0));

    life.succeed_for(Duration::from_secs(1));
    life.now = life.now.after(Duration::from_millis(950));
    assert!(matches!(life.step(Need::NewerThan(2)), Step::Wait));
    assert_eq!(life.asks_at(), Some(1));
}

#[test]
fn nobody_waits_for_the_end_of_a_pause_with_a_token_that_others_take() {
    let mut life = Life::with_token();
    life.state.take(Need::Good, life.now);
    assert!(matches!(life.step(Need::NewerThan(1)), Step::Wait));
    assert_eq!(life.asks_at(), Some(0));
    life.fail(Some(20));

    let step = life.step(Need::NewerThan(1));
    let Step::Fail(Error::Unavailable { retry_after: Some(after), .. }) = step else { panic!("{step:?}") };
    assert_eq!(after.as_secs(), 21);
    life.pass(21);
    assert!(matches!(life.step(Need::NewerThan(1)), Step::Wait), "the pause is over");
    life.pass(279);
    life.fail(None);
    assert!(matches!(life.step(Need::NewerThan(1)), Step::Wait), "nobody has one");
}

#[test]
fn a_pause_outlives_its_keeper() {
    let mut life = Life::new();
    life.state.waiting = 1;
    assert_eq!(life.asks_at(), Some(0));
    life.fail(Some(20));
    life.state.waiting = 0;
    assert_eq!(life.asks_at(), None);

    let mut life = Life { now: Moment { wall: life.now.wall, passed: Duration::from_secs(2) }, state: life.state };
    life.state.waiting = 1;
    assert!(matches!(life.step(Need::Good), Step::Wait));
    assert_eq!(life.asks_at(), Some(21));
}

#[test]
fn failures_add_up_until_one_succeeds() {
    let mut life = Life::new();
    life.state.waiting = 1;
    let mut asked = Vec::new();
    for _ in 0..8 {
        asked.extend(life.asks_at());
        life.fail(None);
    }
    assert_eq!(asked, [0, 0, 0, 1, 3, 7, 15, 25]);
    life.succeed();
    life.fail(None);
    assert_eq!(life.state.failures, 1);
}

#[test]
fn a_final_answer_goes_to_those_who_waited_for_it() {
    let mut life = Life::new();
    life.state.waiting = 2;
    life.asks_at();
    life.refuse();

    assert!(matches!(life.state.step(Need::Good, life.now, FOREVER, true), Step::Fail(Error::Refused(_))));
    assert!(matches!(life.step(Need::Good), Step::Fail(Error::Refused(_))), "it is news");
    life.pass(1);
    assert!(matches!(life.step(Need::Good), Step::Wait), "a newcomer has it looked at");
}

#[test]
fn a_refused_key_is_shown_again_after_half_a_minute_and_only_if_somebody_waits() {
    let is_kept_back = |waiting: usize, seconds: u64| {
        let mut life = Life::with_token();
        life.state.take(Need::Good, life.now);
        life.refuse();
        life.pass(seconds);
        life.state.waiting = waiting;
        match life.state.task(life.now) {
            Task::Ask(refused) => refused.is_some(),
            task => panic!("{task:?}"),
        }
    };

    assert!(is_kept_back(1, 29) && !is_kept_back(1, 30));
    assert!(is_kept_back(0, 29) && is_kept_back(0, 200));
}

#[test]
fn who_can_not_wait_for_the_end_of_a_pause_is_told() {
    let mut life = Life::new();
    life.state.waiting = 1;
    life.asks_at();
    life.fail(Some(60));

    let step = life.state.step(Need::Good, life.now, Duration::from_secs(30), false);

    let Step::Fail(Error::Unavailable { retry_after: Some(after), .. }) = step else { panic!("{step:?}") };
    assert_eq!(after.as_secs(), 61);
}

#[test]
fn a_keeper_that_vanished_while_it_asked_is_replaced_by_one_that_asks_after_a_pause() {
    let mut life = Life::new();
    life.state.waiting = 1;
    let mut asked = Vec::new();
    for _ in 0..6 {
        asked.extend(life.asks_at());
        life.state.has_keeper = true;
        life.state.abandon(life.now, 1.0);
        assert!(!life.state.has_keeper && matches!(life.step(Need::Good), Step::Wait));
    }

    assert_eq!(asked, [0, 0, 0, 1, 3, 7]);
    assert!(matches!(life.state.unavailable(life.now), Error::Unavailable { trouble: Trouble::Abandoned, .. }));
}

#[test]
fn a_keeper_that_vanished_while_it_rested_leaves_the_rest_as_it_is() {
    let mut life = Life::with_token();
    life.state.take(Need::Good, life.now);
    life.state.abandon(life.now, 1.0);

    assert_eq!((life.asks_at(), life.state.failures), (Some(225), 0));
}
