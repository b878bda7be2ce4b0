//! Error bodies of upstream. Its API uses four formats, which are read into one type:
//!
//! - newer: `{"error_code": "slug", "message": "text"}`;
//! - classic: `{"error_code": 400, "message": "text"}`, where `message` may be an array, and the
//!   number may be in quotes;
//! - identifier taken: classic with a `ts_error_code` slug;
//! - OAuth (token endpoint): `{"error": "slug", "error_description": "text"}` (RFC 6749 §5.2).

use serde::Deserialize;

use crate::server::system::http_client::json;

/// Longest error code that is kept: it goes into logs.
const MAX_CODE: usize = 64;

/// Most consecutive digits in a code. A status has three; a passcode has four or more.
const MAX_DIGITS: usize = 3;

/// An error body. Messages may repeat what was sent, so they are searched but never logged or
/// shown.
#[derive(Debug)]
pub(in crate::server::transmit) struct ErrorBody {
    /// The most specific code: `ts_error_code`, else `error_code`, else OAuth's `error`.
    pub code: Option<String>,
    messages: Vec<String>,
}

#[derive(Deserialize)]
struct Wire {
    error_code: Option<Code>,
    ts_error_code: Option<String>,
    message: Option<Message>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(u32),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    One(String),
    Many(Vec<String>),
}

impl ErrorBody {
    /// Parses a body of any format; `None` if it has none of them.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let wire: Wire = json(body)?;
        let known = wire.error_code.is_some() || wire.message.is_some() || wire.error.is_some();
        known.then(|| wire.into())
    }

    /// Whether a message contains this text, in upper or lower case.
    pub fn mentions(&self, text: &str) -> bool {
        self.messages
            .iter()
            .any(|message| message.to_ascii_lowercase().contains(text))
    }
}

impl From<Wire> for ErrorBody {
    fn from(wire: Wire) -> Self {
        let error_code = wire.error_code.map(|code| match code {
            Code::Number(number) => number.to_string(),
            Code::Text(text) => text,
        });
        let mut messages = match wire.message {
            None => Vec::new(),
            Some(Message::One(message)) => vec![message],
            Some(Message::Many(messages)) => messages,
        };
        messages.extend(wire.error_description);
        Self {
            code: wire
                .ts_error_code
                .or(error_code)
                .or(wire.error)
                .filter(|code| is_code(code)),
            messages,
        }
    }
}

fn is_code(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let is_short = |digits: &str| digits.len() <= MAX_DIGITS;
    let has_no_long_number = text.split(|c: char| !c.is_ascii_digit()).all(is_short);
    !text.is_empty() && text.len() <= MAX_CODE && text.bytes().all(is_plain) && has_no_long_number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> Option<String> {
        ErrorBody::parse(body.as_bytes()).and_then(|body| body.code)
    }

    #[test]
    fn every_format_is_read() {
        for (body, expected) in [
            (
                r#"{"error_code":"auth_locked","message":"Locked"}"#,
                "auth_locked",
            ),
            (
                r#"{"error_code":400,"message":["phone_number must be valid","x"]}"#,
                "400",
            ),
            (r#"{"error_code":404,"message":"Not found"}"#, "404"),
            (r#"{"error_code":"404","message":"Not found"}"#, "404"),
            (
                r#"{"error_code":409,"message":"taken","ts_error_code":"identifier_taken"}"#,
                "identifier_taken",
            ),
            (
                r#"{"error":"invalid_client","error_description":"no"}"#,
                "invalid_client",
            ),
        ] {
            assert_eq!(code(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn other_bodies_have_no_format() {
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "\"x\"",
            "<html>",
            r#"{"error_code":{}}"#,
            r#"{"result":{}}"#,
        ] {
            assert!(ErrorBody::parse(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn l2_a_code_that_is_no_slug_is_not_kept() {
        assert_eq!(
            code(r#"{"error_code":"+447400123456 is unknown","message":"x"}"#),
            None
        );
        assert_eq!(
            code(&format!(r#"{{"error_code":"{}"}}"#, "a".repeat(65))),
            None
        );
        for quoted in [
            r#""447400123456""#,
            "447400123",
            r#""otp_482913_wrong""#,
            "482913",
            r#""4829""#,
        ] {
            assert_eq!(
                code(&format!(r#"{{"error_code":{quoted},"message":"x"}}"#)),
                None,
                "{quoted}"
            );
        }
        assert_eq!(
            code(r#"{"error_code":"oauth2.error_401","message":"x"}"#).as_deref(),
            Some("oauth2.error_401")
        );
    }

    #[test]
    fn messages_are_searched_in_any_case() {
        let body =
            ErrorBody::parse(br#"{"error_code":400,"message":["Session not found"]}"#).unwrap();
        assert!(body.mentions("session not found") && !body.mentions("locked"));
    }
}
