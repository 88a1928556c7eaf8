use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_client::{Clock, Error, HeldClock, TokenSource, TokenSourceBuilder};
use tokio::task::JoinHandle;

use super::issuer::Issuer;

pub(crate) const NOW: i64 = 1_700_000_000;
pub(crate) const KEY: &str = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";
pub(crate) const NEXT_KEY: &str = "hp_live_zyxwvutsrqponmlk_jihgfedcbaZYXWVUTSRQPONMLKJIHGFE1bPUfk";

/// An issuer, a key that it knows, and a clock that is held.
pub(crate) struct House {
    issuer: Issuer,
    pub(crate) clock: HeldClock,
    /// What the callback of a source of this house answers.
    key: Arc<Mutex<String>>,
}

impl House {
    pub(crate) async fn open() -> Self {
        let key = Arc::new(Mutex::new(KEY.to_owned()));
        Self { issuer: Issuer::open(KEY).await, clock: HeldClock::at(NOW), key }
    }

    pub(crate) fn source(&self) -> TokenSource {
        self.source_with(|builder| builder)
    }

    pub(crate) fn source_with(&self, change: impl FnOnce(TokenSourceBuilder) -> TokenSourceBuilder) -> TokenSource {
        let key = Arc::clone(&self.key);
        let builder = TokenSource::builder(&*self.url).clock(Clock::Held(self.clock.clone())).key_from(move || {
            let key = key.lock().unwrap().clone();
            async { Ok::<_, Error>(key) }
        });
        change(builder).build().unwrap()
    }

    /// The app now has this key.
    pub(crate) fn has_key(&self, key: &str) {
        key.clone_into(&mut self.key.lock().unwrap());
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Waits, without asking a clock, until the background has done what it was about to do.
    pub(crate) async fn until(&self, what: impl Fn(&Self) -> bool) {
        let watch = async {
            while !what(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), watch).await.expect("the background never did it");
    }

    /// Moves the clock on, a little at a time, until it is so. How many seconds that took, `most` at most.
    pub(crate) async fn advance_until(&self, most: u64, what: impl Fn(&Self) -> bool) -> u64 {
        let mut passed = 0;
        for _ in 0..most * 4 {
            if what(self) {
                break;
            }
            self.clock.advance(Duration::from_millis(250));
            passed += 250;
            // What this wakes has real requests to send.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(what(self), "not within {most} s");
        passed / 1000
    }

    /// Waits, moving the clock, until a task of the test's is done.
    pub(crate) async fn advance_until_done<T>(&self, most: u64, task: JoinHandle<T>) -> T {
        self.advance_until(most, |_| task.is_finished()).await;
        task.await.unwrap()
    }
}

impl Deref for House {
    type Target = Issuer;

    fn deref(&self) -> &Issuer {
        &self.issuer
    }
}
