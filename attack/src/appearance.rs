//! All that a browser can see of an answer, with what is random masked (requirement E1): status, headers in their order, cookies
//! by name and length, body.

use reqwest::header::{CONTENT_SECURITY_POLICY, DATE, HeaderName, SET_COOKIE};

use crate::browser::Answer;

/// Milliseconds since 1970 have so many digits: the pages carry the server's time.
const MILLIS: usize = 13;

/// What is seen.
pub fn seen(answer: &Answer) -> String {
    let header = |name: &HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let nonce = header(&CONTENT_SECURITY_POLICY).and_then(|policy| between(policy, "'nonce-", "'"));
    let mut text = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let shown = match name {
            name if name == DATE || name == "x-request-id" => masked(&value),
            name if name == SET_COOKIE => match between(&value, "=", ";") {
                Some(secret) => value.replacen(secret, &masked(secret), 1),
                None => value.into_owned(),
            },
            _ => value.into_owned(),
        };
        text += &format!("{name}: {shown}\n");
    }
    text += "\n";
    text += &without_times(&answer.body);
    match nonce {
        Some(nonce) => text.replace(nonce, &masked(nonce)),
        None => text,
    }
}

fn masked(secret: &str) -> String {
    "#".repeat(secret.len())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// The text without numbers that are times in milliseconds.
fn without_times(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        shown += before;
        shown += &if number.len() == MILLIS { masked(number) } else { number.to_owned() };
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::HeaderMap;

    use super::*;

    fn answer(nonce: &str, cookie: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-security-policy", format!("script-src 'nonce-{nonce}'")),
            ("set-cookie", format!("latchkey-flow={cookie}; HttpOnly")),
            ("date", "Mon, 23 Nov 2026 08:12:20 GMT".to_owned()),
        ] {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        Answer { status: 200, headers, body: body.to_owned(), took: Duration::ZERO }
    }

    #[test]
    fn what_is_random_is_masked_and_nothing_else() {
        let one = answer("abc", "AAAA", "<p nonce=abc data-now=1795421540392>30 s");
        assert_eq!(seen(&one), seen(&answer("xyz", "BBBB", "<p nonce=xyz data-now=1795421549999>30 s")));
        assert_ne!(seen(&one), seen(&answer("abc", "AAAA", "<p nonce=abc data-now=1795421540392>29 s")));
        assert_ne!(seen(&one), seen(&answer("abc", "AAAAA", "<p nonce=abc data-now=1795421540392>30 s")));
        assert!(!seen(&one).contains("AAAA"));
    }
}
