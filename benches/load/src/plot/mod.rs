//! Plots: what was measured, drawn as SVG for the docs. Readable on light and dark pages: each has a ground of its own.

mod canvas;
mod capacity;
mod cold;
mod curves;
mod ratios;

pub(crate) use capacity::capacity;
pub(crate) use cold::cold;
pub(crate) use curves::curves;
pub(crate) use ratios::ratios;

use canvas::{Anchor, Canvas};

/// From values to places.
#[derive(Clone, Copy)]
struct Scale {
    values: (f64, f64),
    places: (f64, f64),
}

impl Scale {
    fn at(self, value: f64) -> f64 {
        let share = (value - self.values.0) / (self.values.1 - self.values.0);
        self.places.0 + share * (self.places.1 - self.places.0)
    }
}

/// The distance of about `count` round marks up to `most`: 1, 2 or 5 times a power of ten.
fn step(most: f64, count: f64) -> f64 {
    let power = 10_f64.powf((most / count).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|size| size * power).find(|step| most / step <= count).unwrap_or(most)
}

/// Round marks from 0 to `most`, each with how it is written.
fn marks(most: f64, count: f64) -> Vec<(f64, String)> {
    let step = step(most, count);
    let digits = if step >= 1.0 {
        0
    } else if step >= 0.1 {
        1
    } else {
        2
    };
    (0_u32..100)
        .map(|number| f64::from(number) * step)
        .take_while(|value| *value <= most * 1.0001)
        .map(|value| (value, format!("{value:.digits$}")))
        .collect()
}

/// A number as people write it: `10 000 000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_what_is_measured() {
        let texts = |most, count| marks(most, count).into_iter().map(|(_, text)| text).collect::<Vec<_>>();

        assert_eq!(texts(1.5, 6.0), ["0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(texts(260.0, 6.0), ["0", "50", "100", "150", "200", "250"]);
        assert_eq!(grouped(10_000_000), "10\u{202f}000\u{202f}000");
        assert_eq!(grouped(1000), "1\u{202f}000");
    }
}
