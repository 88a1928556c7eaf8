//! The keys of one issuer, and the one fetch that may be under way.
//!
//! In:    tokens that need keys.
//! Out:   the key set of the moment.
//! Never: holds a lock across a fetch, keeps an unknown `kid`, lets a fetch outlive the verifier.

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

/// The keys of an issuer, through time.
pub(crate) struct Issuer {
    fetch: Arc<Fetch>,
    stopwatch: Stopwatch,
    kept: ArcSwap<Kept>,
    state: Mutex<State>,
    /// Counts fetches that have ended, for those who wait for one.
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
            wait(ended).await;
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
        wait(self.take_step(|freshness| freshness.step_for_unknown_kid(now)).ok()??).await;
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
            (starts.then(|| state.known.clone()), waits)
        };
        if let Some(known) = starts {
            self.start(known);
        }
        Ok(waits)
    }

    /// The fetch is a task of its own, so that a caller who gives up does not take it from the others. A runtime that
    /// is shutting down drops the task at once, and with it the flight, so no lock may be held here.
    fn start(self: &Arc<Self>, known: Option<Known>) {
        let Ok(runtime) = Handle::try_current() else {
            tracing::error!(issuer = self.fetch.issuer, "the issuer's keys can only be fetched in a tokio runtime");
            return self.land(Err(NoAnswer::Unreachable));
        };
        let flight = Flight { issuer: Arc::downgrade(self), has_landed: false };
        let fetch = Arc::clone(&self.fetch);
        let task = runtime.spawn(async move { flight.land(fetch.keys(known).await) });
        self.state().flight = Some(task.abort_handle());
    }

    /// Takes in what a fetch has brought, and lets those who wait go on.
    fn land(&self, answer: Result<Answer, NoAnswer>) {
        let mut state = self.state();
        let now = self.stopwatch.elapsed();
        let issuer = self.fetch.issuer.as_str();
        let mut keys = Arc::clone(&self.kept.load().keys);
        state.trouble = answer.as_ref().err().copied();
        state.fetches[usize::from(answer.is_err())] += 1;
        match answer {
            Ok(Answer::Keys { keys: new, known, advice }) => {
                tracing::debug!(issuer, keys = new.len(), refused = new.refused().len(), "fetched the issuer's keys");
                // The same document is the same set: what it has vouched for stands.
                if !keys.is_from_the_document_of(&new) {
                    keys = new;
                }
                state.known = known;
                state.freshness.succeeded(now, advice, dice());
            }
            Ok(Answer::Unchanged { advice }) => {
                tracing::debug!(issuer, "the issuer's keys have not changed");
                state.freshness.succeeded(now, advice, dice());
            }
            Err(reason) => {
                tracing::warn!(issuer, %reason, "the issuer's keys could not be fetched");
                state.freshness.failed(now, dice());
            }
        }
        self.kept.store(Arc::new(Kept { keys, fresh_until: state.freshness.fresh_until() }));
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
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

/// A fetch under way. However its task ends, it lands, so nobody waits for it for ever.
struct Flight {
    issuer: Weak<Issuer>,
    has_landed: bool,
}

impl Flight {
    fn land(mut self, answer: Result<Answer, NoAnswer>) {
        self.has_landed = true;
        if let Some(issuer) = self.issuer.upgrade() {
            issuer.land(answer);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.has_landed
            && let Some(issuer) = self.issuer.upgrade()
        {
            issuer.land(Err(NoAnswer::Unreachable));
        }
    }
}

async fn wait(mut ended: watch::Receiver<u64>) {
    // An error says that the sender is gone, and with it the verifier; then there is nothing to wait for.
    let _ = ended.changed().await;
}

/// A number from 0 to 1; without randomness, a fixed one does.
fn dice() -> f64 {
    let mut byte = [0];
    match SystemRandom::new().fill(&mut byte) {
        Ok(()) => f64::from(byte[0]) / 255.0,
        Err(_) => 0.5,
    }
}
