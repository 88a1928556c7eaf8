//! A key revoked at one node of two, both under load: how long until the other refuses it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt;

use crate::client::{self, Key, Plain};
use crate::cluster::Cluster;
use crate::house::{CLIENT_ID, House, SCOPE};
use crate::measure::Spread;
use crate::open_loop::{self, Offer};
use crate::report::Report;
use crate::{Outcome, Pace, child, plot};

/// How many keys are revoked.
const REVOKED: usize = 1000;
/// How many are revoked at the same time.
const AT_ONCE: usize = 4;
/// How often the other node is asked whether it still mints.
const EVERY: Duration = Duration::from_millis(4);
/// Nobody waits longer for a refusal.
const LONGEST: Duration = Duration::from_secs(20);
/// Keys that are shown meanwhile, and exchanges a second at each node: a quarter of what one core does.
const OTHERS: usize = 500;
const LOAD: f64 = 2500.0;

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let Some(cluster) = Cluster::start().await? else {
        report.add_gap("revoked at one node, refused at the other: p99", Some(1000.0));
        return Ok(());
    };
    let count = if pace == Pace::Quick { 60 } else { REVOKED };
    let house = House::prepare_at(Some(cluster.database("notified").await?), OTHERS + 2 * count).await?;
    let (others, revoked) = house.keys.split_at(OTHERS);
    let mut curves = Vec::new();
    for (which, notify) in [true, false].into_iter().enumerate() {
        let setting = format!("database.notify={notify}");
        let how = if notify { "notified" } else { "polling alone" };
        let is_known = house.knows(hallpass, &setting)?;
        if notify && !is_known {
            report.add_gap(format!("revoked, {how}: p99"), Some(1000.0));
            continue;
        }
        let settings = if is_known { vec![&*setting] } else { vec![] };
        let nodes = [child::SERVERS, child::CLIENT].map(|core| house.serve_on(core, hallpass, &settings));
        let [here, there] = nodes;
        let (here, there) = (here?.server, there?.server);
        let spans = revoke(here.address, there.address, others, &revoked[which * count..][..count]).await?;
        let at = |share: f64| super::quantile(&spans, share);
        report.add(
            format!("revoked at one node, refused at the other, {how}: p99"),
            "ms",
            Spread::one(at(0.99)),
            Some(1000.0),
        );
        report.add(format!("  the longest of {count}"), "ms", Spread::one(at(1.0)), Some(2000.0));
        report.add("  all of them", "ms", Spread::of(spans.clone()), None);
        curves.push((how, spans));
    }
    report.add_drawing("revocations", plot::curves("A key revoked at one node is refused at the other", &curves));
    Ok(())
}

/// Revokes keys at one node while both have enough to do; gives the milliseconds until the other refused each, sorted.
async fn revoke(here: SocketAddr, there: SocketAddr, others: &[Key], keys: &[Key]) -> Outcome<Vec<f64>> {
    let others: Arc<[Key]> = others.into();
    let load = |address: SocketAddr| {
        let request = Plain::token(address, "/oauth/token", CLIENT_ID, SCOPE, Arc::clone(&others));
        // It ends with the runtime's task, long before this span does.
        let offer =
            Offer { rate: LOAD, span: Duration::from_hours(1), connections: 64, patience: Duration::from_secs(5) };
        rt::spawn(async move { drop(open_loop::offer(address, request, offer).await) })
    };
    let loads = [load(here), load(there)];
    rt::time::sleep(Duration::from_secs(1)).await;
    let waiting: Rc<RefCell<Vec<Key>>> = Rc::new(RefCell::new(keys.to_vec()));
    let revoking: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (waiting, by) = (Rc::clone(&waiting), others[0]);
            rt::spawn(async move {
                let mut spans = Vec::new();
                loop {
                    let Some(key) = waiting.borrow_mut().pop() else { return Ok(spans) };
                    spans.push(revoke_one(here, there, &by, key).await?);
                }
            })
        })
        .collect();
    let mut spans = Vec::new();
    for one in revoking {
        let some: std::io::Result<Vec<f64>> = one.await?;
        spans.extend(some?);
    }
    for load in loads {
        load.abort();
    }
    spans.sort_by(f64::total_cmp);
    Ok(spans)
}

/// The milliseconds from the answer to a revocation here until a request began that was refused there.
async fn revoke_one(here: SocketAddr, there: SocketAddr, by: &Key, key: Key) -> std::io::Result<f64> {
    let (mut buffer, own, other) = (vec![0; 8 * 1024], client::connect(here).await?, client::connect(there).await?);
    let mut shown = Plain::token(there, "/oauth/token", CLIENT_ID, SCOPE, Arc::new([key]));
    let shown = shown.next().to_vec();
    client::write(&other, &shown).await?;
    let answer = client::read(&other, &mut buffer).await?;
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        return Err(client::unexpected(answer));
    }
    let revocation = client::revocation(here, CLIENT_ID, by, &key);
    client::write(&own, &revocation).await?;
    let answer = client::read(&own, &mut buffer).await?;
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        return Err(client::unexpected(answer));
    }
    let revoked = Instant::now();
    loop {
        let asked = revoked.elapsed();
        client::write(&other, &shown).await?;
        let answer = client::read(&other, &mut buffer).await?;
        if answer.starts_with(b"HTTP/1.1 401 ") {
            return Ok(asked.as_secs_f64() * 1e3);
        }
        if !answer.starts_with(b"HTTP/1.1 200 ") || asked > LONGEST {
            return Err(client::unexpected(answer));
        }
        rt::time::sleep(EVERY).await;
    }
}
