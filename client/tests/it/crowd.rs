//! A hundred tasks and one key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hallpass_client::TokenSource;
use tokio::task::JoinSet;

use crate::support::{House, KEY, NEXT_KEY};

/// A hundred tasks that ask for a token again and again, and what they met.
struct Crowd {
    tasks: JoinSet<()>,
    is_over: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
}

impl Crowd {
    fn gather(source: &TokenSource) -> Self {
        let (is_over, calls, failed) = <(Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let (source, is_over) = (source.clone(), Arc::clone(&is_over));
            let (calls, failed) = (Arc::clone(&calls), Arc::clone(&failed));
            tasks.spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    if source.token().await.is_err() {
                        failed.fetch_add(1, Ordering::SeqCst);
                    }
                    calls.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        }
        Self { tasks, is_over, calls, failed }
    }

    /// How many calls there were, and how many failed.
    async fn leave(mut self) -> (usize, usize) {
        self.is_over.store(true, Ordering::SeqCst);
        while self.tasks.join_next().await.is_some() {}
        (self.calls.load(Ordering::SeqCst), self.failed.load(Ordering::SeqCst))
    }
}

/// Waits until the source hands out this token.
async fn has_come(source: &TokenSource, number: usize) {
    let name = format!("token-{number}");
    let watch = async {
        while source.token().await.unwrap().reveal() != name {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), watch).await.expect("it never comes");
}

#[tokio::test]
async fn a_hundred_tasks_that_come_at_once_make_one_request() {
    let house = House::open().await;
    let source = house.source();

    let tokens: Vec<_> = (0..100)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.token().await.unwrap().reveal().to_owned() })
        })
        .collect();

    for token in tokens {
        assert_eq!(token.await.unwrap(), "token-1");
    }
    assert_eq!((house.trades(), house.discoveries()), (1, 1));
}

/// Eleven lifetimes of a token; in their midst the key is rotated, the issuer starts anew, and it is away for ten seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_tasks_make_one_request_a_lifetime_through_a_rotation_a_restart_and_an_outage_and_no_call_fails() {
    let house = House::open().await;
    let source = house.source();
    let crowd = Crowd::gather(&source);
    has_come(&source, 1).await;
    // To just before the next token may be due, and then on until it is there.
    let lifetime = async || {
        let next = house.trades() + 1;
        house.advance(224);
        house.advance_until(60, |house| house.trades() == next).await;
        has_come(&source, next).await;
    };

    for _ in 0..3 {
        lifetime().await;
    }
    house.knows(&[KEY, NEXT_KEY]);
    house.has_key(NEXT_KEY);
    lifetime().await;
    house.knows(&[NEXT_KEY]);
    lifetime().await;
    house.goes_away().await;
    house.comes_back().await;
    lifetime().await;
    // Whatever is due in these ten seconds, and that is a renewal for most sources, meets nobody.
    house.goes_away().await;
    house.advance(244);
    for _ in 0..40 {
        house.clock.advance(Duration::from_millis(250));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(house.trades(), 7);
    house.comes_back().await;
    house.advance_until(30, |house| house.trades() == 8).await;
    has_come(&source, 8).await;
    for _ in 0..3 {
        lifetime().await;
    }

    let (calls, failed) = crowd.leave().await;
    assert_eq!(failed, 0, "of {calls}");
    assert!(calls > 500, "{calls}");
    let keys: Vec<String> = house.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, [vec![KEY; 4], vec![NEXT_KEY; 7]].concat());
}

/// The same when the outage begins as the token ends: callers wait, and none fails.
#[tokio::test]
async fn callers_wait_through_an_outage_when_the_token_has_ended() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();
    house.goes_away().await;
    house.advance(300);

    let crowd = Crowd::gather(&source);
    for _ in 0..40 {
        house.clock.advance(Duration::from_millis(250));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.comes_back().await;
    house.advance_until(15, |house| house.trades() == 2).await;
    house.until(|_| crowd.calls.load(Ordering::SeqCst) >= 100).await;

    let (_, failed) = crowd.leave().await;
    assert_eq!((failed, house.trades()), (0, 2));
}
