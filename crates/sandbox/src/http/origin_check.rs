//! Refuses requests that other web sites make through a browser.
//!
//! The sandbox shows codes and is reachable from any browser on the machine.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// Middleware: refuses a request whose `Host` is not loopback, which prevents DNS rebinding.
pub async fn require_loopback_host(request: Request, next: Next) -> Response {
    if host(&request).is_some_and(|host| is_loopback(&host)) {
        return next.run(request).await;
    }
    forbidden("Host must be a loopback address")
}

/// Middleware: refuses a request that a page of another origin makes a browser send.
pub async fn require_same_origin(request: Request, next: Next) -> Response {
    if is_cross_origin(&request) {
        forbidden("requests from other sites are refused")
    } else {
        next.run(request).await
    }
}

/// The same for requests that change something. Anyone may look.
pub async fn require_same_origin_to_change(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        next.run(request).await
    } else {
        require_same_origin(request, next).await
    }
}

fn is_cross_origin(request: &Request) -> bool {
    let headers = request.headers();
    let site = header(headers, "sec-fetch-site").unwrap_or("none");
    let has_other_origin = header(headers, ORIGIN.as_str()).is_some_and(|origin| {
        let own = host(request).map(|host| format!("http://{host}"));
        own.is_none_or(|own| !own.eq_ignore_ascii_case(origin))
    });
    has_other_origin || !matches!(site, "none" | "same-origin")
}

fn host(request: &Request) -> Option<String> {
    let host = header(request.headers(), HOST.as_str()).map(str::to_owned);
    host.or_else(|| request.uri().authority().map(ToString::to_string))
}

fn is_loopback(host: &str) -> bool {
    let Ok(uri) = Uri::try_from(host) else {
        return false;
    };
    let name = uri
        .host()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    let is_localhost = name == "localhost" || name.ends_with(".localhost");
    is_localhost
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn forbidden(message: &str) -> Response {
    (StatusCode::FORBIDDEN, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_accepted() {
        for host in [
            "127.0.0.1:4100",
            "127.9.9.9",
            "[::1]:4100",
            "localhost:4100",
            "phone.localhost",
            "LOCALHOST",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "example.org",
            "127.0.0.1.example.org",
            "localhost.example.org",
            "10.0.0.1:4100",
            "",
            "?",
            "0.0.0.0",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
