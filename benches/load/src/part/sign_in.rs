//! A sign-in: a full code flow of a person who is signed in and has allowed the app, and a refresh, beside the peer's.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::client::{self, Order, Request};
use crate::house::{House, Metrics, target};
use crate::journey::{Journey, Step};
use crate::measure::{Contender, Spread, rounds};
use crate::report::Report;
use crate::{Outcome, Pace, peer};

/// Where a server is asked.
struct Doors {
    authorize: &'static str,
    token: &'static str,
}

const OURS: Doors = Doors { authorize: "/oauth/authorize", token: "/oauth/token" };
const PEERS: Doors = Doors { authorize: "/auth", token: "/token" };

/// A server's two journeys.
struct Journeys {
    code_flow: Journey,
    refresh: Journey,
}

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let house = House::prepare(1).await?;
    let secret = std::str::from_utf8(&house.keys[0])?;
    let cookies = house.sign_in().await?;
    let running = house.serve(hallpass)?;
    let (server, metrics) = (running.server, running.metrics);
    let ours = OURS.journeys(server.address, &cookies, secret);
    let mut journeys = vec![("hallpass", server, ours)];
    if let Some(server) = peer::start(&target()?.join("load-peer"), peer::SIGN_IN, secret)? {
        let cookies = peer::sign_in(server.address, PEERS.authorize)?;
        let theirs = PEERS.journeys(server.address, &cookies, secret);
        journeys.push(("peer", server, theirs));
    }
    let mut refreshes = Vec::new();
    let mut contenders = Vec::new();
    for (name, server, journeys) in journeys {
        contenders.push(Contender { name, server, request: Request::Journey(journeys.code_flow) });
        refreshes.push(journeys.refresh);
    }
    measure("code flow", &contenders, metrics, pace, report).await?;
    for (contender, refresh) in contenders.iter_mut().zip(refreshes) {
        contender.request = Request::Journey(refresh);
    }
    measure("refresh", &contenders, metrics, pace, report).await
}

/// Adds what a `journey` costs, ours being the first contender.
async fn measure(
    journey: &str,
    contenders: &[Contender],
    metrics: Metrics,
    pace: Pace,
    report: &mut Report,
) -> Outcome<()> {
    let ours = &contenders[0];
    // The first finds the caches empty.
    client::ask(ours.server.address, &ours.request, Order::EachOnce).await?;
    let before = metrics.sign_in_calls()?;
    let count = client::ask(ours.server.address, &ours.request, Order::EachOnce).await?;
    #[expect(clippy::cast_precision_loss, reason = "as many as there are connections")]
    let calls = (metrics.sign_in_calls()? - before) / count as f64;

    let measured = rounds(contenders, super::rounds(pace, 9, Duration::from_secs(2))).await?;
    let figure = format!("{journey} / oidc-provider's");
    match contenders.len() {
        2 => report.add(figure, "", measured.ratio("hallpass", "peer", 0.0), None),
        _ => report.add_gap(figure, None),
    }
    for Contender { name, .. } in contenders {
        report.add(format!("  CPU of a {journey}, {name}"), "µs", measured.cost(name).per(1e3), None);
    }
    report.add(format!("  database calls of a {journey}"), "", Spread::of(vec![calls]), None);
    super::add_discarded(report, journey, measured.discarded);
    Ok(())
}

impl Doors {
    fn journeys(&self, address: SocketAddr, cookies: &str, secret: &str) -> Journeys {
        let authorize = Step::authorize(address, self.authorize, cookies);
        let code_flow = Journey::new([authorize, Step::redeem(address, self.token, secret)]);
        let refresh = code_flow.then([Step::refresh(address, self.token, secret)]);
        Journeys { code_flow, refresh }
    }
}
