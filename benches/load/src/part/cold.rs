//! Cold keys: each is shown once to a server that has not seen it, in small and large databases.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::time::ClockId;

use crate::client::{self, Key, Order, Request};
use crate::house::{CLIENT_ID, House, SCOPE};
use crate::measure::{Rounds, Spread, cpu, in_turns, seconds};
use crate::report::Report;
use crate::{Outcome, Pace, child, plot, quiet};

/// How many rows are many.
pub(crate) const MANY: usize = 10_000_000;
/// How many are few; all of them are shown.
const FEW: usize = 1000;
/// What a server is warmed up with, so that only the keys are cold.
const WARM: usize = 200;
const ROUNDS: usize = 15;

pub(crate) async fn run(hallpass: &Path, pace: Pace, many: usize, report: &mut Report) -> Outcome<()> {
    child::pin(child::CLIENT)?;
    let is_quick = pace == Pace::Quick;
    let many = if is_quick { many.min(50_000) } else { many };
    let sizes = [FEW, many / 10, many];
    let count = if is_quick { 3 } else { ROUNDS };
    let mut houses = Vec::new();
    for rows in sizes {
        houses.push(House::prepare_sparse(rows, rows.min(WARM + count * (FEW - WARM))).await?);
    }
    let mut turn = [0; 3];
    let plan = Rounds { count, slot: Duration::ZERO, warm_up: Duration::ZERO, is_patient: pace == Pace::Patient };
    let (rounds, discarded) = in_turns(sizes.len(), plan, async |which| {
        let (warm, cold) = houses[which].keys.split_at(WARM);
        let chunks = cold.len() / (FEW - WARM);
        let cold = &cold[turn[which] % chunks * (FEW - WARM)..][..FEW - WARM];
        turn[which] += 1;
        slot(&houses[which], hallpass, warm, cold).await
    })
    .await?;

    let column = |which: usize| rounds.iter().map(move |costs: &Vec<f64>| costs[which]);
    let ratios: Vec<Spread> =
        (0..3).map(|which| Spread::of(column(which).zip(column(0)).map(|(own, few)| own / few).collect())).collect();
    report.add(format!("cold key, {many} rows / {FEW} rows"), "", ratios[2], Some(1.3));
    report.add(format!("  cold key, {} rows / {FEW} rows", many / 10), "", ratios[1], None);
    for (which, rows) in sizes.into_iter().enumerate() {
        report.add(
            format!("  CPU of a cold key, {rows} rows"),
            "µs",
            Spread::of(column(which).collect()).per(1e3),
            None,
        );
    }
    super::add_discarded(report, "cold", discarded);
    let points: Vec<_> = sizes.into_iter().zip(ratios).collect();
    report.add_drawing("cold-keys", plot::cold(&points, 1.3));
    Ok(())
}

/// The nanoseconds of CPU for each of `cold`, shown to a server that was warmed up with other keys; and the share of a core that
/// others used meanwhile.
async fn slot(house: &House, hallpass: &Path, warm: &[Key], cold: &[Key]) -> Outcome<(f64, f64)> {
    let server = house.serve(hallpass)?.server;
    let request = |keys: &[Key]| {
        let keys: Arc<[_]> = keys.into();
        Request::token(server.address, "/oauth/token", CLIENT_ID, SCOPE, keys)
    };
    client::ask(server.address, &request(warm), Order::EachOnce).await?;
    client::ask(server.address, &request(warm), Order::Random(Duration::from_millis(300))).await?;
    let (moment, own, before) = (quiet::Moment::now()?, cpu(ClockId::ProcessCPUTime), server.cpu()?);
    let count = client::ask(server.address, &request(cold), Order::EachOnce).await?;
    let used = seconds(server.cpu()? - before);
    let others = moment.others_since(used + cpu(ClockId::ProcessCPUTime) - own)?;
    server.stop()?;
    Ok((used * 1e9 / super::amount(usize::try_from(count)?), others))
}
