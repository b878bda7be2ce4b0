//! All that a browser can see of an answer, with what is random mask_random_parts (requirement E1): status,
//! headers in their order, cookies by name and length, body.

use crate::browser::Answer;
use latchkey_testkit::masking::{mask_random_parts, mask_timestamps};

/// What is seen.
pub fn seen(answer: &Answer) -> String {
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

    fn answer(nonce: &str, cookie: &str, body: &str) -> Answer {
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
        Answer {
            status: 200,
            headers,
            body: body.to_owned(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn what_is_random_is_masked_and_nothing_else() {
        let one = answer("abc", "AAAA", "<p nonce=abc data-now=1795421540392>30 s");
        assert_eq!(
            seen(&one),
            seen(&answer(
                "xyz",
                "BBBB",
                "<p nonce=xyz data-now=1795421549999>30 s"
            ))
        );
        assert_ne!(
            seen(&one),
            seen(&answer(
                "abc",
                "AAAA",
                "<p nonce=abc data-now=1795421540392>29 s"
            ))
        );
        assert_ne!(
            seen(&one),
            seen(&answer(
                "abc",
                "AAAAA",
                "<p nonce=abc data-now=1795421540392>30 s"
            ))
        );
        assert!(!seen(&one).contains("AAAA"));
    }
}
