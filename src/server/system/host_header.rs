//! Requires exactly one valid `Host` in a request (RFC 9112 §3.2), before anything is selected by
//! it. A request that several recipients could understand differently is refused.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Request, Version};

/// Paths of health checks. Probes that speak HTTP/1.0 do not send `Host`.
pub const PROBES: [&str; 2] = ["/livez", "/readyz"];

/// A request has no `Host`, several, or one that is no host with an optional port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a request needs one valid Host")]
pub struct InvalidHost;

/// Checks `Host`. If the request line names an authority (absolute form), that one replaces `Host`
/// (RFC 9112 §3.2.2).
///
/// # Errors
/// [`InvalidHost`], except for a health check over HTTP/1.0 without any.
pub fn check_host<B>(request: &mut Request<B>) -> Result<(), InvalidHost> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.clone(),
        (None, None) if is_http_1_0_probe(request) => return Ok(()),
        _ => return Err(InvalidHost),
    };
    let host = match request.uri().authority() {
        Some(authority) => HeaderValue::from_str(authority.as_str()).unwrap_or(host),
        None => host,
    };
    if !is_valid(&host) {
        return Err(InvalidHost);
    }
    request.headers_mut().insert(HOST, host);
    Ok(())
}

fn is_http_1_0_probe<B>(request: &Request<B>) -> bool {
    request.version() == Version::HTTP_10 && PROBES.contains(&request.uri().path())
}

/// Whether a value is a host with an optional port.
fn is_valid(host: &HeaderValue) -> bool {
    let authority = Authority::try_from(host.as_bytes());
    authority.is_ok_and(|authority| {
        let text = authority.as_str();
        let rest = text.strip_prefix(authority.host()).unwrap_or(text);
        !authority.host().is_empty() && !text.contains('@') && is_port(rest)
    })
}

/// Whether the rest after a host is empty, or a colon and a port (RFC 3986 §3.2.3).
fn is_port(rest: &str) -> bool {
    let Some(port) = rest.strip_prefix(':') else {
        return rest.is_empty();
    };
    port.is_empty() || (port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `Host` after the check; none if the request is refused.
    fn check(version: Version, uri: &str, hosts: &[&str]) -> Option<String> {
        let mut request = Request::builder().uri(uri).version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let mut request = request.body(()).unwrap();
        check_host(&mut request).ok()?;
        let host = request.headers().get(HOST);
        Some(host.map_or("", |host| host.to_str().unwrap()).to_owned())
    }

    #[test]
    fn a_request_needs_exactly_one_valid_host() {
        for (hosts, is_valid) in [
            (&["id.example.com"][..], true),
            (&["id.example.com:8443"], true),
            (&["127.0.0.1:3000"], true),
            (&["[::1]:3000"], true),
            (&[], false),
            (&[""], false),
            (&["id.example.com", "id.example.com"], false),
            (&["id.example.com", "evil.example"], false),
            (&["id.example.com, evil.example"], false),
            (&["user@id.example.com"], false),
            (&["id.example.com/path"], false),
            (&["id example.com"], false),
            (&[":3000"], false),
            (&["id.example.com:"], true),
            (&["id.example.com:65535"], true),
            (&["id.example.com:65536"], false),
            (&["id.example.com:http"], false),
            (&["id.example.com:+80"], false),
            (&["id.example.com:80:80"], false),
            (&["[::1]"], true),
            (&["[::1]:"], true),
            (&["[::1]:x"], false),
            (&["[::1]x"], false),
        ] {
            for version in [Version::HTTP_10, Version::HTTP_11] {
                let found = check(version, "/", hosts);
                let expected = is_valid.then(|| hosts[0].to_owned());
                assert_eq!(found, expected, "{version:?} {hosts:?}");
            }
        }
    }

    #[test]
    fn a_health_check_over_http_1_0_may_come_without_host() {
        for (version, path, hosts, passes) in [
            (Version::HTTP_10, "/livez", &[][..], true),
            (Version::HTTP_10, "/readyz", &[], true),
            (Version::HTTP_10, "/livez", &["a", "b"], false),
            (Version::HTTP_10, "/", &[], false),
            (Version::HTTP_10, "/metrics", &[], false),
            (Version::HTTP_11, "/livez", &[], false),
            (Version::HTTP_11, "/livez", &["127.0.0.1:9464"], true),
        ] {
            let found = check(version, path, hosts).is_some();
            assert_eq!(found, passes, "{version:?} {path} {hosts:?}");
        }
    }

    #[test]
    fn the_authority_of_the_request_line_replaces_host() {
        let check = |uri, hosts: &[&str]| check(Version::HTTP_11, uri, hosts);
        let target = "http://id.example.com/";
        let found = check(target, &["evil.example"]);
        assert_eq!(found.as_deref(), Some("id.example.com"));
        assert_eq!(check(target, &[]), None);
        assert_eq!(check("http://a@id.example.com/", &["id.example.com"]), None);
    }
}
