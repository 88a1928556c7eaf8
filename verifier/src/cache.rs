//! Tokens that were verified, and what they say.
//!
//! In:    a token; once it was verified, its claims and the key set that vouched for it.
//! Out:   the claims, for whoever shows the same token again, byte for byte.
//! Never: holds what was not verified, a token's own text, or more tokens than it was made for; decides whether a token
//!        is still good.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::claims::Claims;
use crate::health::CacheHealth;
use crate::keyset::KeySet;

/// Few enough for a small cache to be used whole, enough for many threads not to meet.
const MOST_SHARDS: usize = 16;
const LEAST_IN_A_SHARD: usize = 64;

/// A keyed hash of a whole token: header, payload and signature. By the signature alone, whoever has seen one token could
/// show its signature under claims of their own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name([u8; NAME]);

const NAME: usize = 16;

/// Gives tokens their names: the tag that AES-256-GCM puts on a token, under a key that is drawn for one cache and never
/// leaves it.
///
/// GCM's tag is a universal hash of the text, hidden by the key (NIST SP 800-38D 6.4). For two texts that were chosen
/// without the key, and with 8 KiB at most, the chance of one name is below 2^-118, however often somebody tries: they never
/// see a name, only whether they got in. The nonce is always the same, which would betray a cipher's texts and a MAC's key
/// to those who see what comes out; here nobody does. It takes a third of the time of SHA-256.
struct Namer(LessSafeKey);

impl Namer {
    fn new() -> Option<Self> {
        let mut key = [0; 32];
        SystemRandom::new().fill(&mut key).ok()?;
        UnboundKey::new(&AES_256_GCM, &key).ok().map(LessSafeKey::new).map(Self)
    }

    /// None for a text beyond what AES-GCM takes, which is far longer than any token.
    fn name(&self, token: &str) -> Option<Name> {
        // As text and not as associated data: the tag says as much, and comes twice as quickly.
        let mut text = token.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::empty(), &mut text).ok()?;
        tag.as_ref().try_into().ok().map(Name)
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
    namer: Namer,
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
    /// Names in the order they came: all of those in `tokens`, and some that have been forgotten since.
    order: VecDeque<Name>,
}

impl Cache {
    /// Room for so many tokens, one at least. None when the machine has no randomness.
    pub(crate) fn new(tokens: usize) -> Option<Self> {
        let count = (tokens / LEAST_IN_A_SHARD).clamp(1, MOST_SHARDS);
        let room = |shard: usize| (tokens / count + usize::from(shard < tokens % count)).max(1);
        let shard = |shard| Shard { kept: RwLock::default(), hits: AtomicU64::new(0), room: room(shard) };
        Some(Self {
            namer: Namer::new()?,
            shards: (0..count).map(shard).collect(),
            misses: AtomicU64::new(0),
            last: AtomicUsize::new(0),
        })
    }

    pub(crate) fn find(&self, token: &str) -> Option<(Name, Arc<Verified>)> {
        let name = self.namer.name(token)?;
        let verified = self.shard(&name).read().tokens.get(&name).cloned()?;
        Some((name, verified))
    }

    /// Takes in what `keys` has just vouched for, in the place of the oldest if there is no room. If they are another set
    /// than the last, everything else goes.
    pub(crate) fn keep(&self, token: &str, claims: Claims, keys: &Arc<KeySet>) {
        let Some(name) = self.namer.name(token) else { return };
        self.misses.fetch_add(1, Ordering::Relaxed);
        let place = Arc::as_ptr(keys).addr();
        if self.last.swap(place, Ordering::Relaxed) != place {
            self.keep_only_what_is_vouched_for_by(keys);
        }
        let verified = Verified { claims, keys: Arc::downgrade(keys) };
        let shard = self.shard(&name);
        let mut kept = shard.write();
        let verified = Arc::new(verified);
        // Two who showed it at once have both verified it.
        if let Some(same) = kept.tokens.get_mut(&name) {
            *same = verified;
            return;
        }
        while kept.order.len() >= shard.room {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.tokens.remove(&oldest);
        }
        kept.order.push_back(name);
        kept.tokens.insert(name, verified);
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
        // The names spread evenly whatever a stranger sends.
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
