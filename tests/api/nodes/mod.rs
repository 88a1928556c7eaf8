//! Several nodes on one database: what one changes the others learn, and what one does for all only one does.

mod early;
mod gate;
mod leases;
mod log;
mod notify;
mod signing;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use hallpass::app;
use hallpass::clock::Clock;
use hallpass::credential::{ApiKey, KeyId};
use hallpass::flow::{Caller, Flows, Form, Refusal, Scheme, ShownKey, TokenRequest};
use hallpass::policy::standing::Standing;

use crate::support::{Ask, House, Key, Program, Server, send, settings_in};

pub(crate) use gate::Gate;

/// What `/metrics` of a server says of `name`, labels and all; none when it is not there.
pub(crate) async fn number(server: &Server, name: &str) -> Option<f64> {
    let numbers = send(server.metrics.unwrap(), &Ask::get("/metrics")).await;
    numbers.text().lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// A server process on the house's database.
fn node(house: &House) -> Program {
    Program::serve(house.path()).on(&house.database)
}

/// The flows of a node on which nothing runs by itself: it learns what it is made to read. What it has in memory it
/// believes for minutes.
async fn quiet_node(house: &House, url: &str) -> Arc<Flows> {
    quiet_node_with(house, url, Duration::from_mins(5)).await
}

/// The same, with what it has in memory believed for `grace`.
async fn quiet_node_with(house: &House, url: &str, grace: Duration) -> Arc<Flows> {
    let mut settings = settings_in(house.path());
    settings.database.url = url.to_owned().into();
    settings.database.outage_grace = grace.into();
    settings.issuer = house.issuer().to_owned();
    let flows = app::open(&settings, Clock::held(house.clock.now())).await.unwrap();
    flows.follow().await.unwrap();
    Arc::new(flows)
}

/// Where a key stands, as far as a node knows.
async fn standing(flows: &Flows, key: &Key) -> Standing {
    let id: KeyId = key.id.parse().unwrap();
    flows.store().find_key_record(id).await.unwrap().expect("the key is there").standing(flows.clock().now())
}

/// A token for `key` from a node.
async fn exchange(node: &Flows, key: &Key) -> Result<String, Refusal> {
    let shown = ApiKey::parse(node.prefix(), &key.text);
    let request = TokenRequest {
        caller: Caller::Key(ShownKey { scheme: Scheme::Bearer, client_ids: vec![], key: shown }),
        form: Form::new(vec![("grant_type".to_owned(), "client_credentials".to_owned())]).unwrap(),
        from: None,
    };
    Ok(node.exchange(&request).await?.access_token)
}
