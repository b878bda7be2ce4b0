//! Applications on other hosts: how a session reaches them, what ends it there, and what is not
//! shared between them.
//!
//! - `site_browser`: a browser that keeps its cookies by origin and follows redirects.
//! - `app_login`: the complete sign-in flow of an application; `refused_entries`: errors at its
//!   end; `bounds`: limits on what one person can create.
//! - `ended_sessions`: what ends an application's session; `app_logout`, `extend_session`: requests
//!   of an application's pages.
//! - `max_age`: applications that ask for a fresh code.
//! - `planted_cookies`: cookies that a sibling host sets on the application's host.
//! - `hosts`: what is served under which host name; `ticket_queries`: hostile query parameters.

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::store::RecordKind;

use crate::support::{
    Browser, KNOWN_PHONE, TestApp, TestResponse, Upstream, minutes, pause, seconds,
};
use site_browser::SiteBrowser;

mod app_login;
mod app_logout;
mod bounds;
mod ended_sessions;
mod extend_session;
mod hosts;
mod max_age;
mod planted_cookies;
mod refused_entries;
mod require_sms;
mod site_browser;
mod ticket_queries;

/// Two applications on other hosts, and one on the host of the sign-in pages; over HTTP on
/// loopback.
const APP: &str = "http://app.localhost:8080";
const OTHER: &str = "http://other.localhost:8081";
const SAME_HOST: &str = "http://127.0.0.1:8082";

/// An app with these applications.
async fn app_with_applications(change: impl FnOnce(&mut Settings)) -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.forward_auth.origins = [APP, OTHER, SAME_HOST]
            .map(|origin| origin.parse().unwrap())
            .to_vec();
        change(settings);
    })
    .await
}

/// The same over HTTPS.
async fn app_with_https_application() -> (Arc<TestApp>, &'static str) {
    let app = TestApp::with_settings(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
        settings.forward_auth.origins = vec!["https://app.example.net".parse().unwrap()];
    })
    .await;
    (app, "https://app.example.net")
}

/// A person who is signed in at an application.
async fn signed_in_at(app: &Arc<TestApp>, origin: &str) -> SiteBrowser {
    let mut person = SiteBrowser::new(app);
    person.sign_in(KNOWN_PHONE).await;
    person.open_application(origin).await;
    person
}

/// The number of live records of a kind.
async fn record_count(app: &TestApp, kind: RecordKind) -> usize {
    app.product
        .store
        .scan(kind, 10_000, app.now())
        .await
        .unwrap()
        .len()
}

/// Asserts that the response is the ticket error page: with the status, without a session cookie,
/// and with one link that starts again at `to`.
#[track_caller]
fn assert_ticket_error(response: &TestResponse, status: u16, to: &str) {
    assert_eq!(response.status.as_u16(), status, "{}", response.body);
    assert!(
        response.body.starts_with("<!DOCTYPE html>"),
        "{}",
        response.body
    );
    let tags = response
        .body
        .split("<a ")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    let links: Vec<&str> = tags
        .filter(|tag| tag.contains("class=\"button primary\""))
        .collect();
    let [link] = links[..] else {
        panic!("one link: {links:?}")
    };
    assert!(
        link.contains(&format!("href=\"{APP}/.latchkey/start?to={to}\"")),
        "{link}"
    );
    assert!(response.cookie("latchkey-app").is_none());
}
