//! Memory: what each cached key adds to the server.

use std::path::Path;
use std::sync::Arc;

use crate::client::{self, Order, Request};
use crate::house::{CLIENT_ID, House, SCOPE};
use crate::measure::Spread;
use crate::report::Report;
use crate::{Outcome, Pace};

/// How many keys the server has seen in the end.
pub(crate) const KEYS: usize = 1_000_000;
/// In how many steps it sees them; the first is what the rest is compared with.
const STEPS: usize = 4;

pub(crate) async fn run(hallpass: &Path, pace: Pace, keys: usize, report: &mut Report) -> Outcome<()> {
    let keys = if pace == Pace::Quick { keys.min(20_000) } else { keys };
    let house = House::prepare(keys).await?;
    let server = house.serve(hallpass)?.server;
    let step = keys / STEPS;
    let mut resident = Vec::new();
    for some in house.keys.chunks_exact(step) {
        let some: Arc<[_]> = some.into();
        let request = Request::token(server.address, "/oauth/token", CLIENT_ID, SCOPE, some);
        client::ask(server.address, &request, Order::EachOnce).await?;
        actix_web::rt::time::sleep(super::SETTLED).await;
        let (kibibytes, _) = server.memory()?;
        resident.push(super::amount(usize::try_from(kibibytes)?) * 1024.0);
    }
    let per_key = |from: usize, to: usize| (resident[to] - resident[from]) / super::amount((to - from) * step);
    let steps = Spread::of((1..resident.len()).map(|to| per_key(to - 1, to)).collect());
    let all = Spread { median: per_key(0, resident.len() - 1), ..steps };
    report.add(format!("memory of a cached key, of {keys}"), "bytes", all, Some(350.0));
    Ok(())
}
