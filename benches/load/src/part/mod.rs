//! The parts of a run: each prepares its servers, measures, and adds its figures to the report.

pub(crate) mod beyond;
pub(crate) mod cold;
pub(crate) mod exchange;
pub(crate) mod jwks;
pub(crate) mod keys;
pub(crate) mod memory;
pub(crate) mod nodes;
pub(crate) mod revoke;
pub(crate) mod sign_in;
pub(crate) mod start;
pub(crate) mod token_cache;

use std::time::Duration;

use crate::Pace;
use crate::measure::{Rounds, Spread};
use crate::report::Report;

/// After so long what was counted is written down, and what it took is given back.
const SETTLED: Duration = Duration::from_secs(6);

/// The rounds of a part: `count` slots of `slot`, or few and short ones.
fn rounds(pace: Pace, count: usize, slot: Duration) -> Rounds {
    if pace == Pace::Quick {
        Rounds { count: 2, slot: Duration::from_millis(300), warm_up: Duration::from_millis(300), is_patient: false }
    } else {
        Rounds { count, slot, warm_up: Duration::from_secs(3), is_patient: pace == Pace::Patient }
    }
}

/// Says how many slots were measured again because something else was busy.
fn add_discarded(report: &mut Report, part: &str, discarded: usize) {
    let count = Spread::of(vec![amount(discarded)]);
    report.add(format!("  slots of {part} that were measured again"), "", count, None);
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn amount(count: usize) -> f64 {
    count as f64
}

/// The value that so large a share of sorted `values` does not exceed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is a place in it")]
fn quantile(values: &[f64], share: f64) -> f64 {
    let at = (share * amount(values.len())).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
