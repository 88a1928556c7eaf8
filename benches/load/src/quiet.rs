//! Quiet: whether something else used the machine while we measured.

use std::fs;
use std::time::{Duration, Instant};

use crate::Outcome;

/// The most that others may use of a core.
const MOST: f64 = 0.06;
/// Who waits longer for a quiet moment measures anyway, and says so.
const PATIENCE: Duration = Duration::from_mins(20);

/// The CPU that was used up to a moment.
pub(crate) struct Moment {
    at: Instant,
    machine: f64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Outcome<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let ticks: Vec<f64> = text
            .lines()
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .skip(1)
            .filter_map(|field| field.parse().ok())
            .collect();
        // user nice system · idle iowait · irq softirq steal
        let busy: f64 = ticks.iter().take(3).chain(ticks.iter().skip(5).take(3)).sum();
        Ok(Self { at: Instant::now(), machine: busy / 100.0 })
    }

    /// The share of a core that was used since, beside `ours` seconds.
    pub(crate) fn others_since(&self, ours: f64) -> Outcome<f64> {
        let now = Self::now()?;
        Ok((now.machine - self.machine - ours) / (now.at - self.at).as_secs_f64())
    }
}

/// Whether `others` is little enough to believe a measurement.
pub(crate) fn is_quiet(others: f64) -> bool {
    others < MOST
}

/// Waits until nobody else is busy; false when that never happens.
pub(crate) fn wait() -> Outcome<bool> {
    let began = Instant::now();
    let mut was_said = false;
    while began.elapsed() < PATIENCE {
        let moment = Moment::now()?;
        std::thread::sleep(Duration::from_millis(400));
        if is_quiet(moment.others_since(0.0)?) {
            return Ok(true);
        }
        if !was_said {
            eprintln!("load: something else is busy on this machine; waiting");
            was_said = true;
        }
    }
    eprintln!("load: the machine is never quiet; the figures are worth little");
    Ok(false)
}
