//! `Retry-After`: seconds or a date (RFC 9110 10.2.3).

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// How long an answer asks us to stay away. A date counts from the answer's own `Date`, so that no two clocks have to
/// agree; without one, from `now` (since 1970).
pub(crate) fn read(headers: &HeaderMap, now: Duration) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(date.unwrap_or(SystemTime::UNIX_EPOCH + now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: Duration = Duration::from_secs(784_111_777);

    fn seconds(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        read(&headers, NOW).map(|span| span.as_secs())
    }

    #[test]
    fn seconds_or_a_date() {
        assert_eq!(seconds("120", None), Some(120));
        assert_eq!(seconds("0", None), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:07 GMT", None), Some(30));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:07 GMT", None), Some(0), "it is over");
        assert_eq!(seconds("99999999999999999999999", None), Some(u64::MAX));
    }

    #[test]
    fn a_date_counts_from_the_answers_own_clock() {
        let date = Some("Sun, 06 Nov 1994 10:00:00 GMT");

        assert_eq!(seconds("Sun, 06 Nov 1994 10:00:20 GMT", date), Some(20));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:07 GMT", Some("nonsense")), Some(30));
    }

    #[test]
    fn nonsense_counts_as_absent() {
        for text in ["", "-1", "1.5", "soon", "1e3", "Sun, 99 Nov 1994 10:00:20 GMT"] {
            assert_eq!(seconds(text, None), None, "{text}");
        }
        assert_eq!(read(&HeaderMap::new(), NOW), None);
    }
}
