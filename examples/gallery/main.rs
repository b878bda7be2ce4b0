//! Serves every state of every page in every language on loopback, to look at: `cargo leptos build
//! --release --frontend-only -P && cargo run --example gallery --features ssr`.
//!
//! It uses the real content security policy and the built assets. Forms get the responses of a
//! server: `fetch` gets a problem document, so that errors appear on the page.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use latchkey::app::view::View;
use latchkey::app::{self, Text};
use latchkey::domain::{Refusal, RefusalCode};
use tower_http::services::ServeDir;

/// Fixed, because the gallery holds no secrets.
const NONCE: &str = "gallery";
const SITE: &str = "target/site";

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(index))
        .route("/state/{lang}/{name}", get(page))
        .route("/api/{name}", post(respond))
        .fallback_service(ServeDir::new(SITE));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4300".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, router).await
}

async fn index() -> Response {
    let mut html = String::from("<!DOCTYPE html><title>Gallery</title><h1>Gallery</h1><ul>");
    for (name, _) in latchkey_testkit::page_states::all() {
        html.push_str(&format!("<li>{name}:"));
        for text in Text::all() {
            html.push_str(&format!(
                " <a href=\"/state/{lang}/{name}\">{lang}</a>",
                lang = text.lang()
            ));
        }
    }
    Html(html).into_response()
}

async fn page(Path((lang, name)): Path<(String, String)>) -> Response {
    let state = latchkey_testkit::page_states::all()
        .into_iter()
        .find(|(state, _)| *state == name);
    let view = state.map_or(View::NotFound, |(_, view)| view);
    let mut frame = latchkey_testkit::page_states::frame(NONCE);
    std::sync::Arc::make_mut(&mut frame.assets).snippets = snippets();
    if matches!(view, View::TicketError { .. }) {
        frame.base_url = Some("https://id.example.com".into());
    }
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{NONCE}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{NONCE}'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    let html = app::render(&frame, Text::negotiate(Some(&lang)), &view);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

async fn respond(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let accepts_html = headers.get(ACCEPT).is_some_and(|accept| {
        accept
            .to_str()
            .is_ok_and(|accept| accept.contains("text/html"))
    });
    if accepts_html {
        return (StatusCode::SEE_OTHER, [(LOCATION, "/")]).into_response();
    }
    let refusal = match name.as_str() {
        "verify-code" => Refusal {
            tries_left: Some(2),
            ..Refusal::new(RefusalCode::CodeRefused)
        },
        "resend-code" => Refusal::slow_down(5),
        "send-code" | "sign-up" => Refusal::new(RefusalCode::InvalidPhone),
        _ => return ([(CONTENT_TYPE, "application/json")], r#"{"next":"/"}"#).into_response(),
    };
    let title = Text::negotiate(None).refusal(&refusal);
    let problem = serde_json::json!({
        "code": refusal.code.as_str(),
        "title": title,
        "status": refusal.code.status(),
        "retry_after": refusal.retry_after,
        "tries_left": refusal.tries_left,
    });
    let status = StatusCode::from_u16(refusal.code.status()).unwrap_or_default();
    (
        status,
        [(CONTENT_TYPE, "application/problem+json")],
        problem.to_string(),
    )
        .into_response()
}

/// The built JavaScript modules that the generated code imports.
fn snippets() -> Vec<String> {
    let Ok(folders) = std::fs::read_dir(format!("{SITE}/pkg/snippets")) else {
        return Vec::new();
    };
    let files = folders
        .flatten()
        .filter_map(|folder| std::fs::read_dir(folder.path()).ok())
        .flatten()
        .flatten();
    let scripts = files.filter(|file| {
        file.path()
            .extension()
            .is_some_and(|extension| extension == "js")
    });
    scripts
        .filter_map(|file| {
            Some(format!(
                "/{}",
                file.path().strip_prefix(SITE).ok()?.display()
            ))
        })
        .collect()
}
