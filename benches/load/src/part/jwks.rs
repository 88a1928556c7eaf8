//! The JWKS beside the same bytes, served as they are.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use crate::client::{self, Request};
use crate::house::{House, target};
use crate::measure::{Contender, rounds};
use crate::report::Report;
use crate::{Outcome, Pace, floor};

const PATH: &str = "/.well-known/jwks.json";

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let house = House::prepare(1).await?;
    let server = house.serve(hallpass)?.server;
    let (head, body) = client::get(server.address, PATH)?;
    let file = tempfile::NamedTempFile::new_in(target()?)?;
    std::fs::write(file.path(), body)?;
    let fixed = floor::start("fixed", &[OsStr::new(&head), file.path().as_os_str()])?;
    let request = |address| Request::get(address, PATH, b"\"keys\":[{");
    let contenders = [
        Contender { name: "jwks", request: request(server.address), server },
        Contender { name: "static", request: request(fixed.address), server: fixed },
    ];
    let measured = rounds(&contenders, super::rounds(pace, 9, Duration::from_millis(700))).await?;
    report.add("JWKS / static bytes", "", measured.ratio("jwks", "static", 0.0), None);
    super::add_discarded(report, "jwks", measured.discarded);
    Ok(())
}
