//! A cache that can't bring back what was revoked.
//!
//! A load may begin before a change and end after it, with what was true before. So every change moves its shard's
//! generation on, and a load that finds another generation than it began with reads again. Loads of one entry take
//! turns (single flight); entries that do not exist are remembered for a moment, in bounded number.

use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use moka::sync::Cache;

use super::shelves::{self, Shelves};
use crate::limit;

const SHARDS: usize = 128;

// Who shares a shelf shares a shard; with fewer shelves there would be shards that nobody has, and more would wait for each
// other.
const _: () = assert!(SHARDS <= shelves::FEWEST as usize);

pub(super) struct Guarded<K, V> {
    found: Shelves<K, V>,
    unknown: Cache<K, ()>,
    shards: Box<[Shard]>,
}

#[derive(Default)]
struct Shard {
    /// Whose turn it is to load.
    turn: tokio::sync::Mutex<()>,
    /// How many changes there were; held while the cache is filled or emptied.
    generation: Mutex<u64>,
}

impl Shard {
    fn generation(&self) -> MutexGuard<'_, u64> {
        self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Guarded<K, V> {
    pub(super) fn new(most: u64) -> Self {
        Self {
            found: Shelves::new(most),
            unknown: Cache::builder().max_capacity(limit::UNKNOWN_MAX).time_to_live(limit::UNKNOWN_FOR).build(),
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        }
    }

    /// What is cached under `key`, else what `load` finds: loaded once, however many ask.
    pub(super) async fn find<E, F: Future<Output = Result<Option<V>, E>>>(
        &self,
        key: &K,
        load: impl Fn() -> F,
    ) -> Result<Option<V>, E> {
        if let Some(found) = self.found.get(key) {
            return Ok(Some(found));
        }
        if self.unknown.contains_key(key) {
            return Ok(None);
        }
        let shard = self.shard(key);
        let _turn = shard.turn.lock().await;
        loop {
            if let Some(found) = self.found.get(key) {
                return Ok(Some(found));
            }
            if self.unknown.contains_key(key) {
                return Ok(None);
            }
            let began_with = *shard.generation();
            let loaded = load().await?;
            let generation = shard.generation();
            if *generation == began_with {
                match &loaded {
                    Some(found) => self.found.put(key.clone(), found.clone()),
                    None => self.unknown.insert(key.clone(), ()),
                }
                return Ok(loaded);
            }
        }
    }

    /// How many entries there are, roughly.
    pub(super) fn len(&self) -> u64 {
        self.found.len()
    }

    /// Forgets what is cached under `key`, and what is being loaded.
    pub(super) fn forget(&self, key: &K) {
        let mut generation = self.shard(key).generation();
        *generation += 1;
        self.found.remove(key);
        self.unknown.invalidate(key);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        let generations: Vec<_> = self.shards.iter().map(Shard::generation).collect();
        self.found.clear();
        self.unknown.invalidate_all();
        for mut generation in generations {
            *generation += 1;
        }
    }

    /// All that share a shelf have the same, so one at a time puts another shelf in its place.
    fn shard(&self, key: &K) -> &Shard {
        &self.shards[self.found.number(key) as usize % SHARDS]
    }
}

impl<K, V> fmt::Debug for Guarded<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

#[cfg(test)]
mod tests;
