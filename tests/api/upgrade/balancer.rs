//! A balancer before several nodes: it sends each request to the next one, and lets a node go only when nothing is on its
//! way there.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_verifier::{KeySet, Profile, Verifier};
use tokio::task::JoinHandle;

use crate::support::{Ask, Key, ORDERS, Server, send, within};

pub(crate) struct Balancer {
    nodes: Mutex<Vec<Arc<Node>>>,
    turn: AtomicUsize,
    has_ended: AtomicBool,
    exchanged: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

struct Node {
    address: SocketAddr,
    under_way: AtomicUsize,
}

/// A request's place at a node.
struct Ticket(Arc<Node>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

fn node(server: &Server) -> Arc<Node> {
    Arc::new(Node { address: server.address, under_way: AtomicUsize::new(0) })
}

impl Balancer {
    pub(crate) fn new(servers: &[&Server]) -> Self {
        Self {
            nodes: Mutex::new(servers.iter().map(|server| node(server)).collect()),
            turn: AtomicUsize::new(0),
            has_ended: AtomicBool::new(false),
            exchanged: AtomicUsize::new(0),
            failures: Mutex::default(),
        }
    }

    /// Sends to `new` what would go to `old`, and waits until nothing is on its way to that one.
    pub(crate) async fn replace(&self, old: &Server, new: &Server) {
        let gone = {
            let mut nodes = self.nodes.lock().unwrap();
            let at = nodes.iter().position(|node| node.address == old.address).expect("it is one of the nodes");
            std::mem::replace(&mut nodes[at], node(new))
        };
        let is_idle = async || gone.under_way.load(Ordering::SeqCst) == 0;
        assert!(within(Duration::from_secs(10), is_idle).await);
    }

    /// Exchanges `key` again and again, `many` at a time. Each token must verify with the keys that the next node publishes.
    pub(crate) fn load(self: &Arc<Self>, key: &Key, many: usize) -> Vec<JoinHandle<()>> {
        let ask = Ask::exchange(key, &[]);
        let runs = (0..many).map(|_| {
            let (balancer, ask) = (Arc::clone(self), ask.clone());
            tokio::spawn(async move {
                while !balancer.has_ended.load(Ordering::SeqCst) {
                    if let Err(words) = balancer.exchange(&ask).await {
                        balancer.failures.lock().unwrap().push(words);
                    }
                    balancer.exchanged.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        runs.collect()
    }

    /// Ends the load. How many exchanges there were, and what went wrong.
    pub(crate) async fn end(&self, load: Vec<JoinHandle<()>>) -> (usize, Vec<String>) {
        self.has_ended.store(true, Ordering::SeqCst);
        for run in load {
            run.await.unwrap();
        }
        (self.exchanged.load(Ordering::SeqCst), self.failures.lock().unwrap().clone())
    }

    async fn exchange(&self, ask: &Ask) -> Result<(), String> {
        let reply = {
            let ticket = self.ticket();
            send(ticket.0.address, ask).await
        };
        if reply.status != 200 {
            return Err(format!("{reply:?}"));
        }
        let jwks = {
            let ticket = self.ticket();
            send(ticket.0.address, &Ask::get("/.well-known/jwks.json")).await
        };
        let keys = KeySet::from_jwks_json(&jwks.body).map_err(|error| error.to_string())?;
        let verifier = Verifier::builder("http://localhost").audience(ORDERS).profile(Profile::Compat).keys(keys);
        let verifier = verifier.build().map_err(|error| error.to_string())?;
        verifier.verify(&reply.token()).await.map(drop).map_err(|error| error.to_string())
    }

    fn ticket(&self) -> Ticket {
        let nodes = self.nodes.lock().unwrap();
        let node = &nodes[self.turn.fetch_add(1, Ordering::SeqCst) % nodes.len()];
        node.under_way.fetch_add(1, Ordering::SeqCst);
        Ticket(Arc::clone(node))
    }
}
