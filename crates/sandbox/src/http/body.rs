//! Bodies, read strictly: the right content type, no field unknown, none of the wrong type, none
//! twice.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

/// Longest body in bytes. The vendor allows half a megabyte of custom data; a stand-in's memory
/// need not.
pub const MAX_BYTES: usize = 128 * 1024;

/// Reads a JSON body; the error says in words what is wrong with it.
///
/// # Errors
/// Another content type, not JSON, or not of this shape.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, String> {
    if media_type(headers) != "application/json" {
        return Err("Content-Type must be application/json".into());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// Reads a form body; the error says in words what is wrong with it.
///
/// # Errors
/// Another content type, or a parameter given twice (RFC 6749 §3.2).
pub fn form(headers: &HeaderMap, body: &[u8]) -> Result<HashMap<String, String>, String> {
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
