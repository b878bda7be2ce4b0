//! What a proxy says was asked for: `X-Forwarded-Proto`, `-Host`, `-Uri` and `-Method`, believed
//! only from a trusted one (requirement S8), and only to choose the application and to build the
//! way back.

use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderName, Method};
use url::Url;

use crate::domain::timestamp::Timestamp;
use crate::server::applications::{Application, Applications};
use crate::server::http::handlers::forward_auth::AppState;
use crate::server::http::middleware::client_address::peer;
use crate::server::sign_in::return_url::path_on;
use crate::server::system::mutex::lock;

const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

/// What was asked for.
#[derive(Debug)]
pub struct ForwardedRequest<'a> {
    /// Of which application.
    pub application: &'a Application,
    /// By which method; `GET` where nobody says.
    pub method: Method,
    /// Path and query, as the proxy has them.
    uri: Option<&'a str>,
}

/// Why it cannot be told which application is asked for. For the operator alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardedRequestError {
    /// With roles at stake a guess could let somebody in.
    #[error(
        "{0} is none of server.trusted_proxies and sends X-Forwarded-*, while forward_auth.require asks for roles"
    )]
    NotTrusted(IpAddr),
    /// One of the two headers that make an origin is missing.
    #[error("X-Forwarded-Proto and X-Forwarded-Host must come together")]
    Incomplete,
    /// A header is there twice.
    #[error("{0} must be there once: the proxy must overwrite what it got, not add to it")]
    Several(HeaderName),
    /// A header cannot be read.
    #[error(
        "{0} cannot be read: X-Forwarded-Proto is http or https, X-Forwarded-Host one host and its port"
    )]
    Unreadable(HeaderName),
    /// It is none of the applications.
    #[error("{0} is none of forward_auth.origins")]
    Unknown(String),
}

impl ForwardedRequest<'_> {
    /// The page to come back to, on the application: a path, the root for what was no reading of a
    /// page or is no honest path. Nothing where nothing is known.
    pub fn way_back(&self) -> Option<String> {
        let path = path_on(&self.application.root, self.uri?);
        let is_reading = matches!(self.method, Method::GET | Method::HEAD);
        Some(
            path.filter(|_| is_reading)
                .unwrap_or_else(|| "/".to_owned()),
        )
    }
}

/// Reads a question.
///
/// # Errors
/// [`Misdirected`].
pub fn read<'a>(
    site: &'a AppState,
    parts: &'a Parts,
) -> Result<ForwardedRequest<'a>, ForwardedRequestError> {
    let peer = peer(&parts.extensions).to_canonical();
    let applications = &site.applications;
    if site.client_address.is_trusted(peer) {
        return told(applications, &parts.headers);
    }
    let is_told = [PROTO, HOST, URI]
        .iter()
        .any(|name| parts.headers.contains_key(name));
    if is_told && applications.has_role_requirements() {
        return Err(ForwardedRequestError::NotTrusted(peer));
    }
    if is_told && site.not_believed.is_due(site.clock.now()) {
        tracing::warn!(%peer, "X-Forwarded-* are ignored at /forward-auth: they come from none of server.trusted_proxies");
    }
    Ok(ForwardedRequest {
        application: applications.own(),
        method: Method::GET,
        uri: None,
    })
}

/// What a trusted proxy says.
fn told<'a>(
    applications: &'a Applications,
    headers: &'a HeaderMap,
) -> Result<ForwardedRequest<'a>, ForwardedRequestError> {
    let application = match (one(headers, PROTO)?, one(headers, HOST)?) {
        // A guess could let somebody in whom another application would not.
        (None, None) if applications.has_role_requirements_elsewhere() => {
            return Err(ForwardedRequestError::Incomplete);
        }
        (None, None) => applications.own(),
        (Some(scheme), Some(host)) => {
            let origin = origin(scheme, host)?;
            applications
                .find(&origin)
                .ok_or(ForwardedRequestError::Unknown(origin))?
        }
        _ => return Err(ForwardedRequestError::Incomplete),
    };
    let method =
        one(headers, METHOD)?.map_or(Method::GET, |name| name.parse().unwrap_or(Method::OPTIONS));
    Ok(ForwardedRequest {
        application,
        method,
        uri: one(headers, URI)?,
    })
}

/// The one value of a header; empty if it is no text.
fn one(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, ForwardedRequestError> {
    let mut values = headers.get_all(&name).iter();
    let first = values.next();
    match values.next() {
        Some(_) => Err(ForwardedRequestError::Several(name)),
        None => Ok(first.map(|value| value.to_str().unwrap_or_default())),
    }
}

/// The origin as browsers write it. A list, as proxies make that add to what they got, is none.
pub fn origin(scheme: &str, host: &str) -> Result<String, ForwardedRequestError> {
    let scheme = match scheme {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return Err(ForwardedRequestError::Unreadable(PROTO)),
    };
    let is_authority = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let url = host
        .chars()
        .all(is_authority)
        .then(|| Url::parse(&format!("{scheme}://{host}/")))
        .and_then(Result::ok);
    url.map(|url| url.origin().ascii_serialization())
        .ok_or(ForwardedRequestError::Unreadable(HOST))
}

/// Keeps a line that every request could write to one a minute.
#[derive(Debug, Default)]
pub struct LogThrottle(Mutex<Option<Timestamp>>);

impl LogThrottle {
    /// Whether the line is to be written now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        const INTERVAL: Duration = Duration::from_secs(60);
        let mut last = lock(&self.0);
        let due = last.is_none_or(|last| now.since(last) >= INTERVAL);
        if due {
            *last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_an_origin_is_one_scheme_and_one_host() {
        for (scheme, host, read) in [
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
            assert_eq!(origin(scheme, host).as_deref(), Ok(read));
        }
        for (scheme, host, header) in [
            ("https, http", "app.example.com", PROTO),
            ("HTTPS", "app.example.com", PROTO),
            ("javascript", "app.example.com", PROTO),
            ("", "app.example.com", PROTO),
            ("https", "", HOST),
            ("https", "app.example.com, evil.example", HOST),
            ("https", "app.example.com/", HOST),
            ("https", "evil.example\\@app.example.com", HOST),
            ("https", "evil@app.example.com", HOST),
            ("https", "app.example.com#", HOST),
            ("https", "app.example.com?", HOST),
            ("https", "app.example.com\t", HOST),
            ("https", "app.example.com:99999", HOST),
            ("https", "%61pp.example.com", HOST),
        ] {
            assert_eq!(
                origin(scheme, host),
                Err(ForwardedRequestError::Unreadable(header)),
                "{scheme}://{host}"
            );
        }
    }

    #[test]
    fn a_line_is_written_once_a_minute() {
        let (seldom, at) = (LogThrottle::default(), Timestamp::from_secs);
        let due: Vec<bool> = [1000, 1000, 1059, 1060, 1061, 1200]
            .map(|second| seldom.is_due(at(second)))
            .to_vec();
        assert_eq!(due, [true, false, false, true, false, true]);
    }
}
