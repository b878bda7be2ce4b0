//! The nonce, the Content-Security-Policy and the other headers that every answer carries
//! (requirements H4, H5, H7, M6).

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue};

use crate::server::http::AppState;

/// The nonce of an answer.
#[derive(Clone, Debug)]
pub struct PageNonce(pub Arc<str>);

/// Put into an answer by a page whose form may lead to another origin: browsers check every hop of
/// a form post.
#[derive(Clone, Debug)]
pub struct FormAction(pub String);

/// Put into an answer that a browser may get under the host of an application, for which HSTS is
/// not ours to say.
#[derive(Clone, Copy, Debug)]
pub struct OnApplicationHost;

const FIXED: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: with that, browsers send `Origin: null` with our own forms.
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "otp-credentials=(self), accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), \
         serial=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// The layer.
pub async fn security_headers<F: Future<Output = Response>>(
    site: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let nonce: Arc<str> = URL_SAFE_NO_PAD.encode(site.random.bytes::<18>()).into();
    request.extensions_mut().insert(PageNonce(nonce.clone()));
    let mut response = next(request).await;
    let is_ours = response.extensions().get::<OnApplicationHost>().is_none();
    // Where no style sheet of ours is, a page brings its style along.
    let style = if is_ours {
        "'self'".to_owned()
    } else {
        format!("'nonce-{nonce}'")
    };
    let policy = policy(
        &nonce,
        &style,
        response.extensions().get::<FormAction>(),
        site.assets.reload_port,
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in FIXED {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if is_ours && site.public_url.scheme() == "https" {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn policy(
    nonce: &str,
    style: &str,
    form_action: Option<&FormAction>,
    reload_port: Option<u32>,
) -> String {
    let form_action = form_action
        .map(|FormAction(origin)| format!(" {origin}"))
        .unwrap_or_default();
    let reload = reload_port
        .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src {style}; img-src 'self' data:; \
         connect-src 'self'{reload}; form-action 'self'{form_action}; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
