//! A corpus of open-redirect attacks through every parameter that accepts a return URL (requirement
//! H8).
//!
//! `hostile.json` must lead nowhere. `odd.json` looks hostile and leads to the URL beside it, which
//! is allowed.

use std::sync::Arc;

use http::Method;
use latchkey::server::crypto::opaque_token::Token;

use crate::return_url::percent;
use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes};

const OWN: &str = "http://127.0.0.1:3000";
const ALLOWED: &str = "https://app.example.com";
const SIGN_IN_PAGES: [(&str, &str); 2] = [("/sign-in", "send-code"), ("/sign-up", "sign-up")];

fn hostile() -> Vec<String> {
    let corpus: Vec<String> = serde_json::from_str(include_str!("hostile.json")).unwrap();
    assert!(corpus.len() > 200);
    corpus
}

fn odd() -> Vec<(String, String)> {
    serde_json::from_str(include_str!("odd.json")).unwrap()
}

async fn app() -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.origins = vec![ALLOWED.parse().unwrap()];
        // Many requests from one address at once.
        settings.sign_in.answer_after = "0s".parse().unwrap();
        settings.guard.enabled = false;
    })
    .await
}

/// A check without a URL parser: a path of ours, or the allowed origin.
fn is_allowed(location: &str) -> bool {
    let printable = location
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = location.starts_with('/') && !location.starts_with("//");
    let origins = [OWN, ALLOWED].map(|origin| format!("{origin}/"));
    printable && (is_path || origins.iter().any(|origin| location.starts_with(origin)))
}

#[tokio::test]
async fn h8_corpus_of_return_urls_for_signed_in_users() {
    let app = app().await;
    let mut browser = app.browser().without_javascript();
    browser.sign_in(KNOWN_PHONE).await;
    for (page, _) in SIGN_IN_PAGES {
        for text in hostile() {
            let response = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(
                (response.status.as_u16(), response.location()),
                (303, "/account"),
                "{text:?}"
            );
        }
        for (text, target) in odd() {
            assert!(is_allowed(&target));
            let response = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(
                (response.status.as_u16(), response.location()),
                (303, target.as_str()),
                "{text:?}"
            );
        }
    }
}

#[tokio::test]
async fn h8_corpus_of_return_urls_in_the_url_of_a_form() {
    let app = app().await;
    let mut browser = app.browser().without_javascript();
    for (page, _) in SIGN_IN_PAGES {
        for text in hostile() {
            let response = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(response.status, 200, "{text:?}");
            assert!(
                !response.body.contains("return_to") && !response.body.contains("evil"),
                "{text:?}"
            );
        }
        for (text, _) in odd() {
            let response = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert!(response.body.contains("name=\"return_to\""), "{text:?}");
        }
    }
}

#[tokio::test]
async fn h8_corpus_of_return_urls_in_a_form_field() {
    let app = app().await;
    let mut number = 0;
    for (_, endpoint) in SIGN_IN_PAGES {
        let hostile = hostile().into_iter().map(|text| (text, None));
        let odd = odd().into_iter().map(|(text, target)| (text, Some(target)));
        for (text, target) in hostile.chain(odd) {
            number += 1;
            let phone = format!("+4474006{number:05}");
            let mut browser = app.browser();
            browser
                .post(endpoint, &[("phone", &phone), ("return_to", &text)])
                .await
                .assert_next("/code");
            assert_eq!(stored_return_url(&app, &browser).await, target, "{text:?}");
        }
    }
}

/// The return URL that is stored in a browser's flow.
async fn stored_return_url(app: &TestApp, browser: &Browser) -> Option<String> {
    let token = Token::parse(browser.cookie("latchkey-flow").unwrap()).unwrap();
    let flow = app
        .product
        .state
        .services
        .sign_in
        .deps()
        .flow_store
        .get(token.hash(), app.now())
        .await;
    flow.unwrap().unwrap().return_to
}

