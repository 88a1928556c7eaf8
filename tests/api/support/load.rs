//! Load: callers at a server, and the lives of keys beside them, written into a ledger.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hallpass::flow::{Flows, KeyWish, RevokeWish, RotateWish};
use hallpass::policy::lifetime::Expiry;
use tokio::task::JoinHandle;

use super::{Ask, House, Key, Ledger, Program, Reply, SHOP, Said, Server, Wire};

/// What callers were answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) good: u64,
    pub(crate) unavailable: u64,
    /// The longest that anybody waited.
    pub(crate) slowest: Duration,
}

/// What those were answered whose keys are in use, and those who show a key for the first time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) warm: Answers,
    pub(crate) cold: Answers,
}

/// What goes on until it is stopped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
    seen: Arc<Mutex<Seen>>,
}

/// One who asks a server for tokens, over a connection that is kept.
struct Caller {
    address: SocketAddr,
    wire: Option<Wire>,
    ledger: Arc<Ledger>,
    seen: Arc<Mutex<Seen>>,
}

static NAMES: AtomicU64 = AtomicU64::new(0);

impl Load {
    /// `callers` who each show one warm key to `server` again and again, and `lives` of keys: made, traded, rotated and
    /// revoked, by `house` and by the command line in turn.
    pub(crate) fn begin(house: &Arc<House>, server: &Server, ledger: &Arc<Ledger>, warm: &[Key], lives: usize) -> Self {
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Seen::default())));
        let caller =
            || Caller { address: server.address, wire: None, ledger: Arc::clone(ledger), seen: Arc::clone(&seen) };
        let mut tasks = Vec::new();
        for key in warm {
            let (mut caller, key, stop) = (caller(), key.clone(), Arc::clone(&stop));
            tasks.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    caller.exchange(&key, true).await;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }));
        }
        for number in 0..lives {
            let (mut caller, house, stop) = (caller(), Arc::clone(house), Arc::clone(&stop));
            tasks.push(tokio::spawn(async move {
                for round in number.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    caller.live(&house, round).await;
                }
            }));
        }
        Self { stop, tasks, seen }
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.lock().expect("the answers")
    }

    /// Lets everyone finish what they are at.
    pub(crate) async fn end(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("nobody saw what must not be");
        }
        *self.seen.lock().expect("the answers")
    }
}

impl Caller {
    /// Trades `key`: the answer is a token, or it is our own trouble in our own words.
    async fn exchange(&mut self, key: &Key, is_warm: bool) {
        let ask = Ask::exchange(key, &[]).header("Connection", "keep-alive");
        let began = Instant::now();
        let reply = self.send(&ask).await;
        let took = began.elapsed();
        let mut seen = self.seen.lock().expect("the answers");
        let answers = if is_warm { &mut seen.warm } else { &mut seen.cold };
        answers.slowest = answers.slowest.max(took);
        if reply.status == 200 {
            answers.good += 1;
            self.ledger.minted(key);
            return;
        }
        assert_eq!(reply.refusal(), (503, "temporarily_unavailable".to_owned()), "after {took:?}: {reply:?}");
        assert_eq!(reply.header("retry-after"), Some("2"));
        answers.unavailable += 1;
    }

    async fn send(&mut self, ask: &Ask) -> Reply {
        if self.wire.is_none() {
            self.wire = Some(Wire::open(self.address).await);
        }
        let wire = self.wire.as_mut().expect("a connection");
        wire.write(ask.bytes()).await.expect("the server reads");
        let reply = wire.reply().await.expect("an answer");
        if reply.header("connection") == Some("close") {
            self.wire = None;
        }
        reply
    }

    /// From its making to its end, as far as the product lets it come.
    async fn live(&mut self, house: &House, round: usize) {
        let name = format!("life-{}", NAMES.fetch_add(1, Ordering::Relaxed));
        let made = if round % 8 == 7 { by_command(house, &name).await } else { by_flow(&house.flows, &name).await };
        self.ledger.made(&name, &made);
        let Said::Yes(key) = made else { return pause().await };
        self.exchange(&key, false).await;
        let rotated = rotate(house, &key).await;
        self.ledger.rotated(&key, &rotated);
        let Said::Yes(next) = rotated else { return pause().await };
        self.exchange(&next, false).await;
        let goes = if round.is_multiple_of(2) { &key } else { &next };
        let revoked =
            if round % 4 < 2 { revoke_by_flow(&house.flows, goes).await } else { self.revoke_by_request(goes).await };
        self.ledger.revoked(goes, &revoked);
    }

    /// RFC 7009: who has a key may take it back.
    async fn revoke_by_request(&mut self, key: &Key) -> Said<()> {
        let ask = Ask::form(&[("token", &key.text)]).at("/oauth/revoke").bearer(&key.text);
        let reply = self.send(&ask.header("Connection", "keep-alive")).await;
        match reply.status {
            200 => Said::Yes(()),
            503 => Said::Perhaps,
            _ => panic!("{reply:?}"),
        }
    }
}

/// A key of this name, entered into the ledger.
pub(crate) async fn make(flows: &Flows, ledger: &Ledger, name: &str) -> Key {
    let made = by_flow(flows, name).await;
    ledger.made(name, &made);
    made.yes().expect("a key")
}

/// Who was refused tries again a little later.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

fn wish(name: &str) -> KeyWish {
    KeyWish { name: name.to_owned(), ..House::wish(SHOP, &["orders:read"]) }
}

/// Makes a key of this name.
pub(crate) async fn by_flow(flows: &Flows, name: &str) -> Said<Key> {
    let minted = flows.create_key(&wish(name)).await;
    Said::of(minted.map(|minted| Key { id: minted.row.id.clone(), text: minted.key.reveal(flows.prefix()) }))
}

async fn by_command(house: &House, name: &str) -> Said<Key> {
    let arguments = ["keys", "create", SHOP, "--name", name, "--scope", "orders:read", "--json"];
    let outcome = Program::beside(house, &arguments).run().await;
    match outcome.code {
        Some(0) => {
            let shown = outcome.json();
            let text = |name: &str| shown[name].as_str().expect("text").to_owned();
            Said::Yes(Key { id: text("id"), text: text("key") })
        }
        Some(1) if outcome.stderr.contains("not known whether") => Said::Perhaps,
        Some(1) => Said::No,
        _ => panic!("{outcome:?}"),
    }
}

async fn rotate(house: &House, key: &Key) -> Said<Key> {
    let wish = RotateWish { overlap: None, is_leak: false, expiry: Expiry::Default, by: "load".to_owned() };
    let minted = house.flows.rotate_key(&key.id, &wish).await;
    let prefix = house.flows.prefix();
    Said::of(minted.map(|minted| Key { id: minted.row.id.clone(), text: minted.key.reveal(prefix) }))
}

async fn revoke_by_flow(flows: &Flows, key: &Key) -> Said<()> {
    let wish = RevokeWish { reason: "load".to_owned(), by: "load".to_owned() };
    Said::of(flows.revoke_key(&key.id, &wish).await)
}
