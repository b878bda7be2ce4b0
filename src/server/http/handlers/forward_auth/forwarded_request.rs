//! The request that a proxy asks about: `?origin=`, `X-Forwarded-Proto`, `-Host`, `-Uri` and
//! `-Method`.
//!
//! They count only from a trusted proxy (requirement S8). They select the application and the
//! return URL, and nothing else.
//!
//! `?origin=` pins the application. It comes from the proxy's own configuration, while proxies
//! build `X-Forwarded-Host` from the client's `Host`, which may name another application.

use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::server::applications::{Application, Applications};
use crate::server::http::client_address::peer_address;
use crate::server::http::handlers::forward_auth::claimed_identity::find_claimed_identity;
use crate::server::http::origin_parser::{InvalidOrigin, parse_origin};
use crate::server::http::state::AppState;
use crate::server::sign_in::return_url::path_on;

const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");

/// The request that a proxy asks about.
#[derive(Debug)]
pub struct ForwardedRequest<'a> {
    /// The application that was requested.
    pub application: &'a Application,
    /// The method; `GET` if the proxy does not say, `CONNECT` if it cannot be parsed.
    pub method: Method,
    /// Path and query, as the proxy received them.
    uri: Option<&'a [u8]>,
}

/// Why the request is refused, with a session or without. Only the operator sees the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForwardedRequestError {
    /// If roles or fresh codes are required, a wrong guess could admit somebody.
    #[error(
        "{0} is none of server.trusted_proxies and names an application by ?origin= or \
         X-Forwarded-*, while forward_auth.require, max_age or require_sms asks for more"
    )]
    NotTrusted(IpAddr),
    /// A header that an application could take for an identity header.
    #[error(
        "{0} can be read as an identity header: the proxy must drop such headers of clients, \
         whatever stands between the letters"
    )]
    ClaimedIdentity(HeaderName),
    /// The pin occurs twice.
    #[error("?origin= must occur once")]
    SeveralPins,
    /// The pin names no application.
    #[error("?origin= is {0:?}, which is none of forward_auth.origins")]
    UnknownPin(String),
    /// The client reached the application under a name that belongs elsewhere.
    #[error("X-Forwarded-Host is {host}, but ?origin= pins {pinned}")]
    OtherHost {
        /// The origin of the pinned application.
        pinned: Arc<str>,
        /// The origin that the header names.
        host: String,
    },
    /// One of the two headers that make an origin is missing.
    #[error("X-Forwarded-Proto and X-Forwarded-Host must come together")]
    Incomplete,
    /// A header occurs twice.
    #[error("{0} must occur once: the proxy must overwrite what it receives, not append to it")]
    Several(HeaderName),
    /// A header cannot be parsed.
    #[error(
        "{0} cannot be parsed: X-Forwarded-Proto is http or https, X-Forwarded-Host one host and \
         its port"
    )]
    Unreadable(HeaderName),
    /// The origin is none of the applications.
    #[error("{0} is none of forward_auth.origins")]
    Unknown(String),
}

impl ForwardedRequest<'_> {
    /// The path to return to on the application. It is `/` after a request that changes something,
    /// and for an invalid path; none if the path is unknown.
    pub fn return_path(&self) -> Option<String> {
        let path = path_on(&self.application.root, self.uri?);
        let is_safe_to_repeat = matches!(self.method, Method::GET | Method::HEAD);
        Some(
            path.filter(|_| is_safe_to_repeat)
                .unwrap_or_else(|| "/".to_owned()),
        )
    }
}

/// Reads the query and the forwarded headers.
///
/// # Errors
/// If a header claims an identity, or if the application cannot be determined.
pub fn read<'a>(
    state: &'a AppState,
    parts: &'a Parts,
) -> Result<ForwardedRequest<'a>, ForwardedRequestError> {
    if let Some(claimed) = find_claimed_identity(&parts.headers) {
        return Err(ForwardedRequestError::ClaimedIdentity(claimed));
    }
    let peer = peer_address(&parts.extensions).to_canonical();
    let applications = &state.services.applications;
    let pinned = pinned_application(applications, parts.uri.query())?;
    if state.site.client_address.is_trusted(peer) {
        return read_trusted(applications, pinned, &parts.headers);
    }
    let has_header = |name| parts.headers.contains_key(name);
    let is_forwarded = pinned.is_some() || [PROTO, HOST, URI].iter().any(has_header);
    if is_forwarded && applications.has_requirements() {
        return Err(ForwardedRequestError::NotTrusted(peer));
    }
    if is_forwarded && state.forward_auth.ignored.is_due(state.clock.now()) {
        tracing::warn!(%peer, "?origin= and X-Forwarded-* are ignored at /forward-auth: the peer \
            is none of server.trusted_proxies");
    }
    Ok(ForwardedRequest {
        application: applications.own(),
        method: Method::GET,
        uri: None,
    })
}