#[tokio::test]
async fn h8_corpus_of_return_urls_in_forwarded_headers() {
    let app = app().await;
    let browser = app.browser().with_address("192.0.2.1");
    let texts = hostile()
        .into_iter()
        .chain(odd().into_iter().map(|(text, _)| text));
    // A header holds no line break; a proxy that passes one sends two headers.
    for text in texts.filter(|text| http::HeaderValue::from_bytes(text.as_bytes()).is_ok()) {
        for (proto, host, uri) in [
            ("https", "app.example.com", text.as_str()),
            ("http", "127.0.0.1:3000", &text),
            ("https", &text, "/"),
        ] {
            let mut request = browser.request(Method::GET, "/forward-auth?redirect=true");
            for (name, value) in [
                ("x-forwarded-proto", proto),
                ("x-forwarded-host", host),
                ("x-forwarded-uri", uri),
            ] {
                request = request.header(
                    name,
                    http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
                );
            }
            let response = app
                .call(request.body(axum::body::Body::empty()).unwrap())
                .await;
            let location = response.location();
            let led = match response.status.as_u16() {
                401 => is_allowed(location) && is_allowed(&return_url(location)),
                403 => location.is_empty() && host == text,
                _ => false,
            };
            assert!(led, "{proto} {host} {uri}: {} {location}", response.status);
        }
    }
}

#[tokio::test]
async fn h8_corpus_of_return_urls_in_an_application_sign_in() {
    let app = app().await;
    let mut signed_in = app.browser().without_javascript();
    signed_in.sign_in(KNOWN_PHONE).await;
    let texts: Vec<String> = hostile()
        .into_iter()
        .chain(odd().into_iter().map(|(text, _)| text))
        .collect();
    for (number, text) in texts.iter().enumerate() {
        if number % 50 == 49 {
            // The number of tickets is limited.
            app.advance(minutes(2)).await;
        }
        let start = at(
            &app,
            "app.example.com",
            &format!("/.latchkey/start?to={}", percent(text)),
        )
        .await;
        let ticket = start
            .location()
            .strip_prefix(OWN)
            .unwrap_or_else(|| panic!("{text:?}: {}", start.location()));
        assert!(
            start.status == 303 && ticket.starts_with("/.latchkey/ticket?"),
            "{text:?}: {ticket}"
        );
        let query: Vec<_> =
            form_urlencoded::parse(ticket.split_once('?').unwrap().1.as_bytes()).collect();
        let to = query
            .iter()
            .find(|(name, _)| name == "to")
            .map_or("/", |(_, to)| to);
        assert!(to.starts_with('/') && is_allowed(to), "{text:?}: {to}");

        let enter = signed_in.get(ticket).await;
        assert!(
            enter
                .location()
                .starts_with(&format!("{ALLOWED}/.latchkey/enter?ticket=")),
            "{text:?}"
        );
        let other_browser = app.browser().without_javascript().get(ticket).await;
        assert!(
            other_browser.location().contains("/sign-in?return_to="),
            "{text:?}: {}",
            other_browser.location()
        );
        let back = return_url(other_browser.location());
        assert!(
            back.starts_with(&format!("{ALLOWED}/.latchkey/start?to=/")) && is_allowed(&back),
            "{text:?}: {back}"
        );
    }
    // An origin must equal an entry of the list exactly, not after normalisation.
    let nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    for text in texts.iter().filter(|text| *text != ALLOWED) {
        let path = format!(
            "/.latchkey/ticket?origin={}&to=/&nonce={nonce}",
            percent(text)
        );
        let response = signed_in.get(&path).await;
        assert!(
            response.status.is_client_error() && response.location().is_empty(),
            "{text:?}: {}",
            response.status
        );
    }
}

async fn at(app: &Arc<TestApp>, host: &str, path: &str) -> TestResponse {
    let mut request = app
        .browser()
        .without_javascript()
        .request(Method::GET, path)
        .body(axum::body::Body::empty())
        .unwrap();
    request
        .headers_mut()
        .insert(http::header::HOST, host.parse().unwrap());
    app.call(request).await
}

/// The return URL inside a sign-in URL.
fn return_url(location: &str) -> String {
    let query = location.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}
