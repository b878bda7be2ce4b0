//! Who may ask. The stand-in shows codes and is reachable from any browser on the machine, so other
//! sites are kept out.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

/// Refuses a request whose `Host` is not loopback: another site's name that was made to point here
/// (DNS rebinding).
pub async fn loopback_host(request: Request, next: Next) -> Response {
    if host(&request).is_some_and(|host| is_loopback(&host)) {
        return next.run(request).await;
    }
    refuse("Host must be a loopback address")
}

/// Refuses a request that another site's page makes a browser send.
pub async fn same_site(request: Request, next: Next) -> Response {
    if is_foreign(&request) {
        refuse("requests from other sites are refused")
    } else {
        next.run(request).await
    }
}

fn is_foreign(request: &Request) -> bool {
    let headers = request.headers();
    let site = text(headers, "sec-fetch-site").unwrap_or("none");
    let foreign_origin = text(headers, ORIGIN.as_str()).is_some_and(|origin| {
        let own = host(request).map(|host| format!("http://{host}"));
        own.is_none_or(|own| !own.eq_ignore_ascii_case(origin))
    });
    foreign_origin || !matches!(site, "none" | "same-origin")
}

fn host(request: &Request) -> Option<String> {
    let header = text(request.headers(), HOST.as_str()).map(str::to_owned);
    header.or_else(|| request.uri().authority().map(ToString::to_string))
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
    let by_name = name == "localhost" || name.ends_with(".localhost");
    by_name
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn refuse(message: &str) -> Response {
    (StatusCode::FORBIDDEN, Json(json!({ "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_only() {
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
