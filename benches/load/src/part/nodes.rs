//! Two nodes on one PostgreSQL, a core each, beside two that have a database each: what a node costs more because of the other.
//!
//! Both cores are as busy either way, and who asks a node is on its core, so that nothing else differs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::rt::System;
use rustix::time::ClockId;

use crate::client::{self, Key, Order, Request};
use crate::cluster::Cluster;
use crate::house::{CLIENT_ID, House, SCOPE};
use crate::measure::{Spread, cpu, in_turns, seconds};
use crate::report::Report;
use crate::{Outcome, Pace, child, quiet};

const FIGURE: &str = "exchange, each of two nodes / one alone";
const AT_MOST: Option<f64> = Some(1.05);
const KEYS: usize = 1000;
const CORES: [usize; 2] = [child::SERVERS, child::CLIENT];

/// A node, who asks it, and where both are.
struct Node {
    core: usize,
    server: child::Server,
    keys: Arc<[Key]>,
}

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let Some(cluster) = Cluster::start().await? else {
        report.add_gap(FIGURE, AT_MOST);
        return Ok(());
    };
    let mut houses = Vec::new();
    for name in ["shared", "one", "another"] {
        houses.push(House::prepare_at(Some(cluster.database(name).await?), KEYS).await?);
    }
    let node = |core: usize, house: &House| -> Outcome<Node> {
        let server = house.serve_on(core, hallpass, &[])?.server;
        Ok(Node { core, server, keys: Arc::clone(&house.keys) })
    };
    let together = [node(CORES[0], &houses[0])?, node(CORES[1], &houses[0])?];
    let alone = [node(CORES[0], &houses[1])?, node(CORES[1], &houses[2])?];
    for Node { server, keys, .. } in together.iter().chain(&alone) {
        let request = Request::token(server.address, "/oauth/token", CLIENT_ID, SCOPE, Arc::clone(keys));
        client::ask(server.address, &request, Order::EachOnce).await?;
    }
    let pairs = [&together, &alone];
    // Two flushes of what was counted lie in each slot, as they do in life.
    let plan = super::rounds(pace, 7, Duration::from_secs(10));
    for pair in pairs {
        slot(&cluster, pair, pairs, plan.warm_up)?;
    }
    let (rounds, discarded) =
        in_turns(pairs.len(), plan, async |which| slot(&cluster, pairs[which], pairs, plan.slot)).await?;

    let ratios = rounds.iter().flat_map(|costs| [costs[0][0] / costs[1][0], costs[0][1] / costs[1][1]]);
    report.add(FIGURE, "", Spread::of(ratios.collect()), AT_MOST);
    for (which, name) in ["each of two nodes", "a node alone"].into_iter().enumerate() {
        let costs = rounds.iter().flat_map(|costs| costs[which]);
        report.add(format!("  CPU of {name}"), "µs", Spread::of(costs.collect()).per(1e3), None);
    }
    super::add_discarded(report, "nodes", discarded);
    Ok(())
}

/// The nanoseconds of CPU per answer of each node of a pair, both asked at once; and the share of a core that others used.
fn slot(cluster: &Cluster, pair: &[Node; 2], all: [&[Node; 2]; 2], span: Duration) -> Outcome<([f64; 2], f64)> {
    let ours = || -> Outcome<f64> {
        let mut sum = cluster.cpu()? + cpu(ClockId::ProcessCPUTime);
        for node in all.iter().copied().flatten() {
            sum += seconds(node.server.cpu()?);
        }
        Ok(sum)
    };
    let (moment, before) = (quiet::Moment::now()?, ours()?);
    let begun = [pair[0].server.cpu()?, pair[1].server.cpu()?];
    let [first, second] = pair.each_ref().map(|node| ask(node, span));
    let counts = [join(first)?, join(second)?];
    let others = moment.others_since(ours()? - before)?;
    let cost = |which: usize| -> Outcome<f64> {
        let used = seconds(pair[which].server.cpu()? - begun[which]);
        Ok(used * 1e9 / super::amount(counts[which]))
    };
    Ok(([cost(0)?, cost(1)?], others))
}

/// Asks a node from its own core.
fn ask(node: &Node, span: Duration) -> JoinHandle<Result<usize, String>> {
    let (core, address, keys) = (node.core, node.server.address, Arc::clone(&node.keys));
    thread::spawn(move || {
        child::pin(core).and_then(|()| System::new().block_on(ask_here(address, keys, span))).map_err(|e| e.to_string())
    })
}

async fn ask_here(address: SocketAddr, keys: Arc<[Key]>, span: Duration) -> Outcome<usize> {
    let request = Request::token(address, "/oauth/token", CLIENT_ID, SCOPE, keys);
    Ok(usize::try_from(client::ask(address, &request, Order::Random(span)).await?)?)
}

fn join(asking: JoinHandle<Result<usize, String>>) -> Outcome<usize> {
    Ok(asking.join().map_err(|_| "who asks a node has stopped")??)
}
