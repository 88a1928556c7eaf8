//! A thousand keys and a million, all warm, shown at random: what the size of the house costs.

use std::path::Path;
use std::time::Duration;

use crate::client::{self, Order};
use crate::house::{House, Running};
use crate::measure::{Contender, Spread, rounds};
use crate::report::Report;
use crate::{Outcome, Pace};

/// How many keys are many.
pub(crate) const MANY: usize = 1_000_000;

pub(crate) async fn run(hallpass: &Path, pace: Pace, many: usize, report: &mut Report) -> Outcome<()> {
    let most = if pace == Pace::Quick { many.min(20_000) } else { many };
    let (small, large) = (House::prepare(1000).await?, House::prepare(most).await?);
    let (few, many) = (warm(&small, hallpass).await?, warm(&large, hallpass).await?);
    let (few_metrics, many_metrics) = (few.metrics, many.metrics);
    let calls = few_metrics.store_calls()? + many_metrics.store_calls()?;
    let contenders = [
        Contender { name: "few", request: small.request(few.server.address), server: few.server },
        Contender { name: "many", request: large.request(many.server.address), server: many.server },
    ];
    // Two flushes of what was counted lie in each slot, as they do in life.
    let measured = rounds(&contenders, super::rounds(pace, 7, Duration::from_secs(10))).await?;
    report.add(format!("exchange, {most} keys / 1000 keys"), "", measured.ratio("many", "few", 0.0), Some(1.25));
    let calls = few_metrics.store_calls()? + many_metrics.store_calls()? - calls;
    report.add("  database calls of warm exchanges", "", Spread::of(vec![calls]), Some(0.0));
    super::add_discarded(report, "keys", measured.discarded);
    Ok(())
}

/// A server that has seen each key once.
async fn warm(house: &House, hallpass: &Path) -> Outcome<Running> {
    let running = house.serve(hallpass)?;
    let address = running.server.address;
    client::ask(address, &house.request(address), Order::EachOnce).await?;
    // What was counted is written down before anything is measured.
    actix_web::rt::time::sleep(super::SETTLED).await;
    Ok(running)
}
