//! Tokens that were verified, and what they say.
//!
//! In:    a token's name; once it was verified, its claims and the key set that vouched for it.
//! Out:   the claims, for whoever shows the same token again, byte for byte.
//! Never: holds what was not verified, a token's own text, or more tokens than it was made for; decides whether a token
//!        is still good.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use ring::digest::{SHA256, digest};

use crate::claims::Claims;
use crate::health::CacheHealth;
use crate::keyset::KeySet;

/// Few enough for a small cache to be used whole, enough for many threads not to meet.
const MOST_SHARDS: usize = 16;
const LEAST_IN_A_SHARD: usize = 64;

/// SHA-256 of a whole token: header, payload and signature. By the signature alone, whoever has seen one token could
/// show its signature under claims of their own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name([u8; 32]);

impl Name {
    pub(crate) fn of(token: &str) -> Self {
        let mut name = [0; 32];
        name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(name)
    }
}

/// What a token says, and by whose word.
pub(crate) struct Verified {
    pub(crate) claims: Claims,
    /// Keeps the set's place in memory, so that no later set can be taken for it; not its keys.
    keys: Weak<KeySet>,
}

impl Verified {
    pub(crate) fn is_vouched_for_by(&self, keys: &Arc<KeySet>) -> bool {
        std::ptr::eq(self.keys.as_ptr(), Arc::as_ptr(keys))
    }
}

/// A bounded number of tokens. The oldest goes first: tokens live for minutes, so it is the next to die.
pub(crate) struct Cache {
    shards: Box<[Shard]>,
    misses: AtomicU64,
    /// Where the key set lies that vouched last, to see that it was another.
    last: AtomicUsize,
}

struct Shard {
    kept: RwLock<Kept>,
    hits: AtomicU64,
    room: usize,
}

#[derive(Default)]
struct Kept {
    tokens: HashMap<Name, Arc<Verified>>,
    /// Names in the order they came: every name in `tokens`, once, and some that have been forgotten.
    order: VecDeque<Name>,
}

impl Cache {
    /// Room for so many tokens, one at least.
    pub(crate) fn new(tokens: usize) -> Self {
        let count = (tokens / LEAST_IN_A_SHARD).clamp(1, MOST_SHARDS);
        let room = |shard: usize| (tokens / count + usize::from(shard < tokens % count)).max(1);
        let shard = |shard| Shard { kept: RwLock::default(), hits: AtomicU64::new(0), room: room(shard) };
        Self { shards: (0..count).map(shard).collect(), misses: AtomicU64::new(0), last: AtomicUsize::new(0) }
    }

    pub(crate) fn find(&self, name: &Name) -> Option<Arc<Verified>> {
        self.shard(name).read().tokens.get(name).cloned()
    }

    /// Takes in what `keys` has just vouched for, in the place of the oldest if there is no room. If they are another set
    /// than the last, everything else goes.
    pub(crate) fn keep(&self, name: &Name, claims: Claims, keys: &Arc<KeySet>) {
        self.misses.fetch_add(1, Ordering::Relaxed);
        let place = Arc::as_ptr(keys).addr();
        if self.last.swap(place, Ordering::Relaxed) != place {
            self.keep_only_what_is_vouched_for_by(keys);
        }
        let verified = Verified { claims, keys: Arc::downgrade(keys) };
        let shard = self.shard(name);
        let mut kept = shard.write();
        let verified = Arc::new(verified);
        // Two who showed it at once have both verified it.
        if let Some(same) = kept.tokens.get_mut(name) {
            *same = verified;
            return;
        }
        while kept.order.len() >= shard.room {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.tokens.remove(&oldest);
        }
        kept.order.push_back(*name);
        kept.tokens.insert(*name, verified);
    }

    pub(crate) fn forget(&self, name: &Name) {
        self.shard(name).write().tokens.remove(name);
    }

    /// The key set has changed, so what another has vouched for is worth nothing.
    pub(crate) fn keep_only_what_is_vouched_for_by(&self, keys: &Arc<KeySet>) {
        for shard in &self.shards {
            let Kept { tokens, order } = &mut *shard.write();
            tokens.retain(|_, verified| verified.is_vouched_for_by(keys));
            order.retain(|name| tokens.contains_key(name));
        }
    }

    pub(crate) fn count_hit(&self, name: &Name) {
        self.shard(name).hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn health(&self) -> CacheHealth {
        CacheHealth {
            tokens: self.shards.iter().map(|shard| shard.read().tokens.len()).sum(),
            hits: self.shards.iter().map(|shard| shard.hits.load(Ordering::Relaxed)).sum(),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    fn shard(&self, name: &Name) -> &Shard {
        // The digest spreads evenly whatever a stranger sends.
        &self.shards[usize::from(name.0[0]) % self.shards.len()]
    }
}

impl Shard {
    fn read(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}
