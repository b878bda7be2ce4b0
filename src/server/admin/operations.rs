//! The operations listener: `/livez`, `/readyz`, `/metrics`, `/console`. Never on the public port.
//!
//! - `gauges`: what `/metrics` says besides what was counted.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use url::Url;

use crate::server::admin::dashboard::{self, Dashboard};
use crate::server::crypto::hash::constant_time_eq;
use crate::server::settings;
use crate::server::settings::server::is_loopback_host;
use crate::server::store::Store;
use crate::server::transmit::Transmit;

mod gauges;

/// What every answer carries, a refusal too. The console has a policy of its own.
const FIXED: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // No page of another site may read figures by loading them as something else.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What the listener looks at.
#[derive(Debug)]
pub struct Operations {
    /// Its settings.
    pub settings: settings::OperationsSettings,
    /// Read by `/readyz`.
    pub store: Arc<dyn Store>,
    /// Asked by `/readyz`.
    pub transmit: Transmit,
    /// Rendered by `/metrics`.
    pub metrics: PrometheusHandle,
    /// Shown by `/console`.
    pub console: Dashboard,
}

/// The operations side.
pub fn router(operations: Arc<Operations>) -> Router {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route(
            "/console",
            get(dashboard::console).with_state(Arc::new(operations.console.clone())),
        )
        .layer(from_fn_with_state(operations.clone(), admit))
        .layer(map_response(protect))
        .with_state(operations)
}

async fn protect(mut response: Response) -> Response {
    for (name, value) in FIXED {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Keeps other sites' pages out (a name of theirs that resolves to loopback), and whoever has no
/// token where one is set.
async fn admit(
    State(operations): State<Arc<Operations>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let named = Url::parse(&format!("http://{host}/")).is_ok_and(|url| {
        is_loopback_host(url.host())
            || url
                .host_str()
                .is_some_and(|name| operations.settings.hosts.iter().any(|host| host == name))
    });
    if !named {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "unknown host; see operations.hosts\n",
        )
            .into_response();
    }
    if let Some(token) = &operations.settings.bearer_token {
        let shown = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(shown)
            .unwrap_or_default();
        if !constant_time_eq(&shown, token.expose().as_bytes()) {
            let challenge = [(
                WWW_AUTHENTICATE,
                "Basic realm=\"Latchkey operations\", charset=\"UTF-8\"",
            )];
            return (
                StatusCode::UNAUTHORIZED,
                challenge,
                "a bearer token is needed\n",
            )
                .into_response();
        }
    }
    next.run(request).await
}

/// The token that a request shows: as a bearer (RFC 6750), or as the password of any user name,
/// which is what browsers can do (RFC 7617).
fn shown(value: &HeaderValue) -> Option<Vec<u8>> {
    let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.as_bytes().to_vec());
    }
    let pair = scheme
        .eq_ignore_ascii_case("basic")
        .then(|| STANDARD.decode(rest).ok())
        .flatten()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    pair.get(colon + 1..).map(<[u8]>::to_vec)
}

/// The process lives, whatever is around it (requirement L6).
async fn livez() -> &'static str {
    "ok\n"
}

/// The process can serve: the store answers, and a client token and a signing key are in hand.
async fn readyz(State(operations): State<Arc<Operations>>) -> Response {
    let store = operations.store.check_ready().await;
    let transmit = operations.transmit.prepare().await;
    let line = |name: &str, result: Result<(), String>| match result {
        Ok(()) => format!("{name}: ok\n"),
        Err(cause) => format!("{name}: {cause}\n"),
    };
    let ready = store.is_ok() && transmit.is_ok();
    let text = line("store", store.map_err(|error| error.to_string()))
        + &line("transmit", transmit.map_err(|failure| failure.to_string()));
    (
        if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        },
        text,
    )
        .into_response()
}

async fn metrics(State(operations): State<Arc<Operations>>) -> Response {
    let Dashboard {
        recent,
        guard,
        clock,
    } = &operations.console;
    let text = operations.metrics.render() + &gauges::render(recent, guard, clock.now()).await;
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}
