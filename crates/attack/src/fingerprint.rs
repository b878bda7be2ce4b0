//! Everything of a response that a browser can see, with random values masked (requirement E1):
//! status, headers in order, cookies by name and length, body.

use crate::browser::HttpResponse;
use latchkey_testkit::masking::{mask_random_parts, mask_timestamps};

/// Two responses look the same to a browser if their fingerprints are equal.
pub fn fingerprint(response: &HttpResponse) -> String {
    let mut head = response.status.to_string();
    for (name, value) in &response.headers {
        head += &format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    mask_timestamps(&mask_random_parts(&head, &response.body))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderName};

    use super::*;

    fn response(nonce: &str, cookie: &str, body: &str) -> HttpResponse {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (
                "content-security-policy",
                format!("script-src 'nonce-{nonce}'"),
            ),
            ("set-cookie", format!("latchkey-flow={cookie}; HttpOnly")),
            ("date", "Mon, 23 Nov 2026 08:12:20 GMT".to_owned()),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        HttpResponse {
            status: 200,
            headers,
            body: body.to_owned(),
            duration: Duration::ZERO,
        }
    }

    #[test]
    fn e1_only_random_values_are_masked() {
        let one = response("abc", "AAAA", "<p nonce=abc data-now=1795421540392>30 s");
        assert_eq!(
            fingerprint(&one),
            fingerprint(&response(
                "xyz",
                "BBBB",
                "<p nonce=xyz data-now=1795421549999>30 s"
            ))
        );
        assert_ne!(
            fingerprint(&one),
            fingerprint(&response(
                "abc",
                "AAAA",
                "<p nonce=abc data-now=1795421540392>29 s"
            ))
        );
        assert_ne!(
            fingerprint(&one),
            fingerprint(&response(
                "abc",
                "AAAAA",
                "<p nonce=abc data-now=1795421540392>30 s"
            ))
        );
        assert!(!fingerprint(&one).contains("AAAA"));
    }
}
