//! `latchkey preview`: every state in every language with the brand of the settings.

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use latchkey::app::i18n::LANGUAGES;
use latchkey::app::page_states;
use latchkey::server::http::preview;
use latchkey::server::settings::Settings;
use latchkey::server::settings::brand::{BrandOrigins, OriginBrand};

use crate::support::TestResponse;
use crate::support::browser::oneshot;

const SHOP: &str = "https://shop.example.com";

/// Settings without a tenant, a store or a key.
fn router() -> Router {
    let mut settings = Settings::default();
    settings.brand.name = "Example".to_owned();
    settings.brand.accent = "#0a6e3f".parse().ok();
    let shop = OriginBrand {
        name: Some("Corner Shop".to_owned()),
        ..OriginBrand::default()
    };
    settings.brand.origins = BrandOrigins(vec![(SHOP.parse().unwrap(), shop)]);
    preview::router(&settings).unwrap()
}

async fn call(method: Method, path: &str, accept: &str) -> TestResponse {
    let request = Request::builder().method(method).uri(path);
    let request = request
        .header("accept", accept)
        .body(Body::empty())
        .unwrap();
    TestResponse::read(
        oneshot(router(), request).await,
        std::time::Duration::default,
    )
    .await
}

async fn get(path: &str) -> TestResponse {
    call(Method::GET, path, "text/html").await
}

#[tokio::test]
async fn the_list_has_every_state_in_every_language() {
    let index = get("/").await.body;
    for (state, _) in page_states::all() {
        for language in &LANGUAGES {
            let link = format!("href=\"/states/{}/{state}\"", language.tag);
            assert!(index.contains(&link), "{link}");
        }
    }
    assert!(index.contains("Preview: Example") && index.contains("?origin=https%3A%2F%2Fshop"));
}

#[tokio::test]
async fn h4_a_page_has_the_brand_and_the_policy_of_the_server() {
    let page = get("/states/de/code").await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.starts_with("<!DOCTYPE html><html lang=\"de\""),
        "{}",
        page.body
    );
    assert!(page.body.contains(" · Example</title>") && page.body.contains("/brand/"));
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "frame-ancestors 'self'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    let shop = get("/states/en/sign-in?origin=https%3A%2F%2Fshop.example.com").await;
    assert!(shop.body.contains(">Corner Shop</a>"), "{}", shop.body);
    // A page on the host of an application has its style in it.
    let ticket = get("/states/en/ticket-error-ended").await;
    assert!(ticket.body.contains("--accent:#0a6e3f"));
    let other = get("/states/en/sign-in?lang=ar").await;
    assert_eq!(other.location(), "/states/ar/sign-in");
    for path in [
        "/states/en/none",
        "/states/xx/sign-in",
        "/states/en/sign-in?lang=xx",
        "/states/en/sign-in?lang=%0d%0a",
        "/states/en/sign-in?lang=..%2f..%2f",
        "/states/en/%0d%0a?lang=ar",
        "/states/en/none?lang=ar",
    ] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_form_leads_to_a_page_that_says_that_it_is_a_preview() {
    for path in ["/api/send-code", "/api/sign-out", "/anything"] {
        let page = call(Method::POST, path, "text/html").await;
        assert!(page.body.contains("This is a preview"), "{}", page.body);
        let json = call(Method::POST, path, "application/json").await;
        assert_eq!(json.json()["next"], "/sent");
    }
    assert!(get("/sent").await.body.contains("Nothing was sent"));
    assert!(get("/sign-up").await.body.contains("This is a preview"));
}
