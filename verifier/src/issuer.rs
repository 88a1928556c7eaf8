//! The keys of one issuer, and the one fetch that may be under way.
//!
//! In:    tokens that need keys.
//! Out:   the key set of the moment.
//! Never: holds a lock across a fetch or a log, keeps an unknown `kid`, lets a fetch outlive the verifier, waits for ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::clock::Stopwatch;
use crate::error::Error;
use crate::fetch::{Answer, Fetch, Known, NoAnswer};
use crate::freshness::{Freshness, Step};
use crate::health::{Health, Standing};
use crate::keyset::KeySet;
use crate::limits::Ages;

/// A fetch keeps its own time limit. One that has not ended so long after it is on a runtime that nobody drives.
const GRACE: Duration = Duration::from_secs(1);

/// The keys of an issuer, through time.
pub(crate) struct Issuer {
    fetch: Arc<Fetch>,
    stopwatch: Stopwatch,
    kept: ArcSwap<Kept>,
    state: Mutex<State>,
    /// Counts fetches that have ended, for those who wait for one. It changes under the lock, so the count is the number
    /// of the fetch under way.
    ended: watch::Sender<u64>,
}

/// What the hot path reads, without a lock.
#[derive(Default)]
struct Kept {
    keys: Arc<KeySet>,
    /// Until then nobody has to ask whether it is fresh.
    fresh_until: Duration,
}

struct State {
    freshness: Freshness,
    known: Option<Known>,
    flight: Option<AbortHandle>,
    /// What went wrong with the last fetch, if it did.
    trouble: Option<NoAnswer>,
    /// Good fetches, and failed ones, since the verifier was made.
    fetches: [u64; 2],
}

impl Issuer {
    pub(crate) fn new(fetch: Fetch, ages: Ages, stopwatch: Stopwatch) -> Arc<Self> {
        Arc::new(Self {
            fetch: Arc::new(fetch),
            stopwatch,
            kept: ArcSwap::default(),
            state: Mutex::new(State {
                freshness: Freshness::new(ages),
                known: None,
                flight: None,
                trouble: None,
                fetches: [0, 0],
            }),
            ended: watch::Sender::new(0),
        })
    }

    /// Whose keys they are.
    pub(crate) fn name(&self) -> &str {
        &self.fetch.issuer
    }

    /// What went wrong with the last fetch, if it did.
    pub(crate) fn trouble(&self) -> Option<NoAnswer> {
        self.state().trouble
    }

    /// How the keys fare, without asking for any.
    pub(crate) fn health(&self) -> Health {
        let now = self.stopwatch.elapsed();
        let state = self.state();
        let keys = Arc::clone(&self.kept.load().keys);
        Health {
            issuer: self.fetch.issuer.clone(),
            standing: Standing::of(&state.freshness, now),
            keys: keys.len(),
            refused_keys: keys.refused().len(),
            age: state.freshness.age(now),
            last_error: state.trouble,
            failures: state.freshness.failures(),
            fetched: state.fetches[0],
            failed: state.fetches[1],
            cache: None,
        }
    }

    pub(crate) async fn keys(self: &Arc<Self>) -> Result<Arc<KeySet>, Error> {
        let now = self.stopwatch.elapsed();
        {
            let kept = self.kept.load();
            if now < kept.fresh_until {
                return Ok(Arc::clone(&kept.keys));
            }
        }
        if let Some(ended) = self.take_step(|freshness| freshness.step(now))? {
            self.wait(ended).await;
        }
        let now = self.stopwatch.elapsed();
        let state = self.state();
        if state.freshness.is_usable(now) {
            Ok(Arc::clone(&self.kept.load().keys))
        } else {
            Err(Error::Unavailable { retry_after: state.freshness.retry_after(now) })
        }
    }

    pub(crate) async fn keys_for(self: &Arc<Self>, kid: &str) -> Result<Arc<KeySet>, Error> {
        let keys = self.keys().await?;
        if keys.find(kid).is_some() {
            return Ok(keys);
        }
        Ok(self.keys_again().await.unwrap_or(keys))
    }

    async fn keys_again(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        let now = self.stopwatch.elapsed();
        self.wait(self.take_step(|freshness| freshness.step_for_unknown_kid(now)).ok()??).await;
        Some(Arc::clone(&self.kept.load().keys))
    }

