//! Past capacity: how much of what is offered is accepted, and how long that takes.

use super::{Anchor, Canvas, Scale, marks};

/// One point for each offer: what is offered and what is accepted of what one core can do, and the p99 in milliseconds.
pub(crate) fn capacity(points: &[(f64, f64, f64)]) -> String {
    let mut canvas = Canvas::new(760.0, 320.0, "More requests than one core can answer");
    let offered = points.iter().map(|(offered, ..)| *offered).fold(1.0, f64::max) * 1.06;
    let (top, bottom) = (74.0, 252.0);
    let longest = points.iter().map(|(.., p99)| *p99).fold(1.0, f64::max) * 1.15;
    let halves = [
        ("a", "accepted, of what one core can do", 1.25, (56.0, 360.0)),
        ("b", "p99 of what was accepted, ms", longest, (436.0, 740.0)),
    ];
    for (number, (class, words, most, (left, right))) in (0_u32..).zip(halves) {
        let across = Scale { values: (0.0, offered), places: (left, right) };
        let up = Scale { values: (0.0, most), places: (bottom, top) };
        canvas.text(left, 54.0, class, Anchor::Start, words);
        for (value, text) in marks(most, 6.0) {
            canvas.line("grid", (left, up.at(value)), (right, up.at(value)));
            canvas.text(left - 8.0, up.at(value) + 4.0, "dim", Anchor::End, &text);
        }
        for (value, text) in marks(offered, 5.0) {
            canvas.text(across.at(value), bottom + 18.0, "dim", Anchor::Middle, &text);
        }
        let value = |point: &(f64, f64, f64)| if number == 0 { point.1 } else { point.2 };
        let places: Vec<_> = points.iter().map(|point| (across.at(point.0), up.at(value(point)))).collect();
        canvas.path(class, places.iter().copied());
        for (x, y) in places {
            canvas.dot(class, x, y);
        }
        canvas.line("axis", (left, bottom), (right, bottom));
        canvas.text(
            f64::midpoint(left, right),
            bottom + 44.0,
            "dim",
            Anchor::Middle,
            "offered, of what one core can do",
        );
    }
    canvas.finish()
}
