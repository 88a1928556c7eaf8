//! From nothing to ready with a migrated database, and the memory at rest; both with all defaults, on all cores.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::{self, Order};
use crate::house::House;
use crate::measure::Spread;
use crate::report::Report;
use crate::{Outcome, Pace, quiet};

const KEYS: usize = 1000;
/// Who looks longer is not looking at a start.
const LONGEST: Duration = Duration::from_secs(20);

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let house = House::prepare(KEYS).await?;
    let mut spans = Vec::new();
    for _ in 0..if pace == Pace::Quick { 3 } else { 20 } {
        if pace == Pace::Patient {
            quiet::wait()?;
        }
        let began = Instant::now();
        let server = house.serve_anywhere(hallpass)?;
        while !client::get(server.address, "/readyz").is_ok_and(|(head, _)| head.starts_with("HTTP/1.1 200 ")) {
            if began.elapsed() > LONGEST {
                return Err("the server is never ready".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        spans.push(began.elapsed().as_secs_f64() * 1e3);
        server.stop()?;
    }
    report.add("start, migrated database", "ms", Spread::of(spans), Some(100.0));

    let server = house.serve_anywhere(hallpass)?;
    while client::get(server.address, "/readyz").is_err() {
        std::thread::sleep(Duration::from_millis(1));
    }
    client::ask(server.address, &house.request(server.address), Order::Random(Duration::from_millis(20))).await?;
    actix_web::rt::time::sleep(Duration::from_secs(if pace == Pace::Quick { 1 } else { 10 })).await;
    let (resident, proportional) = server.memory()?;
    #[expect(clippy::cast_precision_loss, reason = "KiB of a process")]
    let mebibytes = |kibibytes: u64| Spread::of(vec![kibibytes as f64 / 1024.0]);
    report.add("at rest, resident", "MiB", mebibytes(resident), Some(30.0));
    report.add("at rest, proportional", "MiB", mebibytes(proportional), None);
    Ok(())
}
