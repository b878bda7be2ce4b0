//! Other sites cannot make a browser change anything (requirements H1 to H3, H8 to H10).
//!
//! - `matrix`: every unsafe endpoint with every combination of `Origin` and `Sec-Fetch-Site`.
//! - `cross_origin_reads`: GET changes nothing, and other methods are refused.
//! - `form_bodies`: bodies that are longer than declared, never end, or are not read.
//! - `redirects`: no redirect to another site.

use std::sync::Arc;

use axum::body::Body;
use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Method, Request};
use latchkey::domain::Endpoint;
use latchkey::server::settings::Settings;
use url::Url;

use crate::support::{Browser, TestApp, TestResponse, Upstream, minutes, pause, wait_until};
use latchkey_testkit::fault_store::FaultStore;

mod cross_origin_reads;
mod form_bodies;
mod matrix;
mod redirects;

/// Our own origin, and an application on another host.
const OWN: &str = "https://id.example.com";
const APP: &str = "https://app.example.net";

fn change_settings(settings: &mut Settings) {
    settings.server.public_url = Some(OWN.parse().unwrap());
    settings.forward_auth.origins = vec![APP.parse().unwrap()];
    settings.forward_auth.jwt = true;
}

/// An app over HTTPS, and a store that records writes.
async fn app() -> (Arc<TestApp>, Arc<FaultStore>) {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(
        store.clone(),
        Arc::new(Upstream::start().await),
        change_settings,
    );
    (app, store)
}

/// Every URL that accepts POST.
fn endpoints() -> Vec<Url> {
    let ours = Endpoint::ALL.map(|endpoint| format!("{OWN}{}", endpoint.path()));
    let theirs = ["sign-out", "extend-session"].map(|name| format!("{APP}/.latchkey/{name}"));
    ours.into_iter()
        .chain(theirs)
        .map(|url| url.parse().unwrap())
        .collect()
}

/// A request of the browser to a URL, with its host.
fn request(browser: &Browser, method: Method, url: &Url, body: impl Into<Body>) -> Request<Body> {
    let mut request = browser
        .request(method, &url[url::Position::BeforePath..])
        .body(body.into())
        .unwrap();
    let host = HeaderValue::from_str(url.authority()).unwrap();
    request.headers_mut().insert(HOST, host);
    request
}

/// The same from a page of the URL's own origin.
fn own_request(
    browser: &Browser,
    method: Method,
    url: &Url,
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = request(browser, method, url, body);
    let origin = url.origin().ascii_serialization();
    request
        .headers_mut()
        .insert(ORIGIN, HeaderValue::from_str(&origin).unwrap());
    request
}

/// A browser that is signed in and has started another sign-in, so that it has every cookie of
/// ours.
async fn signed_in(app: &Arc<TestApp>) -> Browser {
    let mut browser = app.signed_in().await;
    browser.start("+447400777888").await;
    assert!(
        browser.cookie("__Host-latchkey").is_some()
            && browser.cookie("__Host-latchkey-flow").is_some()
    );
    browser
}
