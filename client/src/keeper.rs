//! Looking after a slot: a task that asks the issuer whenever it is time.
//!
//! In:    a slot that somebody asks for.
//! Out:   a token in it, ahead of time; and word to those who wait.
//! Never: outlives the source, asks for what nobody uses, says a secret.

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::runtime::Handle;

use crate::answer::Failure;
use crate::clock::{Moment, Stopwatch};
use crate::limits::Limits;
use crate::slot::Slot;
use crate::state::Task;
use crate::token::{Grant, Token};
use crate::trade::{Failed, Trader};

/// What all keepers of a source share.
pub(crate) struct Shared {
    pub(crate) trader: Trader,
    pub(crate) stopwatch: Stopwatch,
    pub(crate) limits: Limits,
}

/// Starts looking after a slot that nobody looks after. No lock may be held: a runtime that is shutting down drops the
/// task at once.
pub(crate) fn start(runtime: &Handle, shared: &Arc<Shared>, slot: &Arc<Slot>) {
    let post = Post { shared: Arc::clone(shared), slot: Arc::clone(slot), is_left: false };
    let task = runtime.spawn(keep(post));
    slot.is_kept_by(task.abort_handle());
}

async fn keep(mut post: Post) {
    let (shared, slot) = (Arc::clone(&post.shared), Arc::clone(&post.slot));
    loop {
        let now = shared.stopwatch.now();
        let task = slot.state().task(now);
        match task {
            Task::Leave => {
                post.is_left = true;
                return;
            }
            Task::SleepUntil(until) => tokio::select! {
                () = shared.stopwatch.sleep_until(until) => {}
                () = slot.woken() => {}
            },
            Task::Ask(refused) => {
                let outcome = shared.trader.trade(&slot.target, refused.as_ref()).await;
                land(&shared, &slot, outcome);
            }
        }
    }
}

/// Takes in what an attempt has brought, and lets those who wait go on.
fn land(shared: &Shared, slot: &Slot, outcome: Result<(Grant, Moment), Failed>) {
    let now = shared.stopwatch.now();
    tell(shared, slot, &outcome, now);
    let mut state = slot.state();
    match outcome {
        Ok((grant, asked)) => {
            let token = Token::new(grant, asked, state.serial + 1, Arc::clone(&slot.target));
            state.succeed(token, asked, dice());
        }
        Err(failed) => state.fail(failed, now, dice()),
    }
    drop(state);
    slot.turn();
}

/// Logs what an attempt has brought. Without the slot's lock: what takes in the log is the app's, and may ask for a token.
fn tell(shared: &Shared, slot: &Slot, outcome: &Result<(Grant, Moment), Failed>, now: Moment) {
    let (issuer, target) = (&*shared.trader.issuer.name, slot.target.name());
    let left = slot.state().left(now);
    match outcome {
        Ok((Grant { lifetime, .. }, _)) => tracing::debug!(issuer, target, ?lifetime, "traded the key for a token"),
        Err(Failed { failure: Failure::Passing { trouble, .. }, .. }) => {
            tracing::warn!(issuer, target, ?left, %trouble, "no new token yet; trying again");
        }
        Err(Failed { failure: Failure::Final(error), shown }) => {
            let key = shown.as_ref().map_or("", |key| key.name());
            tracing::error!(issuer, target, ?left, key, %error, "no new token");
        }
    }
}

/// A keeper at its post. However its task ends, somebody else can take over.
struct Post {
    shared: Arc<Shared>,
    slot: Arc<Slot>,
    is_left: bool,
}

impl Drop for Post {
    fn drop(&mut self) {
        if !self.is_left {
            let now = self.shared.stopwatch.now();
            self.slot.state().abandon(now, dice());
            self.slot.turn();
        }
    }
}

/// A number from 0 to 1; without randomness, a fixed one does.
fn dice() -> f64 {
    let mut byte = [0];
    match SystemRandom::new().fill(&mut byte) {
        Ok(()) => f64::from(byte[0]) / 255.0,
        Err(_) => 0.5,
    }
}
