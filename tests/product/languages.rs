//! The language that a person chooses on a page, and what remembers it (requirement W9).

use http::Method;
use latchkey::app::Text;
use latchkey::app::i18n::LANGUAGES;

use crate::support::{KNOWN_PHONE, TestApp};

/// The form that offers the languages.
fn switcher(page: &str) -> &str {
    let (_, rest) = page.split_once("<details class=\"languages\">").unwrap();
    rest.split_once("</details>").unwrap().0
}

fn is_in(page: &str, tag: &str) -> bool {
    page.starts_with(&format!("<!DOCTYPE html><html lang=\"{tag}\""))
}

#[tokio::test]
async fn w9_every_page_offers_all_languages_by_their_own_names() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    for path in ["/sign-in", "/sign-up", "/sign-out", "/nowhere"] {
        let page = browser.get(path).await.body;
        let form = switcher(&page);
        for language in &LANGUAGES {
            let button = format!(
                "<button name=\"lang\" value=\"{tag}\" lang=\"{tag}\" dir=\"{}\"",
                language.direction(),
                tag = language.tag
            );
            assert!(form.contains(&button), "{path}: {button}\n{form}");
            assert!(
                form.contains(&format!(">{}</button>", language.name)),
                "{form}"
            );
        }
        assert_eq!(form.matches("aria-current=\"true\"").count(), 1);
        assert!(form.contains("<form>"), "it leads to the same page: {form}");
    }
    browser.sign_in(KNOWN_PHONE).await;
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains("class=\"languages\"")
    );
}

#[tokio::test]
async fn w9_a_chosen_language_is_remembered_and_counts_more_than_the_browsers() {
    let app = TestApp::start().await;
    let mut browser = app.browser().without_javascript();
    let chosen = browser
        .get("/sign-in?return_to=%2Faccount%3Fa%26b&lang=de")
        .await;
    assert!(is_in(&chosen.body, "de"), "{}", chosen.body);
    assert!(
        switcher(&chosen.body).contains("name=\"return_to\" value=\"/account?a&amp;b\""),
        "the return URL is kept: {}",
        switcher(&chosen.body)
    );
    assert_eq!(
        chosen.cookie("latchkey-lang"),
        Some("latchkey-lang=de; HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000")
    );
    // Forms, their messages and what programs of the page read are in the same language.
    let german = Text::negotiate(Some("de"));
    let later = browser.get("/sign-up").await;
    assert!(is_in(&later.body, "de") && later.cookie("latchkey-lang").is_none());
    browser.sign_in(KNOWN_PHONE).await;
    let message = app.upstream.messages(KNOWN_PHONE).await.pop().unwrap();
    let sent = message["text"].as_str().unwrap();
    assert!(sent.contains("Ihr Code für"), "{sent}");
    browser.html = false;
    let problem = browser.submit_code("123456").await.assert_no_flow();
    assert_eq!(problem["title"], german.get("refusal-no-flow"));
    browser.html = true;
    browser.post("sign-out", &[]).await;
    assert!(
        is_in(&browser.get("/sign-in").await.body, "de"),
        "also after a sign-out"
    );
    let changed = browser.get("/sign-in?lang=ar").await;
    assert!(is_in(&changed.body, "ar"), "another choice replaces it");
    assert!(is_in(&browser.get("/nowhere").await.body, "ar"));
}

#[tokio::test]
async fn w9_a_value_that_names_no_language_is_ignored() {
    let app = TestApp::start().await;
    for value in [
        "",
        "xx",
        "*",
        "de,fr",
        "zh-Hant-TW",
        "..%2Fde",
        "de%0d%0aX:1",
        "%ff",
        "%00",
    ] {
        let mut browser = app.browser().without_javascript();
        browser.language = "fr";
        let page = browser.get(&format!("/sign-in?lang={value}")).await;
        assert_eq!(page.status, 200, "{value}");
        assert!(is_in(&page.body, "fr"), "{value}");
        assert_eq!(page.cookie("latchkey-lang"), None, "{value}");
    }
    let mut browser = app.browser().without_javascript();
    let twice = browser.get("/sign-in?lang=de&lang=fr").await;
    assert!(is_in(&twice.body, "en") && twice.cookie("latchkey-lang").is_none());
    // Neither does a cookie, no matter who planted it.
    for value in ["xx", "<script>", "de; latchkey-lang=fr"] {
        browser
            .cookies
            .insert("latchkey-lang".to_owned(), value.to_owned());
        assert!(is_in(&browser.get("/sign-in").await.body, "en"), "{value}");
    }
}

/// The address of an error after a post is no page, so its form leads to the page of the form.
#[tokio::test]
async fn w9_an_error_page_leads_to_a_page_in_the_chosen_language() {
    let app = TestApp::start().await;
    let browser = app.browser().without_javascript();
    let request = browser
        .request(Method::POST, "/api/verify-code?lang=de")
        .header("origin", "https://elsewhere.example")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = app.call(request).await;
    assert_eq!(response.status, 403);
    assert!(is_in(&response.body, "de"), "{}", response.body);
    assert!(switcher(&response.body).contains("<form action=\"/code\">"));
    assert_eq!(
        response.cookie("latchkey-lang"),
        None,
        "nobody chose it on a page"
    );
}
