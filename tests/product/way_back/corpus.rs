//! A corpus of open redirects through every entrance that a way back has (requirement H8).
//!
//! `hostile.json` must lead nowhere; `odd.json` looks hostile, and leads to the place beside it, which is allowed.

use std::sync::Arc;

use http::Method;
use latchkey::server::token::Token;

use super::super::support::{Browser, KNOWN, World};
use super::percent;

const OWN: &str = "http://127.0.0.1:3000";
const ALLOWED: &str = "https://app.example.com";
const BEGINNINGS: [(&str, &str); 2] = [("/sign-in", "send-code"), ("/sign-up", "sign-up")];

fn hostile() -> Vec<String> {
    let corpus: Vec<String> = serde_json::from_str(include_str!("hostile.json")).unwrap();
    assert!(corpus.len() > 200);
    corpus
}

fn odd() -> Vec<(String, String)> {
    serde_json::from_str(include_str!("odd.json")).unwrap()
}

async fn world() -> Arc<World> {
    World::with(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.origins = vec![ALLOWED.parse().unwrap()];
    })
    .await
}

/// Without a parser: what leads nowhere but to a path of ours, or to the allowed origin.
fn is_allowed(location: &str) -> bool {
    let printable = location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = location.starts_with('/') && !location.starts_with("//");
    let origins = [OWN, ALLOWED].map(|origin| format!("{origin}/"));
    printable && (is_path || origins.iter().any(|origin| location.starts_with(origin)))
}

#[tokio::test]
async fn h8_corpus_whoever_is_signed_in() {
    let world = world().await;
    let mut browser = world.browser().without_script();
    browser.sign_in(KNOWN).await;
    for (page, _) in BEGINNINGS {
        for text in hostile() {
            let answer = browser.get(&format!("{page}?return_to={}", percent(&text))).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account"), "{text:?}");
        }
        for (text, place) in odd() {
            assert!(is_allowed(&place));
            let answer = browser.get(&format!("{page}?return_to={}", percent(&text))).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, place.as_str()), "{text:?}");
        }
    }
}

#[tokio::test]
async fn h8_corpus_in_the_address_of_a_form() {
    let world = world().await;
    let mut browser = world.browser().without_script();
    for (page, _) in BEGINNINGS {
        for text in hostile() {
            let answer = browser.get(&format!("{page}?return_to={}", percent(&text))).await;
            assert_eq!(answer.status, 200, "{text:?}");
            assert!(!answer.body.contains("return_to") && !answer.body.contains("evil"), "{text:?}");
        }
        for (text, _) in odd() {
            let answer = browser.get(&format!("{page}?return_to={}", percent(&text))).await;
            assert!(answer.body.contains("name=\"return_to\""), "{text:?}");
        }
    }
}

#[tokio::test]
async fn h8_corpus_in_the_field_of_a_form() {
    let world = world().await;
    let mut number = 0;
    for (_, door) in BEGINNINGS {
        let hostile = hostile().into_iter().map(|text| (text, None));
        let odd = odd().into_iter().map(|(text, place)| (text, Some(place)));
        for (text, place) in hostile.chain(odd) {
            number += 1;
            let phone = format!("+4474006{number:05}");
            let mut browser = world.browser();
            browser.post(door, &[("phone", &phone), ("return_to", &text)]).await.next("/code");
            assert_eq!(way_back(&world, &browser).await, place, "{text:?}");
        }
    }
}

/// The way back that waits in a browser's flow.
async fn way_back(world: &World, browser: &Browser) -> Option<String> {
    let token = Token::parse(browser.cookie("latchkey-flow").unwrap()).unwrap();
    let flow = world.product.site.sign_in.parts().flows.get(token.hash(), world.now()).await;
    flow.unwrap().unwrap().return_to
}

#[tokio::test]
async fn h8_corpus_in_what_a_proxy_passes_on() {
    let world = world().await;
    let browser = world.browser().at("192.0.2.1");
    let texts = hostile().into_iter().chain(odd().into_iter().map(|(text, _)| text));
    // A header holds no line break; a proxy that lets one through sends two headers.
    for text in texts.filter(|text| http::HeaderValue::from_bytes(text.as_bytes()).is_ok()) {
        for (proto, host, uri) in
            [("https", "app.example.com", text.as_str()), ("http", "127.0.0.1:3000", &text), ("https", &text, "/")]
        {
            let mut request = browser.request(Method::GET, "/forward-auth?redirect=true");
            for (name, value) in [("x-forwarded-proto", proto), ("x-forwarded-host", host), ("x-forwarded-uri", uri)] {
                request = request.header(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let answer = world.call(request.body(axum::body::Body::empty()).unwrap()).await;
            let location = answer.location();
            let led = match answer.status.as_u16() {
                401 => is_allowed(location) && is_allowed(&back(location)),
                403 => location.is_empty() && host == text,
                _ => false,
            };
            assert!(led, "{proto} {host} {uri}: {} {location}", answer.status);
        }
    }
}

/// The way back inside the way to sign in.
fn back(location: &str) -> String {
    let query = location.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned()
}
