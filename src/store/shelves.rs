//! Shelves: a cache of very many small entries.
//!
//! moka takes some 240 bytes for an entry of its own, whatever is in it. So each of moka's is a shelf, which several of
//! ours share: those whose keys hash to its number, and that were asked for. A shelf is never changed: another takes its
//! place. So who reads takes no lock, and who puts and removes must be the only one at that shelf meanwhile.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;

/// How many share a shelf, on average, when the cache is full.
const SHARED_BY: u64 = 4;
/// How many shelves there are at least. So few entries need not share, and are evicted one by one.
pub(super) const FEWEST: u32 = 128;
/// How many a shelf holds at most; then the one that lies there longest makes room. In a cache that knows as many keys as it
/// may hold, one shelf of a million would need more. Where there are many more keys, a shelf with one that is asked for all
/// the time would gather all the others.
const FULL: usize = 16;

/// Cloned by moka for each who reads.
struct Shelf<K, V> {
    /// In the order in which they came.
    entries: Arc<[(K, V)]>,
    /// Which time between two clearings it was made in.
    time: u64,
}

pub(super) struct Shelves<K, V> {
    moka: Cache<u32, Shelf<K, V>>,
    /// How often all were cleared. moka alone would show what was cleared for a moment, while another takes its place.
    clearings: AtomicU64,
    count: u32,
    full: usize,
    hasher: RandomState,
}

impl<K, V> Clone for Shelf<K, V> {
    fn clone(&self) -> Self {
        Self { entries: Arc::clone(&self.entries), time: self.time }
    }
}

impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Shelves<K, V> {
    /// Shelves for `most` entries in all.
    pub(super) fn new(most: u64) -> Self {
        Self::with(u32::try_from(most / SHARED_BY).unwrap_or(u32::MAX).max(FEWEST), most)
    }

    pub(super) fn with(count: u32, most: u64) -> Self {
        let len = |_: &u32, shelf: &Shelf<K, V>| u32::try_from(shelf.entries.len()).unwrap_or(u32::MAX);
        Self {
            moka: Cache::builder().max_capacity(most).weigher(len).build(),
            clearings: AtomicU64::new(0),
            count,
            // One that is heavier than all may be is never kept.
            full: usize::try_from(most).unwrap_or(usize::MAX).clamp(1, FULL),
            hasher: RandomState::new(),
        }
    }

    /// The number of the shelf where `key` belongs.
    pub(super) fn number(&self, key: &K) -> u32 {
        u32::try_from(self.hasher.hash_one(key) % u64::from(self.count)).unwrap_or_default()
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.entries(self.number(key))?.iter().find(|(own, _)| own == key).map(|(_, value)| value.clone())
    }

    pub(super) fn put(&self, key: K, value: V) {
        let number = self.number(&key);
        let mut entries = self.others(number, &key);
        if entries.len() >= self.full {
            entries.remove(0);
        }
        entries.push((key, value));
        self.replace(number, entries);
    }

    pub(super) fn remove(&self, key: &K) {
        if self.get(key).is_some() {
            let number = self.number(key);
            // An empty shelf stays and weighs nothing: moka counts wrongly when what it invalidates was replaced just before.
            self.replace(number, self.others(number, key));
        }
    }

    pub(super) fn clear(&self) {
        self.clearings.fetch_add(1, Ordering::AcqRel);
        self.moka.invalidate_all();
    }

    /// How many entries there are, roughly.
    pub(super) fn len(&self) -> u64 {
        self.moka.weighted_size()
    }

    /// What lies on a shelf beside `key`.
    fn others(&self, number: u32, key: &K) -> Vec<(K, V)> {
        let entries = self.entries(number).unwrap_or_default();
        entries.iter().filter(|(own, _)| own != key).cloned().collect()
    }

    fn entries(&self, number: u32) -> Option<Arc<[(K, V)]>> {
        let found = self.moka.get(&number)?;
        (found.time == self.clearings.load(Ordering::Acquire)).then_some(found.entries)
    }

    fn replace(&self, number: u32, entries: Vec<(K, V)>) {
        self.moka.insert(number, Shelf { entries: entries.into(), time: self.clearings.load(Ordering::Acquire) });
    }
}

#[cfg(test)]
impl<K: Hash + Eq + Clone + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Shelves<K, V> {
    /// How many entries each shelf has, when moka has done all it has to.
    pub(super) fn settled(&self) -> Vec<usize> {
        self.moka.run_pending_tasks();
        self.moka.iter().map(|(_, shelf)| shelf.entries.len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn filled(most: u64, keys: u64) -> Shelves<u64, u64> {
        let shelves = Shelves::new(most);
        (0..keys).for_each(|key| shelves.put(key, key));
        shelves
    }

    /// Puts `Some` value, or removes.
    fn steps() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
        prop::collection::vec((0..12_u8, any::<Option<u8>>()), 0..100)
    }

    proptest! {
        #[test]
        fn while_there_is_room_it_is_a_map(steps in steps(), count in 1..4_u32) {
            let (shelves, mut map) = (Shelves::with(count, 1_000), HashMap::new());

            for (key, value) in steps {
                if let Some(value) = value {
                    shelves.put(key, value);
                    map.insert(key, value);
                } else {
                    shelves.remove(&key);
                    map.remove(&key);
                }
            }

            for key in 0..12 {
                prop_assert_eq!(shelves.get(&key), map.get(&key).copied());
            }
            prop_assert_eq!(shelves.settled().iter().sum::<usize>(), map.len());
            prop_assert_eq!(shelves.len(), map.len() as u64, "what was put and removed at once is counted right");
        }
    }

    #[test]
    fn as_many_keys_as_it_may_hold_find_room() {
        let shelves = filled(100_000, 100_000);

        let lens = shelves.settled();

        assert!(lens.iter().sum::<usize>() >= 99_900, "{} of 100000", lens.iter().sum::<usize>());
        assert!(lens.len() <= 25_000, "{} shelves", lens.len());
        assert!(lens.iter().all(|len| *len <= FULL));
    }

    #[test]
    fn a_hundred_times_as_many_push_each_other_out() {
        for most in [1, 10, 1_000] {
            let shelves = filled(most, 100 * most);

            let kept = shelves.settled().iter().sum::<usize>() as u64;

            assert!(kept <= most, "{kept} of {most}");
            assert!(kept * 2 >= most, "{kept} of {most}: it is used");
            assert_eq!(kept, shelves.len());
        }
    }

    #[test]
    fn who_is_asked_for_gets_in_where_it_is_full() {
        let shelves = filled(1_000, 100_000);

        for key in 200_000..200_100 {
            let tries = (1..=50).find(|_| {
                shelves.settled();
                let found = shelves.get(&key);
                found.is_none().then(|| shelves.put(key, key));
                found.is_some()
            });
            assert!(tries.is_some(), "{key} is kept out");
        }
    }

    #[test]
    fn one_that_is_asked_for_all_the_time_does_not_gather_all_the_others() {
        let shelves = Shelves::with(1, 1_000);

        for key in 0..1_000_u64 {
            shelves.put(key, key);
        }

        assert_eq!(shelves.settled(), [FULL]);
        assert_eq!((shelves.get(&0), shelves.get(&999)), (None, Some(999)), "the last that came are there");
    }

    #[test]
    fn where_nothing_may_be_kept_nothing_is() {
        let shelves = Shelves::new(0);

        shelves.put(1, 1);

        assert_eq!((shelves.get(&1), shelves.len()), (None, 0));
    }
}
