//! The Content-Security-Policy with its nonce, and the other security headers of every response
//! (requirements H4, H5, H7, M6).

use std::fmt;
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

use crate::server::http::extensions::{FormAction, OnApplicationHost, PageNonce};
use crate::server::http::state::AppState;

const FIXED_HEADERS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: browsers then send `Origin: null` with the forms of our own pages.
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
        "otp-credentials=(self), accelerometer=(), camera=(), display-capture=(), geolocation=(), \
         gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         publickey-credentials-get=(), screen-wake-lock=(), \
         serial=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// The middleware.
pub async fn security_headers<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let nonce: Arc<str> = URL_SAFE_NO_PAD.encode(state.random.bytes::<18>()).into();
    request.extensions_mut().insert(PageNonce(nonce.clone()));
    let mut response = next(request).await;
    let is_own_host = response.extensions().get::<OnApplicationHost>().is_none();
    // On the host of an application there is no style sheet, so pages there inline their style.
    let policy = ContentPolicy {
        nonce: &nonce,
        style: match is_own_host {
            true => StyleSource::OwnHost,
            false => StyleSource::Nonce,
        },
        form_action: response.extensions().get::<FormAction>(),
        frame_ancestors: "'none'",
        reload_port: state.pages.assets.reload_port,
    }
    .to_string();
    let headers = response.headers_mut();
    // The file of a logo has a stricter one.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in FIXED_HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if is_own_host && state.site.url.scheme() == "https" {
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

/// Where the styles of a page come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StyleSource {
    /// Files on our own host.
    OwnHost,
    /// A style element with the nonce.
    Nonce,
}

/// The Content-Security-Policy of a page.
#[derive(Debug)]
pub struct ContentPolicy<'a> {
    /// The nonce of scripts, and of styles in the page.
    pub nonce: &'a str,
    /// Where styles come from.
    pub style: StyleSource,
    /// Another origin that forms may lead to.
    pub form_action: Option<&'a FormAction>,
    /// The pages that may show this one in a frame.
    pub frame_ancestors: &'static str,
    /// Port of the live-reload socket.
    pub reload_port: Option<u32>,
}

impl fmt::Display for ContentPolicy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = self.nonce;
        let style = match self.style {
            StyleSource::OwnHost => "'self'".to_owned(),
            StyleSource::Nonce => format!("'nonce-{nonce}'"),
        };
        let form_action = self
            .form_action
            .map(|FormAction(origin)| format!(" {origin}"));
        let form_action = form_action.unwrap_or_default();
        let reload = self.reload_port;
        let reload = reload
            .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"))
            .unwrap_or_default();
        write!(
            f,
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src \
             {style}; img-src 'self' data:; connect-src 'self'{reload}; form-action \
             'self'{form_action}; manifest-src 'self'; base-uri 'none'; frame-ancestors \
             {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'",
            ancestors = self.frame_ancestors,
        )
    }
}