/// The application that `?origin=` names, if it is there.
fn pinned_application<'a>(
    applications: &'a Applications,
    query: Option<&str>,
) -> Result<Option<&'a Application>, ForwardedRequestError> {
    let mut pins = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == "origin")
        .map(|(_, value)| value);
    let Some(pin) = pins.next() else {
        return Ok(None);
    };
    if pins.next().is_some() {
        return Err(ForwardedRequestError::SeveralPins);
    }
    let application = pin
        .split_once("://")
        .and_then(|(scheme, host)| parse_origin(scheme, host).ok())
        .and_then(|origin| applications.find(&origin));
    match application {
        Some(application) => Ok(Some(application)),
        None => Err(ForwardedRequestError::UnknownPin(pin.into_owned())),
    }
}

/// Reads the headers of a trusted proxy.
fn read_trusted<'a>(
    applications: &'a Applications,
    pinned: Option<&'a Application>,
    headers: &'a HeaderMap,
) -> Result<ForwardedRequest<'a>, ForwardedRequestError> {
    let scheme = single_text(headers, PROTO)?;
    let host = single_text(headers, HOST)?;
    let application = match pinned {
        Some(pinned) => confirm_host(pinned, host)?,
        None => application_of(applications, scheme, host)?,
    };
    let method = single_text(headers, METHOD)?
        .map_or(Method::GET, |name| name.parse().unwrap_or(Method::CONNECT));
    Ok(ForwardedRequest {
        application,
        method,
        // Browsers may send bytes that are no ASCII, and proxies pass them on.
        uri: single(headers, URI)?.map(HeaderValue::as_bytes),
    })
}

/// Confirms that the client reached a pinned application under its own host and port. The scheme is
/// that of the pin: a proxy behind another one that terminates TLS names `http`.
fn confirm_host<'a>(
    pinned: &'a Application,
    host: Option<&str>,
) -> Result<&'a Application, ForwardedRequestError> {
    let Some(host) = host else {
        return Ok(pinned);
    };
    let origin = parse_origin(pinned.root.scheme(), host)
        .map_err(|_| ForwardedRequestError::Unreadable(HOST))?;
    if *origin == *pinned.origin {
        return Ok(pinned);
    }
    Err(ForwardedRequestError::OtherHost {
        pinned: pinned.origin.clone(),
        host: origin,
    })
}

/// The application of a request without a pin.
fn application_of<'a>(
    applications: &'a Applications,
    scheme: Option<&str>,
    host: Option<&str>,
) -> Result<&'a Application, ForwardedRequestError> {
    match (scheme, host) {
        // A wrong guess could admit somebody whom the right application would not.
        (None, None) if applications.has_requirements_elsewhere() => {
            Err(ForwardedRequestError::Incomplete)
        }
        (None, None) => Ok(applications.own()),
        (Some(scheme), Some(host)) => {
            let origin = parse_origin(scheme, host).map_err(|part| {
                ForwardedRequestError::Unreadable(match part {
                    InvalidOrigin::Scheme => PROTO,
                    InvalidOrigin::Host => HOST,
                })
            })?;
            applications
                .find(&origin)
                .ok_or(ForwardedRequestError::Unknown(origin))
        }
        _ => Err(ForwardedRequestError::Incomplete),
    }
}

/// The single value of a header; empty if it is not ASCII text.
fn single_text(
    headers: &HeaderMap,
    name: HeaderName,
) -> Result<Option<&str>, ForwardedRequestError> {
    Ok(single(headers, name)?.map(|value| value.to_str().unwrap_or_default()))
}

/// The single value of a header.
fn single(
    headers: &HeaderMap,
    name: HeaderName,
) -> Result<Option<&HeaderValue>, ForwardedRequestError> {
    let mut values = headers.get_all(&name).iter();
    let first = values.next();
    match values.next() {
        Some(_) => Err(ForwardedRequestError::Several(name)),
        None => Ok(first),
    }
}
