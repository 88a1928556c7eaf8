//! Spans of time as people write them: `90d`, `24h`, `5m`, `30s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A span of whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

/// The text is no span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a span of time is a whole number and s, m, h or d: 90d, 24h, 5m, 30s")]
pub struct NotASpan;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Span {
    /// As the standard library has it.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(span: Duration) -> Self {
        Self(span)
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let (number, unit) = UNITS
            .iter()
            .find_map(|(letter, unit)| text.strip_suffix(*letter).map(|number| (number, unit)))
            .ok_or(NotASpan)?;
        if number.is_empty() || number.len() > 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotASpan);
        }
        let number: u64 = number.parse().map_err(|_| NotASpan)?;
        Ok(Self(Duration::from_secs(number * unit)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (letter, unit) =
            UNITS.iter().find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit)).unwrap_or(&('s', 1));
        write!(f, "{}{letter}", seconds / unit)
    }
}

impl TryFrom<String> for Span {
    type Error = NotASpan;

    fn try_from(text: String) -> Result<Self, NotASpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_whole_numbers_with_a_unit_are_read() {
        for text in ["", "d", "90", "-1d", "1.5h", "1 h", "1w", "٣d", "99999999999d"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan), "{text}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(seconds in 0..10_000_000_000_u64) {
            let span = Span(Duration::from_secs(seconds));

            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }
    }
}
