//! Moments in words. A time of day is always UTC and says so: we do not know where a browser is.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};

use super::sentence::Count;

/// How a language speaks of time.
pub(in crate::http) struct Moments {
    /// The months, January first.
    pub(super) months: [&'static str; 12],
    /// Day, month and year.
    pub(super) date: fn(u32, &str, i32) -> String,
    /// A date and a time of day in UTC.
    pub(super) moment: fn(&str, &str) -> String,
    /// Less than a minute ago.
    pub(super) just_now: &'static str,
    pub(super) minutes_ago: Count,
    pub(super) hours_ago: Count,
    pub(super) days_ago: Count,
    pub(super) in_minutes: Count,
    pub(super) in_hours: Count,
    pub(super) in_days: Count,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Beyond this a date says more than a number of days.
const LONG: u64 = 31 * DAY;

impl Moments {
    /// `14 March 2027`.
    pub(in crate::http) fn date(&self, at: i64) -> String {
        let day = utc(at);
        let month = self.months.get(day.month0() as usize).copied().unwrap_or_default();
        (self.date)(day.day(), month, day.year())
    }

    /// `14 March 2027, 09:26 UTC`.
    pub(in crate::http) fn moment(&self, at: i64) -> String {
        (self.moment)(&self.date(at), &utc(at).format("%H:%M").to_string())
    }

    /// How far `at` lies from `now`, in the largest unit that fits; the date when it lies more than a month away.
    pub(in crate::http) fn ago(&self, now: i64, at: i64) -> String {
        let (span, is_past) = (now.abs_diff(at), at <= now);
        let (unit, past, ahead) = match span {
            0..MINUTE if is_past => return self.just_now.to_owned(),
            0..HOUR => (MINUTE, &self.minutes_ago, &self.in_minutes),
            HOUR..DAY => (HOUR, &self.hours_ago, &self.in_hours),
            DAY..LONG => (DAY, &self.days_ago, &self.in_days),
            _ => return self.date(at),
        };
        let number = (span / unit).max(1);
        if is_past { past.of(number) } else { ahead.of(number) }
    }
}

/// `2027-03-14T09:26:00Z`, for `<time datetime>`.
pub(in crate::http) fn stamp(at: i64) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn utc(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Language::{English, German};
    use super::*;

    const NOW: i64 = 1_805_016_360; // 2027-03-14T09:26:00Z

    #[test]
    fn a_date_is_spelled_out() {
        assert_eq!(English.words().moments.date(NOW), "14 March 2027");
        assert_eq!(German.words().moments.date(NOW), "14. März 2027");
        assert_eq!(English.words().moments.moment(NOW), "14 March 2027, 09:26 UTC");
        assert_eq!(German.words().moments.moment(NOW), "14. März 2027, 09:26 Uhr (UTC)");
        assert_eq!(stamp(NOW), "2027-03-14T09:26:00Z");
    }

    #[test]
    fn nearness_is_told_in_the_largest_unit_that_fits() {
        for (seconds, english, german) in [
            (0, "just now", "gerade eben"),
            (59, "just now", "gerade eben"),
            (60, "1 minute ago", "vor 1 Minute"),
            (185, "3 minutes ago", "vor 3 Minuten"),
            (3600, "1 hour ago", "vor 1 Stunde"),
            (86_399, "23 hours ago", "vor 23 Stunden"),
            (86_400, "1 day ago", "vor 1 Tag"),
            (30 * 86_400, "30 days ago", "vor 30 Tagen"),
            (31 * 86_400, "11 February 2027", "11. Februar 2027"),
            (-5, "in 1 minute", "in 1 Minute"),
            (-7200, "in 2 hours", "in 2 Stunden"),
            (-12 * 86_400, "in 12 days", "in 12 Tagen"),
        ] {
            assert_eq!(English.words().moments.ago(NOW, NOW - seconds), english);
            assert_eq!(German.words().moments.ago(NOW, NOW - seconds), german);
        }
    }

    #[test]
    fn no_moment_is_too_far() {
        for at in [i64::MIN, i64::MAX, 0, -1] {
            English.words().moments.ago(NOW, at);
            English.words().moments.ago(at, NOW);
            stamp(at);
        }
    }
}
