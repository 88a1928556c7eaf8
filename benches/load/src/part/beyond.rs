//! Past capacity: more requests than one core can answer, offered at their own pace.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};

use crate::client::{self, Order, Plain};
use crate::house::{CLIENT_ID, House, SCOPE};
use crate::measure::Spread;
use crate::open_loop::{self, Offer};
use crate::report::Report;
use crate::{Outcome, Pace, child, plot};

const KEYS: usize = 1000;
/// What is offered, of what one core can do.
const OFFERS: [f64; 5] = [0.5, 0.9, 2.0, 3.0, 4.0];
/// Requests under way at most; as many connections as that.
const CONNECTIONS: usize = 8000;
/// How long one waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    child::pin(child::CLIENT)?;
    let is_quick = pace == Pace::Quick;
    let span = Duration::from_secs(if is_quick { 2 } else { 10 });
    let files =
        getrlimit(Resource::Nofile).current.map_or(CONNECTIONS, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let connections = CONNECTIONS.min(files.saturating_sub(200));
    let house = House::prepare(KEYS).await?;
    let server = house.serve(hallpass)?.server;
    let request = house.request(server.address);
    client::ask(server.address, &request, Order::EachOnce).await?;
    let warm_up = if is_quick { span } else { Duration::from_secs(3) };
    client::ask(server.address, &request, Order::Random(warm_up)).await?;
    let answered = client::ask(server.address, &request, Order::Random(span)).await?;
    let capacity = super::amount(usize::try_from(answered)?) / span.as_secs_f64();
    report.add("exchanges a second, one core, 16 at a time", "", Spread::one(capacity), None);

    let mut points = Vec::new();
    for share in if is_quick { vec![0.5, 2.0] } else { OFFERS.to_vec() } {
        let offer = Offer { rate: share * capacity, span, connections, patience: PATIENCE };
        let plain = Plain::token(server.address, "/oauth/token", CLIENT_ID, SCOPE, Arc::clone(&house.keys));
        let fates = open_loop::offer(server.address, plain, offer).await?;
        let in_time = super::amount(usize::try_from(fates.in_time)?);
        let mut spans = fates.accepted;
        spans.sort_by(f64::total_cmp);
        let accepted = in_time / span.as_secs_f64() / capacity;
        let p99 = super::quantile(&spans, 0.99) * 1e3;
        report.add(format!("offered {share} × that: accepted, of that"), "", Spread::one(accepted), None);
        let all =
            Spread { low: super::quantile(&spans, 0.5) * 1e3, median: p99, high: super::quantile(&spans, 1.0) * 1e3 };
        report.add("  p99 of what was accepted (median – longest)", "ms", all, None);
        for (how, count) in fates.refused {
            let count = super::amount(usize::try_from(count)?);
            report.add(format!("  refused, {how}"), "", Spread::one(count), None);
        }
        if fates.unsent > 0 {
            let unsent = super::amount(usize::try_from(fates.unsent)?);
            report.add(format!("  not sent: {connections} were under way"), "", Spread::one(unsent), None);
        }
        points.push((share, accepted, p99));
        actix_web::rt::time::sleep(Duration::from_secs(1)).await;
    }
    report.add_drawing("past-capacity", plot::capacity(&points));
    Ok(())
}
