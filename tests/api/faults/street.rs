//! A real server on a PostgreSQL of its own, a house beside it through which keys are made and ended, and the ledger of
//! both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{Ask, House, Key, Ledger, Load, ORDER_SCOPES, ORDERS, Program, SHOP, Seen, Server, make, within};

/// Longer than any recovery takes; each is measured and printed.
const RECOVERY: Duration = Duration::from_secs(30);
/// Keys that are in use, and keys that nobody has shown yet.
const KEYS: usize = 4;

pub(super) struct Street {
    pub(super) house: Arc<House>,
    pub(super) server: Server,
    pub(super) ledger: Arc<Ledger>,
    pub(super) warm: Vec<Key>,
    pub(super) cold: Vec<Key>,
}

impl Street {
    /// The server reaches the database by one URL, the house by another.
    pub(super) async fn open(server_url: &str, house_url: &str) -> Self {
        let house = House::on(house_url).await;
        house.resource(ORDERS, &ORDER_SCOPES).await;
        house.app(SHOP, &ORDER_SCOPES, &[ORDERS]).await;
        let ledger = Ledger::default();
        let (mut warm, mut cold) = (Vec::new(), Vec::new());
        for number in 0..KEYS {
            warm.push(make(&house.flows, &ledger, &format!("warm-{number}")).await);
            cold.push(make(&house.flows, &ledger, &format!("cold-{number}")).await);
        }
        let server = Program::serve(house.path()).variable("HALLPASS_DATABASE_URL", server_url).start().await;
        let street = Self { house: Arc::new(house), server, ledger: Arc::new(ledger), warm, cold };
        for key in &street.warm {
            assert!(street.mints(key).await);
        }
        street
    }

    pub(super) fn load(&self, lives: usize) -> Load {
        Load::begin(&self.house, &self.server, &self.ledger, &self.warm, lives)
    }

    /// Whether the server trades `key`. When it does not, that is its own trouble.
    pub(super) async fn mints(&self, key: &Key) -> bool {
        let reply = self.server.send(&Ask::exchange(key, &[])).await;
        if reply.status == 200 {
            self.ledger.minted(key);
            return true;
        }
        super::assert_is_our_trouble(&reply);
        false
    }

    pub(super) async fn is_ready(&self) -> bool {
        self.server.send(&Ask::get("/readyz")).await.status == 200
    }

    /// Waits until a key that was never shown is traded and the server calls itself ready: how long each took.
    pub(super) async fn recovers(&mut self, since: Instant) -> (Duration, Duration) {
        let key = self.cold.pop().expect("a cold key");
        assert!(within(RECOVERY, async || self.mints(&key).await).await, "no token after {RECOVERY:?}");
        let minted = since.elapsed();
        assert!(within(RECOVERY, async || self.is_ready().await).await, "not ready after {RECOVERY:?}");
        (minted, since.elapsed())
    }

    /// Waits until callers were answered so much more of what `count` counts.
    pub(super) async fn sees(load: &Load, more: u64, count: fn(&Seen) -> u64) {
        let before = count(&load.seen());
        let is_so = async || count(&load.seen()) >= before + more;
        assert!(within(RECOVERY, is_so).await, "{:?}", load.seen());
    }

    /// The end of the day: nothing is lost, and nothing is there that nobody was told of. Says how much that was.
    pub(super) async fn closes(self) -> String {
        self.closes_after(false).await
    }

    /// The same when the database may have been killed or silent while uses were written.
    pub(super) async fn closes_after(self, was_silent: bool) -> String {
        let Self { house, server, ledger, .. } = self;
        let is_back = async || house.flows.store().reach().is_following();
        assert!(within(RECOVERY, is_back).await, "the house itself is back");
        ledger.holds(&house.flows).await;
        let (living, revoked) = ledger.living_and_revoked();
        for key in &living {
            let reply = server.send(&Ask::exchange(key, &[])).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            ledger.minted(key);
        }
        for key in &revoked {
            let is_refused = async || {
                let reply = server.send(&Ask::exchange(key, &[])).await;
                if reply.status == 200 {
                    ledger.minted(key);
                }
                reply.status == 401
            };
            assert!(within(Duration::from_secs(2), is_refused).await, "a revoked key mints");
        }
        if was_silent {
            // What nobody committed holds its rows for a while, and the counts wait for them.
            assert!(within(RECOVERY, async || ledger.counts_all(&house.flows).await).await, "a use is lost");
        }
        assert_eq!(server.stop().await, Some(0));
        if !was_silent {
            ledger.counts(&house.flows).await;
        }
        format!("{:?}, {} keys live, {} are revoked", ledger.sum(), living.len(), revoked.len())
    }
}
