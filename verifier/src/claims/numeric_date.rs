use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest second a JSON number holds exactly.
const LATEST: i64 = 1 << 53;

/// A moment: seconds since 1970-01-01T00:00:00Z, whole or not, from 0 to 2^53 (RFC 7519 2).
///
/// Reading takes JSON numbers in that range and nothing else; a whole number is written as an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct NumericDate(f64);

impl NumericDate {
    /// The moment this many seconds after 1970; what lies outside 0 to 2^53 becomes the nearer end.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "up to 2^53 the conversion is exact")]
    pub const fn from_seconds(seconds: i64) -> Self {
        if seconds < 0 {
            Self(0.0)
        } else if seconds > LATEST {
            Self(LATEST as f64)
        } else {
            Self(seconds as f64)
        }
    }

    /// The whole second it lies in.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the range is 0 to 2^53")]
    pub const fn as_seconds(self) -> i64 {
        self.0 as i64
    }

    /// Seconds, with the fraction.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        self.0
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 itself is exact")]
    fn new(seconds: f64) -> Option<Self> {
        (0.0..=LATEST as f64).contains(&seconds).then_some(Self(seconds))
    }
}

impl From<i64> for NumericDate {
    fn from(seconds: i64) -> Self {
        Self::from_seconds(seconds)
    }
}

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for NumericDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            serializer.serialize_i64(self.as_seconds())
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(Seconds)
    }
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 2^53")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<NumericDate, E> {
        match i64::try_from(seconds) {
            Ok(whole @ 0..=LATEST) => Ok(NumericDate::from_seconds(whole)),
            _ => Err(E::custom("later than 2^53")),
        }
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<NumericDate, E> {
        u64::try_from(seconds).map_err(|_| E::custom("before 1970")).and_then(|seconds| self.visit_u64(seconds))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<NumericDate, E> {
        NumericDate::new(seconds).ok_or_else(|| E::custom("outside 0 to 2^53"))
    }
}
