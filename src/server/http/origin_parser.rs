//! Parses the origin that a proxy or a browser names by scheme and host.

use url::Url;

/// The part of an origin that cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidOrigin {
    /// Neither `http` nor `https`.
    Scheme,
    /// Not one host with an optional port.
    Host,
}

/// The origin as browsers serialise it.
///
/// # Errors
/// If a part cannot be parsed. A list of values, as proxies make that append to a header, is one
/// such case.
pub fn parse_origin(scheme: &str, host: &str) -> Result<String, InvalidOrigin> {
    let scheme = match scheme {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return Err(InvalidOrigin::Scheme),
    };
    let is_authority = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    host.chars()
        .all(is_authority)
        .then(|| Url::parse(&format!("{scheme}://{host}/")))
        .and_then(Result::ok)
        .map(|url| url.origin().ascii_serialization())
        .ok_or(InvalidOrigin::Host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_an_origin_is_one_scheme_and_one_host() {
        for (scheme, host, origin) in [
            ("https", "app.example.com", "https://app.example.com"),
            ("https", "App.Example.com:443", "https://app.example.com"),
            (
                "https",
                "app.example.com:8443",
                "https://app.example.com:8443",
            ),
            ("wss", "app.example.com", "https://app.example.com"),
            ("http", "[::1]:3000", "http://[::1]:3000"),
            ("http", "app.localhost:8080", "http://app.localhost:8080"),
            ("https", "app.example.com.", "https://app.example.com."),
        ] {
            assert_eq!(parse_origin(scheme, host).as_deref(), Ok(origin));
        }
        for (scheme, host, part) in [
            ("https, http", "app.example.com", InvalidOrigin::Scheme),
            ("HTTPS", "app.example.com", InvalidOrigin::Scheme),
            ("javascript", "app.example.com", InvalidOrigin::Scheme),
            ("", "app.example.com", InvalidOrigin::Scheme),
            ("https", "", InvalidOrigin::Host),
            (
                "https",
                "app.example.com, evil.example",
                InvalidOrigin::Host,
            ),
            ("https", "app.example.com/", InvalidOrigin::Host),
            (
                "https",
                "evil.example\\@app.example.com",
                InvalidOrigin::Host,
            ),
            ("https", "evil@app.example.com", InvalidOrigin::Host),
            ("https", "app.example.com#", InvalidOrigin::Host),
            ("https", "app.example.com?", InvalidOrigin::Host),
            ("https", "app.example.com\t", InvalidOrigin::Host),
            ("https", "app.example.com:99999", InvalidOrigin::Host),
            ("https", "%61pp.example.com", InvalidOrigin::Host),
        ] {
            assert_eq!(parse_origin(scheme, host), Err(part), "{scheme}://{host}");
        }
    }
}
