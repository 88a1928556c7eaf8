//! Ratios: each with its spread over the rounds, and the most it may be.

use super::{Anchor, Canvas, Scale, marks};
use crate::measure::Spread;

const ROW: f64 = 30.0;
const TOP: f64 = 52.0;

/// One row for each: name, spread, target.
pub(crate) fn ratios(rows: &[(&str, Spread, f64)]) -> String {
    let bottom = rows.iter().fold(TOP, |bottom, _| bottom + ROW);
    let mut canvas = Canvas::new(760.0, bottom + 66.0, "What each costs beside what it is held against");
    let most = rows.iter().map(|(_, spread, target)| spread.high.max(*target)).fold(1.0, f64::max) * 1.05;
    let scale = Scale { values: (0.0, most), places: (330.0, 690.0) };
    for (value, text) in marks(most, 8.0) {
        let x = scale.at(value);
        canvas.line("grid", (x, TOP - 8.0), (x, bottom));
        canvas.text(x, bottom + 18.0, "dim", Anchor::Middle, &text);
    }
    for (number, (name, spread, target)) in (0_u32..).zip(rows) {
        let y = TOP + ROW * (f64::from(number) + 0.5);
        canvas.text(318.0, y + 4.0, "ink", Anchor::End, name);
        canvas.line("a", (scale.at(spread.low), y), (scale.at(spread.high), y));
        canvas.dot("a", scale.at(spread.median), y);
        canvas.line("target", (scale.at(*target), y - 9.0), (scale.at(*target), y + 9.0));
        canvas.text(742.0, y + 4.0, "a", Anchor::End, &format!("{:.2}", spread.median));
    }
    let words = "ratio: median (dot), lowest to highest round (line)";
    canvas.text(330.0, bottom + 42.0, "dim", Anchor::Start, words);
    canvas.text(742.0, bottom + 42.0, "target", Anchor::End, "| at most");
    canvas.finish()
}
