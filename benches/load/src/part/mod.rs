//! The parts of a run: each prepares its servers, measures, and adds its figures to the report.

pub(crate) mod exchange;
pub(crate) mod jwks;
pub(crate) mod keys;
pub(crate) mod sign_in;
pub(crate) mod start;

use std::time::Duration;

use crate::Pace;
use crate::measure::{Measured, Rounds, Spread};
use crate::report::Report;

/// The rounds of a part: `count` slots of `slot`, or few and short ones.
fn rounds(pace: Pace, count: usize, slot: Duration) -> Rounds {
    if pace == Pace::Quick {
        Rounds { count: 2, slot: Duration::from_millis(300), warm_up: Duration::from_millis(300), is_patient: false }
    } else {
        Rounds { count, slot, warm_up: Duration::from_secs(3), is_patient: pace == Pace::Patient }
    }
}

/// Says how many slots were measured again because something else was busy.
fn add_discarded(report: &mut Report, part: &str, measured: &Measured) {
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let count = measured.discarded as f64;
    report.add(format!("  slots of {part} that were measured again"), "", Spread::of(vec![count]), None);
}
