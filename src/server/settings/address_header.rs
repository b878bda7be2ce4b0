//! Which header may name the client's address (`server.client_address_header`).
//!
//! The header is accepted when a trusted proxy sends it. A header that clients write themselves, or
//! that HTTP uses for something else, reaches us as the client wrote it, through any proxy. So it
//! is refused.

use http::HeaderName;

/// Headers of requests that belong to the client, to HTTP, or to another protocol: those of the
/// IANA registry of HTTP field names that a request may have, and what browsers add.
const OWNED: [&str; 51] = [
    "accept",
    "alt-used",
    "authorization",
    "baggage",
    "cache-control",
    "cdn-loop",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "depth",
    "destination",
    "dnt",
    "dpop",
    "early-data",
    "expect",
    "from",
    "host",
    "http2-settings",
    "idempotency-key",
    "if",
    "keep-alive",
    "last-event-id",
    "link",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "proxy-authorization",
    "proxy-connection",
    "purpose",
    "range",
    "referer",
    "save-data",
    "service-worker",
    "signature",
    "signature-input",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "viewport-width",
    "x-http-method-override",
    "x-request-id",
    "x-requested-with",
];

/// Beginnings of the names of families of such headers; the last four are those by which proxies
/// tell the request and by which we tell the user.
const OWNED_PREFIXES: [&str; 10] = [
    "accept-",
    "access-control-",
    "content-",
    "if-",
    "sec-",
    "x-auth-request",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-forwarded-proto",
    "x-forwarded-uri",
];

/// What is wrong with a header, as a sentence that begins with its name.
pub(super) fn address_header_error(name: &str) -> Option<String> {
    let Ok(header) = HeaderName::try_from(name) else {
        return Some(format!("`{name}` is no header name"));
    };
    let lower = header.as_str();
    if lower == "forwarded" {
        let text = "`Forwarded` (RFC 7239) is not read: let the proxy send X-Forwarded-For, or a \
                    header with the address alone";
        return Some(text.to_owned());
    }
    let is_owned = OWNED.contains(&lower) || OWNED_PREFIXES.iter().any(|p| lower.starts_with(p));
    is_owned.then(|| {
        format!(
            "`{name}` is written by clients or has another meaning, so no proxy can be trusted for \
             it: name one that the proxy sets, such as X-Forwarded-For"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_a_header_that_clients_or_http_own_is_refused() {
        assert!(OWNED.is_sorted() && OWNED_PREFIXES.is_sorted());
        for name in [
            "cookie",
            "Host",
            "AUTHORIZATION",
            "proxy-authorization",
            "User-Agent",
            "Referer",
            "Origin",
            "Accept-Language",
            "Content-Length",
            "Sec-Fetch-Site",
            "If-None-Match",
            "Via",
            "TE",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "X-Auth-Request-User",
            "X-Request-Id",
            "traceparent",
            "Forwarded",
            "x forwarded for",
            "",
            ":authority",
        ] {
            assert!(address_header_error(name).is_some(), "{name}");
        }
        for name in [
            "X-Forwarded-For",
            "X-Real-IP",
            "CF-Connecting-IP",
            "True-Client-IP",
            "Fly-Client-IP",
            "X-Azure-ClientIP",
            "X-Client-IP",
            "X-Envoy-External-Address",
            "X-Original-Forwarded-For",
            "Fastly-Client-IP",
            "X-Appengine-User-IP",
            "CloudFront-Viewer-Address",
        ] {
            assert_eq!(address_header_error(name), None, "{name}");
        }
    }
}
