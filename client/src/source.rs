use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;

use crate::builder::TokenSourceBuilder;
use crate::error::Error;
use crate::keeper::{self, Shared};
use crate::slot::Slot;
use crate::state::{Need, Step};
use crate::target::Target;
use crate::token::Token;

/// An API key at work: tokens for whoever asks, kept and renewed.
///
/// Clones are the same source. One request to the issuer serves all callers, however many they are. While tokens are
/// used, a task renews them ahead of time; it ends with the last clone. See the [crate] for when the issuer is asked.
#[derive(Clone)]
pub struct TokenSource(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    own: Arc<Slot>,
    others: Mutex<HashMap<Arc<Target>, Arc<Slot>>>,
}

impl TokenSource {
    /// Describes a source of tokens from this issuer.
    pub fn builder(issuer: impl Into<String>) -> TokenSourceBuilder {
        TokenSourceBuilder::new(issuer.into())
    }

    pub(crate) fn new(shared: Shared, own: Target) -> Self {
        let own = Arc::new(Slot::new(Arc::new(own)));
        Self(Arc::new(Inner { shared: Arc::new(shared), own, others: Mutex::default() }))
    }

    /// A token for what the builder named. There usually is one; else this waits for the issuer, until the deadline.
    ///
    /// Errors are those of a source that has no good token: while it has one, trouble is logged and nobody fails.
    pub async fn token(&self) -> Result<Token, Error> {
        self.get(&self.0.own, Need::Good).await
    }

    /// A token for one resource (RFC 8707) with these scopes, all that the key has there when there are none. Each
    /// combination has a token of its own.
    pub async fn token_for(&self, resource: &str, scopes: &[&str]) -> Result<Token, Error> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned());
        let target = Arc::new(Target::new([resource.to_owned()], scopes));
        self.get(&self.slot(&target), Need::Good).await
    }

    /// A token in place of one that a service refused as not valid (RFC 6750 3.1); everyone whose token was refused gets
    /// the same. The old one goes on for whoever else asks until the new one is there.
    ///
    /// When the last renewal of this kind is less than 10 s ago, that did not help, and the answer is the token there is.
    /// After an attempt that failed, and until the next one, it is [`Error::Unavailable`] at once, unless the old token has
    /// ended.
    pub async fn renew(&self, refused: &Token) -> Result<Token, Error> {
        self.get(&self.slot(refused.target()), Need::NewerThan(refused.serial())).await
    }

    /// The same for whoever comes next: nobody waits.
    #[cfg(feature = "middleware")]
    pub(crate) fn renew_for_others(&self, refused: &Token) {
        let (slot, need) = (self.slot(refused.target()), Need::NewerThan(refused.serial()));
        if let Ok(runtime) = Handle::try_current() {
            let now = self.0.shared.stopwatch.now();
            let (_, starts) = slot.step(need, now, now.passed, false);
            self.tend(&runtime, &slot, starts);
        }
    }

    /// Starts looking after a slot, if it is time for that.
    fn tend(&self, runtime: &Handle, slot: &Arc<Slot>, starts: bool) {
        if starts {
            keeper::start(runtime, &self.0.shared, slot);
        }
    }

    async fn get(&self, slot: &Arc<Slot>, need: Need) -> Result<Token, Error> {
        let Shared { stopwatch, limits, .. } = &*self.0.shared;
        let now = stopwatch.now();
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        if let Some((token, starts)) = slot.take(need, now) {
            self.tend(&runtime, slot, starts);
            return Ok(token);
        }

        let _waiting = slot.wait();
        let mut turns = slot.turns();
        let deadline = now.passed.saturating_add(limits.deadline);
        let mut has_turned = false;
        loop {
            let (step, starts) = slot.step(need, stopwatch.now(), deadline, has_turned);
            self.tend(&runtime, slot, starts);
            match step {
                Step::Take(token) => return Ok(token),
                Step::Fail(error) => return Err(error),
                Step::Wait => {}
            }
            tokio::select! {
                // It can't fail: the slot holds the other end.
                _ = turns.changed() => has_turned = true,
                () = stopwatch.sleep_until(deadline) => {
                    let now = stopwatch.now();
                    let mut state = slot.state();
                    return state.take(need, now).ok_or_else(|| state.unavailable(now));
                }
            }
        }
    }

    /// The place of a target's token. Places that nobody needs any more make room for new ones.
    fn slot(&self, target: &Arc<Target>) -> Arc<Slot> {
        if self.0.own.target == *target {
            return Arc::clone(&self.0.own);
        }
        let now = self.0.shared.stopwatch.now();
        let mut others = self.0.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = others.get(target) {
            return Arc::clone(slot);
        }
        // Somebody may have a place in hand and not have asked yet.
        others.retain(|_, slot| Arc::strong_count(slot) > 1 || !slot.state().is_idle(now));
        let slot = Arc::new(Slot::new(Arc::clone(target)));
        others.insert(Arc::clone(target), Arc::clone(&slot));
        slot
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let others = std::mem::take(self.others.get_mut().unwrap_or_else(PoisonError::into_inner));
        for slot in others.values().chain([&self.own]) {
            slot.leave();
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("issuer", &self.0.shared.trader.issuer.name).finish_non_exhaustive()
    }
}
