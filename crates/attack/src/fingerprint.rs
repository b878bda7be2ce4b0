//! Everything of a response that a browser can see, with random values masked (requirement E1):
//! status, headers in order, cookies by name and length, body.

use crate::browser::HttpResponse;
use latchkey_testkit::masking::{mask_random_parts, mask_timestamps};

/// Two responses look the same to a browser if their fingerprints are equal.
pub fn fingerprint(answer: &HttpResponse) -> String {
    let mut head = answer.status.to_string();
    for (name, value) in &answer.headers {
        head += &format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    mask_timestamps(&mask_random_parts(&head, &answer.body))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderName};

    use super::*;

    fn answer(nonce: &str, cookie: &str, body: &str) -> HttpResponse {
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
        let one = answer("abc", "AAAA", "<p nonce=abc data-now=1795421540392>30 s");
        assert_eq!(
            fingerprint(&one),
            fingerprint(&answer(
                "xyz",
                "BBBB",
                "<p nonce=xyz data-now=1795421549999>30 s"
            ))
        );
        assert_ne!(
            fingerprint(&one),
            fingerprint(&answer(
                "abc",
                "AAAA",
                "<p nonce=abc data-now=1795421540392>29 s"
            ))
        );
        assert_ne!(
            fingerprint(&one),
            fingerprint(&answer(
                "abc",
                "AAAAA",
                "<p nonce=abc data-now=1795421540392>30 s"
            ))
        );
        assert!(!fingerprint(&one).contains("AAAA"));
    }
}