    /// Starts a fetch if the step says so, and hands out what to wait for.
    fn take_step(
        self: &Arc<Self>,
        step: impl FnOnce(&Freshness) -> Step,
    ) -> Result<Option<watch::Receiver<u64>>, Error> {
        let (starts, waits) = {
            let mut state = self.state();
            let (starts, waits) = match step(&state.freshness) {
                Step::Serve => (false, None),
                Step::Refresh => (true, None),
                Step::Wait { start } => (start, Some(self.ended.subscribe())),
                Step::Refuse { retry_after } => return Err(Error::Unavailable { retry_after }),
            };
            if starts {
                state.freshness.started();
            }
            (starts.then(|| (*self.ended.borrow(), state.known.clone())), waits)
        };
        if let Some((number, known)) = starts {
            self.start(number, known);
        }
        Ok(waits)
    }

    /// The fetch is a task of its own, so that a caller who gives up does not take it from the others. A runtime that
    /// is shutting down drops the task at once, and with it the flight, so no lock may be held here.
    fn start(self: &Arc<Self>, number: u64, known: Option<Known>) {
        let flight = Flight { issuer: Arc::downgrade(self), number };
        let Ok(runtime) = Handle::try_current() else {
            drop(flight);
            tracing::error!(issuer = self.fetch.issuer, "the issuer's keys can only be fetched in a tokio runtime");
            return;
        };
        let fetch = Arc::clone(&self.fetch);
        let task = runtime.spawn(async move { flight.land(&fetch.keys(known).await) });
        self.state().flight = Some(task.abort_handle());
    }

    /// Waits until the fetch under way has ended. Without a runtime there are neither fetches nor timers.
    async fn wait(&self, mut ended: watch::Receiver<u64>) {
        if Handle::try_current().is_err() {
            return;
        }
        let number = *ended.borrow();
        let longest = self.fetch.limits.timeout.saturating_add(GRACE);
        // An error of the receiver says that the sender is gone, and with it the verifier; then there is nothing to wait for.
        if tokio::time::timeout(longest, ended.changed()).await.is_err() {
            self.land(number, &Err(NoAnswer::TooSlow(longest)));
        }
    }

    /// Takes in what a fetch has brought, once, and says so in the log. Without the lock: what takes in the log is the
    /// service's, and may ask for the keys, or panic.
    fn land(&self, number: u64, answer: &Result<Answer, NoAnswer>) {
        if self.take_in(number, answer) {
            self.tell(answer);
        }
    }

    /// Takes in what a fetch has brought, and lets those who wait go on. Whether it is news: a fetch that was given up may
    /// end all the same.
    fn take_in(&self, number: u64, answer: &Result<Answer, NoAnswer>) -> bool {
        let mut state = self.state();
        if *self.ended.borrow() != number {
            return false;
        }
        let now = self.stopwatch.elapsed();
        let mut keys = Arc::clone(&self.kept.load().keys);
        state.trouble = answer.as_ref().err().copied();
        state.fetches[usize::from(answer.is_err())] += 1;
        match answer {
            Ok(Answer::Keys { keys: new, known, advice }) => {
                // The same document is the same set: what it has vouched for stands.
                if !keys.is_from_the_document_of(new) {
                    keys = Arc::clone(new);
                }
                state.known.clone_from(known);
                state.freshness.succeeded(now, *advice, dice());
            }
            Ok(Answer::Unchanged { advice }) => state.freshness.succeeded(now, *advice, dice()),
            Err(_) => state.freshness.failed(now, dice()),
        }
        self.kept.store(Arc::new(Kept { keys, fresh_until: state.freshness.fresh_until() }));
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
        true
    }

    fn tell(&self, answer: &Result<Answer, NoAnswer>) {
        let issuer = self.fetch.issuer.as_str();
        match answer {
            Ok(Answer::Keys { keys, .. }) => {
                tracing::debug!(issuer, keys = keys.len(), refused = keys.refused().len(), "fetched the issuer's keys");
            }
            Ok(Answer::Unchanged { .. }) => tracing::debug!(issuer, "the issuer's keys have not changed"),
            Err(reason) => tracing::warn!(issuer, %reason, "the issuer's keys could not be fetched"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(flight) = &self.state().flight {
            flight.abort();
        }
    }
}

/// A fetch under way. However its task ends, it lands, so nobody waits for what is over.
struct Flight {
    issuer: Weak<Issuer>,
    number: u64,
}

impl Flight {
    fn land(self, answer: &Result<Answer, NoAnswer>) {
        if let Some(issuer) = self.issuer.upgrade() {
            issuer.land(self.number, answer);
        }
    }
}

impl Drop for Flight {
    /// What has landed is not taken in again. Nothing is logged: this may be part of a panic, and a second one would end the
    /// process.
    fn drop(&mut self) {
        if let Some(issuer) = self.issuer.upgrade() {
            issuer.take_in(self.number, &Err(NoAnswer::Unreachable));
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
