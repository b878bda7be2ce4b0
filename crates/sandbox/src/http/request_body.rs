//! Parses JSON and form bodies strictly.
//!
//! Refused are other content types, unknown or repeated fields, and fields of the wrong type. So a
//! client's mistake does not go unnoticed.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

/// Longest body in bytes. The vendor allows 512 KB of custom data; less keeps memory bounded.
pub const MAX_BYTES: usize = 128 * 1024;

/// Parses a JSON body. The error is a sentence for the response.
///
/// # Errors
/// Another content type, invalid JSON, or another shape.
pub fn parse_json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, String> {
    if media_type(headers) != "application/json" {
        return Err("Content-Type must be application/json".into());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// Parses a form body. The error is a sentence for the response.
///
/// # Errors
/// Another content type, or a repeated parameter (RFC 6749 §3.2).
pub fn parse_form(headers: &HeaderMap, body: &[u8]) -> Result<HashMap<String, String>, String> {
    if media_type(headers) != "application/x-www-form-urlencoded" {
        return Err("Content-Type must be application/x-www-form-urlencoded".into());
    }
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields
            .insert(name.clone().into_owned(), value.into_owned())
            .is_some()
        {
            return Err(format!("{name} must not be given twice"));
        }
    }
    Ok(fields)
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
