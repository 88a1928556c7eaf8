use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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

/// A cache in which all share one shelf.
fn crowded(most: u64) -> Guarded<u8, u32> {
    Guarded { found: Shelves::with(1, most), ..Guarded::new(most) }
}

async fn loaded(cache: &Guarded<u8, u32>, key: u8, value: u32) -> u32 {
    let found: Result<_, Infallible> = cache.find(&key, || async { Ok(Some(value)) }).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn two_who_share_a_shelf_are_both_found_and_one_survives_the_other() {
    let cache = crowded(10);
    for key in [1, 2, 3] {
        loaded(&cache, key, u32::from(key)).await;
    }

    cache.forget(&2);

    assert_eq!(cache.found.settled(), [2]);
    let again = [loaded(&cache, 1, 99).await, loaded(&cache, 2, 99).await, loaded(&cache, 3, 99).await];
    assert_eq!(again, [1, 99, 3], "only what was forgotten is read again");
}

#[tokio::test]
async fn a_load_that_began_before_a_neighbour_changed_does_not_bring_the_neighbour_back() {
    let (cache, row) = (Arc::new(crowded(10)), Row::holding(Some(1), 0));
    loaded(&cache, 8, 80).await;
    let load = tokio::spawn({
        let (cache, row) = (Arc::clone(&cache), Arc::clone(&row));
        async move { cache.find(&7, || row.read()).await.unwrap() }
    });
    until(&row, 1).await;

    cache.forget(&8);
    row.gate.add_permits(2);

    assert_eq!(load.await.unwrap(), Some(1));
    assert_eq!(loaded(&cache, 7, 99).await, 1);
    assert_eq!(loaded(&cache, 8, 81).await, 81);
}

#[tokio::test]
async fn what_is_pushed_out_at_once_is_answered_all_the_same() {
    let cache = crowded(1);
    for round in 0..20 {
        for key in 0..100 {
            assert_eq!(loaded(&cache, key, u32::from(key)).await, u32::from(key), "in round {round}");
        }
    }
    assert!(cache.found.settled().iter().sum::<usize>() <= 1);
}

/// A database whose rows are numbers that only grow, and what everybody has to know of them.
struct Growing {
    rows: Vec<AtomicU64>,
    known: Vec<AtomicU64>,
}

impl Growing {
    fn change(&self, keys: impl Iterator<Item = usize> + Clone, forget: impl FnOnce()) {
        let values: Vec<_> = keys.clone().map(|key| self.rows[key].fetch_add(1, Ordering::SeqCst) + 1).collect();
        forget();
        for (key, value) in keys.zip(values) {
            self.known[key].fetch_max(value, Ordering::SeqCst);
        }
    }
}

/// Many who ask, many who change, in a cache too small for them all: what was is never found again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_never_comes_back() {
    const KEYS: usize = 40;
    for (shelves, most) in [(1, 10), (3, 20), (3, 1_000), (40, 1_000)] {
        let cache = Arc::new(Guarded::<usize, u64> { found: Shelves::with(shelves, most), ..Guarded::new(most) });
        let zeros = || (0..KEYS).map(|_| AtomicU64::new(0)).collect();
        let database = Arc::new(Growing { rows: zeros(), known: zeros() });
        let everybody: Vec<_> = (0..8_usize)
            .map(|who| {
                let (cache, database) = (Arc::clone(&cache), Arc::clone(&database));
                tokio::spawn(async move {
                    for step in 0..4_000_usize {
                        let key = (step * (2 * who + 3) + step / 7) % KEYS;
                        match step % 25 {
                            0 => database.change(key..=key, || cache.forget(&key)),
                            1 if step % 500 == 1 => database.change(0..KEYS, || cache.forget_all()),
                            _ => {
                                let known = database.known[key].load(Ordering::SeqCst);
                                let load = || async {
                                    let value = database.rows[key].load(Ordering::SeqCst);
                                    tokio::task::yield_now().await;
                                    Ok::<_, Infallible>(Some(value))
                                };
                                let found = cache.find(&key, load).await.unwrap().unwrap();
                                assert!(found >= known, "{key} was {known} already, and is {found} again");
                            }
                        }
                    }
                })
            })
            .collect();
        for one in everybody {
            one.await.unwrap();
        }
        assert!(cache.found.settled().iter().sum::<usize>() as u64 <= most);
    }
}

/// moka alone takes what was cleared for valid while another entry takes its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_was_cleared_is_not_seen_while_it_is_read_again() {
    let cache = Arc::new(Guarded::<u8, u64>::new(10));
    let row = Arc::new(AtomicU64::new(0));
    let known = Arc::new(AtomicU64::new(0));
    let who_asks = |rounds: u32| {
        let (cache, row, known) = (Arc::clone(&cache), Arc::clone(&row), Arc::clone(&known));
        async move {
            for _ in 0..rounds {
                let at_least = known.load(Ordering::SeqCst);
                let load = || async { Ok::<_, Infallible>(Some(row.load(Ordering::SeqCst))) };
                let found = cache.find(&7, load).await.unwrap().unwrap();
                assert!(found >= at_least, "{found} after {at_least} was known");
            }
        }
    };
    let asking = [tokio::spawn(who_asks(200_000)), tokio::spawn(who_asks(200_000))];

    while asking.iter().any(|one| !one.is_finished()) {
        let value = row.fetch_add(1, Ordering::SeqCst) + 1;
        cache.forget_all();
        known.store(value, Ordering::SeqCst);
        who_asks(1).await;
    }

    for one in asking {
        one.await.unwrap();
    }
}
