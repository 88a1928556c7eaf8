//! Cold keys: what one costs in databases of several sizes, beside the smallest.

use super::{Anchor, Canvas, Scale, grouped, marks};
use crate::measure::Spread;

/// One point for each number of rows, and the most that the last may be.
pub(crate) fn cold(points: &[(usize, Spread)], at_most: f64) -> String {
    let mut canvas = Canvas::new(760.0, 300.0, "A key that is not in memory yet, by the size of the database");
    let most = points.iter().map(|(_, spread)| spread.high).fold(at_most, f64::max) * 1.08;
    let (left, right, top, bottom) = (64.0, 730.0, 52.0, 236.0);
    let up = Scale { values: (0.0, most), places: (bottom, top) };
    for (value, text) in marks(most, 6.0) {
        canvas.line("grid", (left, up.at(value)), (right, up.at(value)));
        canvas.text(left - 8.0, up.at(value) + 4.0, "dim", Anchor::End, &text);
    }
    let count = points.iter().fold(0.0, |count, _| count + 1.0);
    let across = Scale { values: (0.0, count), places: (left, right) };
    let places = || (0_u32..).map(|number| across.at(f64::from(number) + 0.5));
    canvas.path("a", places().zip(points).map(|(x, (_, spread))| (x, up.at(spread.median))));
    for (x, (rows, spread)) in places().zip(points) {
        canvas.line("a", (x, up.at(spread.low)), (x, up.at(spread.high)));
        canvas.dot("a", x, up.at(spread.median));
        canvas.text(x + 10.0, up.at(spread.median) + 20.0, "a", Anchor::Start, &format!("{:.2}", spread.median));
        canvas.text(x, bottom + 18.0, "dim", Anchor::Middle, &grouped(*rows));
    }
    canvas.line("target", (left, up.at(at_most)), (right, up.at(at_most)));
    canvas.text(right, up.at(at_most) - 7.0, "target", Anchor::End, &format!("at most {at_most}"));
    canvas.line("axis", (left, bottom), (right, bottom));
    let words = "rows · CPU of an exchange beside that of the smallest: median, lowest to highest round";
    canvas.text(f64::midpoint(left, right), bottom + 44.0, "dim", Anchor::Middle, words);
    canvas.finish()
}
