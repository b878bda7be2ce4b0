//! What other sites can make a browser do: nothing (requirements H1 to H3, H8 to H10).
//!
//! - `matrix`: every unsafe door against every word that a browser can say of where a request comes
//!   from.
//! - `cross_origin_reads`: no GET changes anything, and methods that there are not.
//! - `form_bodies`: bodies that are longer than they say, never end, or are not looked at.
//! - `redirects`: nothing leads elsewhere.

use std::sync::Arc;

use axum::body::Body;
use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Method, Request};
use latchkey::domain::Endpoint;
use latchkey::server::settings::Settings;
use url::Url;

use crate::support::fault_store::Gate;
use crate::support::{Answer, Browser, KNOWN, Upstream, World, minutes, pause, wait_until};

mod cross_origin_reads;
mod form_bodies;
mod matrix;
mod redirects;

/// Who we are, and an application on another host.
const OWN: &str = "https://id.example.com";
const APP: &str = "https://app.example.net";

fn settings(settings: &mut Settings) {
    settings.server.public_url = Some(OWN.parse().unwrap());
    settings.forward_auth.origins = vec![APP.parse().unwrap()];
    settings.forward_auth.jwt = true;
}

/// A world over https, and a store that says what was written.
async fn world() -> (Arc<World>, Arc<Gate>) {
    let gate = Gate::new();
    let world = World::over(gate.clone(), Arc::new(Upstream::start().await), settings);
    (world, gate)
}

/// Every address that takes posts.
fn doors() -> Vec<Url> {
    let ours = Endpoint::ALL.map(|endpoint| format!("{OWN}{}", endpoint.path()));
    let theirs = ["sign-out", "extend-session"].map(|name| format!("{APP}/.latchkey/{name}"));
    ours.into_iter()
        .chain(theirs)
        .map(|url| url.parse().unwrap())
        .collect()
}

/// The browser's request to an address, which names its host.
fn request(browser: &Browser, method: Method, url: &Url, body: impl Into<Body>) -> Request<Body> {
    let mut request = browser
        .request(method, &url[url::Position::BeforePath..])
        .body(body.into())
        .unwrap();
    let host = HeaderValue::from_str(url.authority()).unwrap();
    request.headers_mut().insert(HOST, host);
    request
}

/// The same from a page of that address's own.
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

/// A person who is signed in and in the midst of another sign-in, and so has every cookie of ours.
async fn signed_in(world: &Arc<World>) -> Browser {
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    browser.ask("+447400777888").await.next("/code");
    assert!(
        browser.cookie("__Host-latchkey").is_some()
            && browser.cookie("__Host-latchkey-flow").is_some()
    );
    browser
}
