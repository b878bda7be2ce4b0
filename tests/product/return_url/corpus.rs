//! A corpus of open redirects through every entrance that a way back has (requirement H8).
//!
//! `hostile.json` must lead nowhere; `odd.json` looks hostile, and leads to the place beside it,
//! which is allowed.

use std::sync::Arc;

use http::Method;
use latchkey::server::crypto::opaque_token::Token;

use crate::return_url::percent;
use crate::support::{Answer, Browser, KNOWN, World, minutes};

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
        // Many from one place, at once.
        settings.sign_in.answer_after = "0s".parse().unwrap();
        settings.guard.enabled = false;
    })
    .await
}

/// Without a parser: what leads nowhere but to a path of ours, or to the allowed origin.
fn is_allowed(location: &str) -> bool {
    let printable = location
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
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
            let answer = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.location()),
                (303, "/account"),
                "{text:?}"
            );
        }
        for (text, place) in odd() {
            assert!(is_allowed(&place));
            let answer = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.location()),
                (303, place.as_str()),
                "{text:?}"
            );
        }
    }
}

#[tokio::test]
async fn h8_corpus_in_the_address_of_a_form() {
    let world = world().await;
    let mut browser = world.browser().without_script();
    for (page, _) in BEGINNINGS {
        for text in hostile() {
            let answer = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
            assert_eq!(answer.status, 200, "{text:?}");
            assert!(
                !answer.body.contains("return_to") && !answer.body.contains("evil"),
                "{text:?}"
            );
        }
        for (text, _) in odd() {
            let answer = browser
                .get(&format!("{page}?return_to={}", percent(&text)))
                .await;
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
            browser
                .post(door, &[("phone", &phone), ("return_to", &text)])
                .await
                .next("/code");
            assert_eq!(way_back(&world, &browser).await, place, "{text:?}");
        }
    }
}

/// The way back that waits in a browser's flow.
async fn way_back(world: &World, browser: &Browser) -> Option<String> {
    let token = Token::parse(browser.cookie("latchkey-flow").unwrap()).unwrap();
    let flow = world
        .product
        .site
        .sign_in
        .parts()
        .flows
        .get(token.hash(), world.now())
        .await;
    flow.unwrap().unwrap().return_to
}

#[tokio::test]
async fn h8_corpus_in_what_a_proxy_passes_on() {
    let world = world().await;
    let browser = world.browser().at("192.0.2.1");
    let texts = hostile()
        .into_iter()
        .chain(odd().into_iter().map(|(text, _)| text));
    // A header holds no line break; a proxy that lets one through sends two headers.
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
            let answer = world
                .call(request.body(axum::body::Body::empty()).unwrap())
                .await;
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

#[tokio::test]
async fn h8_corpus_on_the_way_to_an_application() {
    let world = world().await;
    let mut signed_in = world.browser().without_script();
    signed_in.sign_in(KNOWN).await;
    let texts: Vec<String> = hostile()
        .into_iter()
        .chain(odd().into_iter().map(|(text, _)| text))
        .collect();
    for (number, text) in texts.iter().enumerate() {
        if number % 50 == 49 {
            // Tickets are not given out without end.
            world.advance(minutes(2)).await;
        }
        let start = at(
            &world,
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
        let stranger = world.browser().without_script().get(ticket).await;
        assert!(
            stranger.location().contains("/sign-in?return_to="),
            "{text:?}: {}",
            stranger.location()
        );
        let back = back(stranger.location());
        assert!(
            back.starts_with(&format!("{ALLOWED}/.latchkey/start?to=/")) && is_allowed(&back),
            "{text:?}: {back}"
        );
    }
    // An origin is one of the list as it stands there, not what a parser makes of it.
    let nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    for text in texts.iter().filter(|text| *text != ALLOWED) {
        let path = format!(
            "/.latchkey/ticket?origin={}&to=/&nonce={nonce}",
            percent(text)
        );
        let answer = signed_in.get(&path).await;
        assert!(
            answer.status.is_client_error() && answer.location().is_empty(),
            "{text:?}: {}",
            answer.status
        );
    }
}

async fn at(world: &Arc<World>, host: &str, path: &str) -> Answer {
    let mut request = world
        .browser()
        .without_script()
        .request(Method::GET, path)
        .body(axum::body::Body::empty())
        .unwrap();
    request
        .headers_mut()
        .insert(http::header::HOST, host.parse().unwrap());
    world.call(request).await
}

/// The way back inside the way to sign in.
fn back(location: &str) -> String {
    let query = location.split_once('?').unwrap().1;
    form_urlencoded::parse(query.as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}
