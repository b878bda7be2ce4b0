//! The response headers that are read besides `Content-Type`: `Date` and `Retry-After`.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, header};

use crate::domain::timestamp::Timestamp;

/// Longest `Retry-After` that is accepted.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3), at most one hour. A date is compared
/// with the `Date` of the same response, so that a clock difference does no harm; without one, with
/// our clock.
pub(in crate::server::transmit) fn retry_after(
    headers: &HeaderMap,
    now: Timestamp,
) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            date(headers, header::RETRY_AFTER)?.since(date(headers, header::DATE).unwrap_or(now))
        }
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

/// A header's HTTP-date (RFC 9110 §5.6.7).
pub(in crate::server::transmit) fn date(
    headers: &HeaderMap,
    name: HeaderName,
) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?.trim()).ok()?;
    date.duration_since(UNIX_EPOCH)
        .ok()
        .map(|since| Timestamp::from_secs(since.as_secs()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(fields: &[(HeaderName, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn t7_retry_after_is_read_in_seconds_and_as_a_date() {
        let now = Timestamp::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
        let wait = |fields: &[(HeaderName, &'static str)]| {
            retry_after(&headers(fields), now).map(|wait| wait.as_secs())
        };
        let after = header::RETRY_AFTER;
        for (text, expected) in [
            ("7", Some(7)),
            ("0", Some(0)),
            ("999999", Some(3600)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("Sun, 06 Nov 1994 08:49:44 GMT", Some(7)),
            ("Sunday, 06-Nov-94 08:49:44 GMT", Some(7)),
            ("Sun Nov  6 08:49:44 1994", Some(7)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("Mon, 06 Nov 2094 08:49:30 GMT", None),
            ("Sat, 06 Nov 2094 08:49:30 GMT", Some(3600)),
        ] {
            assert_eq!(wait(&[(after.clone(), text)]), expected, "{text}");
        }
        let skewed = [
            (after, "Sun, 06 Nov 1994 09:00:05 GMT"),
            (header::DATE, "Sun, 06 Nov 1994 09:00:00 GMT"),
        ];
        assert_eq!(wait(&skewed), Some(5), "upstream's own clock counts");
        assert_eq!(wait(&[]), None);
    }
}
