//! A cache that can't bring back what was revoked.
//!
//! A load may begin before a change and end after it, with what was true before. So every change moves its shard's
//! generation on, and a load that finds another generation than it began with reads again. Loads of one entry take
//! turns (single flight); entries that do not exist are remembered for a moment, in bounded number.

use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use moka::sync::Cache;

use crate::limit;

const SHARDS: usize = 128;

pub(super) struct Guarded<K, V> {
    found: Cache<K, V>,
    unknown: Cache<K, ()>,
    hasher: RandomState,
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
            found: Cache::new(most),
            unknown: Cache::builder().max_capacity(limit::UNKNOWN_MAX).time_to_live(limit::UNKNOWN_FOR).build(),
            hasher: RandomState::new(),
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
                    Some(found) => self.found.insert(key.clone(), found.clone()),
                    None => self.unknown.insert(key.clone(), ()),
                }
                return Ok(loaded);
            }
        }
    }

    /// How many entries there are, roughly.
    pub(super) fn len(&self) -> u64 {
        self.found.entry_count()
    }

    /// Forgets what is cached under `key`, and what is being loaded.
    pub(super) fn forget(&self, key: &K) {
        let mut generation = self.shard(key).generation();
        *generation += 1;
        self.found.invalidate(key);
        self.unknown.invalidate(key);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        let generations: Vec<_> = self.shards.iter().map(Shard::generation).collect();
        self.found.invalidate_all();
        self.unknown.invalidate_all();
        for mut generation in generations {
            *generation += 1;
        }
    }

    fn shard(&self, key: &K) -> &Shard {
        let at = usize::try_from(self.hasher.hash_one(key)).unwrap_or_default() % SHARDS;
        &self.shards[at]
    }
}

impl<K, V> fmt::Debug for Guarded<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// A database of one row, whose reads can be held open after they have read.
    struct Row {
        value: Mutex<Option<u32>>,
        reads: AtomicUsize,
        gate: Semaphore,
    }

    impl Row {
        fn holding(value: Option<u32>, open: usize) -> Arc<Self> {
            Arc::new(Self { value: Mutex::new(value), reads: AtomicUsize::new(0), gate: Semaphore::new(open) })
        }

        async fn read(&self) -> Result<Option<u32>, Infallible> {
            let value = *self.value.lock().unwrap();
            self.reads.fetch_add(1, Ordering::SeqCst);
            self.gate.acquire().await.unwrap().forget();
            Ok(value)
        }
    }

    async fn until(row: &Row, reads: usize) {
        while row.reads.load(Ordering::SeqCst) < reads {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_load_that_began_before_a_change_can_not_bring_back_what_was() {
        let (cache, row) = (Arc::new(Guarded::<u8, u32>::new(10)), Row::holding(Some(1), 0));
        let load = tokio::spawn({
            let (cache, row) = (Arc::clone(&cache), Arc::clone(&row));
            async move { cache.find(&7, || row.read()).await.unwrap() }
        });
        until(&row, 1).await;

        *row.value.lock().unwrap() = None;
        cache.forget(&7);
        row.gate.add_permits(2);

        assert_eq!(load.await.unwrap(), None, "the load itself sees the change");
        assert_eq!(cache.find(&7, || row.read()).await.unwrap(), None, "and leaves nothing behind");
    }

    #[tokio::test]
    async fn forgetting_everything_reaches_a_load_under_way() {
        let (cache, row) = (Arc::new(Guarded::<u8, u32>::new(10)), Row::holding(Some(1), 0));
        let load = tokio::spawn({
            let (cache, row) = (Arc::clone(&cache), Arc::clone(&row));
            async move { cache.find(&7, || row.read()).await.unwrap() }
        });
        until(&row, 1).await;

        *row.value.lock().unwrap() = Some(2);
        cache.forget_all();
        row.gate.add_permits(2);

        assert_eq!(load.await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn however_many_ask_it_is_loaded_once() {
        let (cache, row) = (Arc::new(Guarded::<u8, u32>::new(10)), Row::holding(Some(1), 1));
        let asked: Vec<_> = (0..50)
            .map(|_| {
                let (cache, row) = (Arc::clone(&cache), Arc::clone(&row));
                tokio::spawn(async move { cache.find(&7, || row.read()).await.unwrap() })
            })
            .collect();

        for answer in asked {
            assert_eq!(answer.await.unwrap(), Some(1));
        }
        assert_eq!(row.reads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_does_not_exist_is_remembered_until_it_is_made() {
        let (cache, row) = (Guarded::<u8, u32>::new(10), Row::holding(None, 9));
        for _ in 0..5 {
            assert_eq!(cache.find(&7, || row.read()).await.unwrap(), None);
        }

        *row.value.lock().unwrap() = Some(1);
        cache.forget(&7);

        assert_eq!(cache.find(&7, || row.read()).await.unwrap(), Some(1));
        assert_eq!(row.reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn the_memory_of_unknown_ids_is_bounded() {
        let cache = Guarded::<u64, u32>::new(10);
        for id in 0..3 * limit::UNKNOWN_MAX {
            let none: Result<_, Infallible> = cache.find(&id, || async { Ok(None) }).await;
            assert!(none.unwrap().is_none());
        }

        cache.unknown.run_pending_tasks();

        assert!(cache.unknown.entry_count() <= limit::UNKNOWN_MAX);
    }
}
