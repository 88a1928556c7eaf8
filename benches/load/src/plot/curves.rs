//! Curves: which share of all took no longer than so many milliseconds.

use super::{Anchor, Canvas, Scale, marks};

const CLASSES: [&str; 2] = ["a", "b"];

/// One curve for each name, of sorted milliseconds.
pub(crate) fn curves(title: &str, curves: &[(&str, Vec<f64>)]) -> String {
    let mut canvas = Canvas::new(760.0, 330.0, title);
    let most = curves.iter().filter_map(|(_, spans)| spans.last()).copied().fold(1.0, f64::max) * 1.04;
    let (left, right, top, bottom) = (64.0, 730.0, 74.0, 268.0);
    let across = Scale { values: (0.0, most), places: (left, right) };
    let up = Scale { values: (0.0, 1.0), places: (bottom, top) };
    for (value, text) in marks(most, 9.0) {
        canvas.line("grid", (across.at(value), top), (across.at(value), bottom));
        canvas.text(across.at(value), bottom + 18.0, "dim", Anchor::Middle, &text);
    }
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        canvas.line("grid", (left, up.at(share)), (right, up.at(share)));
        canvas.text(left - 8.0, up.at(share) + 4.0, "dim", Anchor::End, &format!("{:.0} %", share * 100.0));
    }
    for (place, ((name, spans), class)) in (0_u32..).zip(curves.iter().zip(CLASSES)) {
        let count = spans.iter().fold(0.0, |count, _| count + 1.0);
        let points = (1_u32..).zip(spans).map(|(number, span)| (across.at(*span), up.at(f64::from(number) / count)));
        canvas.path(class, [(across.at(0.0), up.at(0.0))].into_iter().chain(points));
        let longest = spans.last().copied().unwrap_or_default();
        let words = format!("{name}: {count} keys, the longest {longest:.0} ms");
        canvas.text(left + f64::from(place) * 330.0, 54.0, class, Anchor::Start, &words);
    }
    canvas.line("axis", (left, bottom), (right, bottom));
    let words = "milliseconds from the answer to the revocation until the first request that is refused";
    canvas.text(f64::midpoint(left, right), bottom + 44.0, "dim", Anchor::Middle, words);
    canvas.finish()
}
