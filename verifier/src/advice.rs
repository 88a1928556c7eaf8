//! What an answer says of its own age (RFC 9111 4.2).
//!
//! In:    `Cache-Control` and `Age`, as they came.
//! Out:   how long the answer is good, within the clamps.
//! Never: believes a date; the clocks of two machines differ.

use std::time::Duration;

use crate::limits::Ages;

/// What an answer says, before anyone clamps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Nothing.
    None,
    /// Good for so many seconds. What can't be read and what must not be stored is good for none.
    Seconds(u64),
}

impl Advice {
    /// Reads `Cache-Control` and takes off the `Age` that a cache on the way has added.
    pub(crate) fn read<'h>(cache_control: impl Iterator<Item = &'h str>, age: Option<&str>) -> Self {
        let mut advice = Self::None;
        for directive in cache_control.flat_map(|header| header.split(',')) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let seconds = match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => 0,
                "max-age" => seconds_of(value).unwrap_or(0),
                _ => continue,
            };
            advice = match advice {
                Self::None => Self::Seconds(seconds),
                Self::Seconds(others) => Self::Seconds(others.min(seconds)),
            };
        }
        match advice {
            Self::None => Self::None,
            Self::Seconds(seconds) => Self::Seconds(seconds.saturating_sub(age.and_then(seconds_of).unwrap_or(0))),
        }
    }

    /// How long the answer is good.
    pub(crate) fn age(self, ages: &Ages) -> Duration {
        match self {
            Self::None => ages.default_age,
            Self::Seconds(seconds) => Duration::from_secs(seconds).clamp(ages.min_age, ages.max_age),
        }
    }
}

/// delta-seconds (RFC 9111 1.2.2): digits, perhaps quoted; too many of them mean very long.
fn seconds_of(text: &str) -> Option<u64> {
    let digits = text.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Advice;
    use crate::limits::Ages;

    proptest! {
        #[test]
        fn any_header_gives_an_age_within_the_clamps(header in ".*", directives in "(max-age|no-store|public)(=[0-9\"e.-]{0,12})?(, ?max-age=[0-9]{0,30})?", age in ".*") {
            let ages = Ages::default();

            for text in [header, directives] {
                let given = Advice::read([text.as_str()].into_iter(), Some(&age)).age(&ages);
                prop_assert!((ages.min_age..=ages.max_age).contains(&given));
            }
        }
    }
}
