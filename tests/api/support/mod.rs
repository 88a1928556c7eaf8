//! What chapters stand on: a house in this process, the program as a process, databases, a plain HTTP client.

pub(crate) mod alone;
mod ask;
mod browser;
pub(crate) mod certificate;
mod cluster;
mod database;
mod house;
mod ledger;
mod load;
mod nginx;
mod portal;
mod postgres;
pub(crate) mod proc;
mod process;
mod provider;
mod proxy;
mod token;
mod wire;

use std::time::{Duration, Instant};

pub(crate) use ask::Ask;
pub(crate) use browser::Browser;
pub(crate) use cluster::Cluster;
pub(crate) use database::{TestDatabase, is_postgres};
pub(crate) use house::{House, Key, NOW, settings_in};
pub(crate) use ledger::{Ledger, Said};
pub(crate) use load::{Load, Seen, by_flow, make};
pub(crate) use nginx::at_each_node;
pub(crate) use portal::{ACME, CALLBACK, CHALLENGE, GOODBYE, LOOPBACK, NATIVE, PORTAL, Portal, Tokens, VERIFIER};
pub(crate) use process::{Outcome, Program, Server, signal};
pub(crate) use provider::{CLIENT_ID, CLIENT_SECRET, Provider, Served, Signer};
pub(crate) use proxy::{Proxy, Weather};
pub(crate) use token::Token;
pub(crate) use wire::{Reply, Wire, send};

/// The resource that most tests ask tokens for.
pub(crate) const ORDERS: &str = "https://orders.example";
/// Another one.
pub(crate) const BILLING: &str = "https://billing.example";
/// The app whose keys most tests show.
pub(crate) const SHOP: &str = "shop";
/// What the orders know.
pub(crate) const ORDER_SCOPES: [&str; 2] = ["orders:read", "orders:write"];

/// Asks again and again until it is so, for `span` at most: only for what another process does in its own time.
pub(crate) async fn within(span: Duration, mut is_so: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so().await {
        if began.elapsed() > span {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    true
}

/// Owned texts, for wishes.
pub(crate) fn owned<S: AsRef<str>>(words: &[S]) -> Vec<String> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
