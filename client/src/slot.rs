//! The place of one target's token: its state behind a lock, and who is told when something happens.
//!
//! In:    callers, and the keeper.
//! Never: holds its lock for longer than it takes to look, or while something else is called.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use crate::clock::Moment;
use crate::state::{Need, State, Step};
use crate::target::Target;
use crate::token::Token;

pub(crate) struct Slot {
    pub(crate) target: Arc<Target>,
    state: Mutex<State>,
    keeper: Mutex<Option<AbortHandle>>,
    /// Counts what has happened, for callers who wait.
    turns: watch::Sender<u64>,
    /// Ends the keeper's rest.
    wake: Notify,
}

impl Slot {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        let (state, keeper) = (Mutex::default(), Mutex::default());
        Self { target, state, keeper, turns: watch::Sender::new(0), wake: Notify::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token if it is there, and whether somebody has to start looking after it.
    pub(crate) fn take(&self, need: Need, now: Moment) -> Option<(Token, bool)> {
        let mut state = self.state();
        let token = state.take(need, now)?;
        let starts = !state.has_keeper;
        state.has_keeper = true;
        Some((token, starts))
    }

    /// What a caller does next, and whether somebody has to start looking after this slot.
    pub(crate) fn step(
        &self,
        need: Need,
        now: Moment,
        deadline: std::time::Duration,
        has_turned: bool,
    ) -> (Step, bool) {
        let mut state = self.state();
        let step = state.step(need, now, deadline, has_turned);
        let starts = !state.has_keeper && !matches!(step, Step::Fail(_));
        state.has_keeper |= starts;
        drop(state);
        if matches!(step, Step::Wait) {
            self.wake.notify_one();
        }
        (step, starts)
    }

    /// Ends when somebody needs what is not there. Whoever slept looks again what there is to do.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Tells those who wait that something has happened.
    pub(crate) fn turn(&self) {
        self.turns.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn turns(&self) -> watch::Receiver<u64> {
        self.turns.subscribe()
    }

    /// Counts a caller until the answer is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.state().waiting += 1;
        Waiting(self)
    }

    pub(crate) fn is_kept_by(&self, keeper: AbortHandle) {
        *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
    }

    /// Ends the task that looks after this slot, if there is one.
    pub(crate) fn leave(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            keeper.abort();
        }
    }
}

/// A caller who waits.
pub(crate) struct Waiting<'a>(&'a Slot);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}
