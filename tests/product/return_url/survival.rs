//! The return URL survives every way through the forms, and keeps every character (requirement H8).

use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderValue, Method};
use percent_encoding::percent_decode_str;

use crate::return_url::{allowing, percent};
use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes};

const APP: &str = "https://app.example.com";
const TARGET: &str = "https://app.example.com/orders?id=1&q=a%20b%5Cc+d%2B#top";
const OTHER_PHONE: &str = "+447400654321";

async fn app() -> Arc<TestApp> {
    let app = allowing(&[APP]).await;
    app.upstream.set_user_status(OTHER_PHONE, "Active").await;
    app
}

/// The value of a hidden field, as a browser submits it.
fn hidden_field(body: &str) -> Option<String> {
    let (_, value) = body.split_once("name=\"return_to\" value=\"")?;
    let value = value.split('"').next().unwrap();
    let characters = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    let decode = |text: String, (entity, c): (&str, &str)| text.replace(entity, c);
    Some(characters.into_iter().fold(value.to_owned(), decode))
}

/// Fills in the form of a page as a browser does, and submits it.
async fn submit_form(browser: &mut Browser, page: &str, phone: &str) -> Option<String> {
    let field = hidden_field(&browser.get(page).await.body);
    let mut fields = vec![("phone", phone)];
    fields.extend(field.as_deref().map(|to| ("return_to", to)));
    let endpoint = if page.starts_with("/sign-up") {
        "sign-up"
    } else {
        "send-code"
    };
    browser.post(endpoint, &fields).await;
    browser.app.wait_for_sends().await;
    field
}

/// Verifies the code and asserts where the browser then goes.
async fn assert_success_leads_to(browser: &mut Browser, phone: &str, target: &str) {
    let code = browser.app.upstream.newest_code(phone).await;
    let response = browser.submit_code(&code).await;
    let next = match browser.html {
        true => response.location().to_owned(),
        false => response.json()["next"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    };
    assert_eq!(next, target, "{}", response.body);
    assert_eq!(browser.cookie("latchkey-return"), None, "it was used");
}

fn sign_in_page() -> String {
    format!("/sign-in?return_to={}", percent(TARGET))
}

/// A browser with and one without JavaScript, each with an app of its own.
async fn both_browsers() -> [Browser; 2] {
    let (first, second) = (app().await, app().await);
    [first.browser(), second.browser().without_javascript()]
}

#[tokio::test]
async fn h8_another_number_keeps_the_return_url() {
    for mut browser in both_browsers().await {
        submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
        let field = submit_form(&mut browser, "/sign-in", OTHER_PHONE).await;
        assert_eq!(field.as_deref(), Some(TARGET));
        assert_success_leads_to(&mut browser, OTHER_PHONE, TARGET).await;
    }
}

#[tokio::test]
async fn h8_another_number_without_the_field_keeps_the_return_url() {
    for mut browser in both_browsers().await {
        submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
        browser.request_code(OTHER_PHONE).await;
        assert_success_leads_to(&mut browser, OTHER_PHONE, TARGET).await;
    }
}

#[tokio::test]
async fn h8_the_same_number_without_a_return_url_keeps_it() {
    for cookies_are_kept in [true, false] {
        for mut browser in both_browsers().await {
            submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
            if !cookies_are_kept {
                browser.cookies.remove("latchkey-return");
            }
            // Within the cool-down, and after it.
            browser.request_code(KNOWN_PHONE).await;
            browser.app.advance(minutes(2)).await;
            browser.request_code(KNOWN_PHONE).await;
            assert_success_leads_to(&mut browser, KNOWN_PHONE, TARGET).await;
        }
    }
}

#[tokio::test]
async fn h8_an_expired_flow_keeps_the_return_url() {
    for mut browser in both_browsers().await {
        submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
        browser.app.advance(minutes(600)).await;
        let expired = browser.submit_code("123456").await;
        if browser.html {
            expired.assert_redirect("/sign-in");
        } else {
            expired.assert_no_flow();
        }
        browser.get("/code").await.assert_redirect("/sign-in");
        let field = submit_form(&mut browser, "/sign-in", KNOWN_PHONE).await;
        assert_eq!(field.as_deref(), Some(TARGET));
        assert_success_leads_to(&mut browser, KNOWN_PHONE, TARGET).await;
    }
}

#[tokio::test]
async fn h8_a_return_url_is_forgotten_after_a_day() {
    let mut browser = app().await.browser().without_javascript();
    submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
    browser.app.advance(minutes(25 * 60)).await;
    assert_eq!(hidden_field(&browser.get("/sign-in").await.body), None);
}

#[tokio::test]
async fn h8_sign_up_keeps_the_return_url() {
    for mut browser in both_browsers().await {
        let page = browser.get(&sign_in_page()).await.body;
        let (_, link) = page.split_once("href=\"/sign-up?").unwrap();
        let link = link.split('"').next().unwrap().replace("&amp;", "&");
        let phone = "+447400222333";
        let field = submit_form(&mut browser, &format!("/sign-up?{link}"), phone).await;
        assert_eq!(field.as_deref(), Some(TARGET));
        // "Use another number" leads back to the form for a new account.
        let field = submit_form(&mut browser, "/sign-up", phone).await;
        assert_eq!(field.as_deref(), Some(TARGET));
        assert_success_leads_to(&mut browser, phone, TARGET).await;
    }
}

#[tokio::test]
async fn h8_a_refused_form_keeps_the_return_url() {
    let long = format!("{APP}/{}?q={}", "a".repeat(1000), "b".repeat(1000));
    let app = app().await;
    for (page, endpoint) in [("/sign-in", "send-code"), ("/sign-up", "sign-up")] {
        for target in [TARGET, &long] {
            for fields in [
                vec![("phone", "12")],
                vec![("phone", "+882999999999")],
                vec![("phone", "")],
                vec![],
            ] {
                let mut browser = app.browser().without_javascript();
                let mut fields = fields;
                fields.push(("return_to", target));
                browser.post(endpoint, &fields).await.assert_redirect(page);
                for _ in ["shown", "reloaded"] {
                    let body = browser.get(page).await.body;
                    assert_eq!(hidden_field(&body).as_deref(), Some(target), "{fields:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn h8_a_form_that_cannot_be_read_keeps_the_return_url() {
    let app = app().await;
    for (media_type, body) in [
        ("application/json", "{}".to_owned()),
        ("application/x-www-form-urlencoded", "phone=%FF".to_owned()),
        ("application/x-www-form-urlencoded", "a".repeat(10_000)),
        (
            "application/x-www-form-urlencoded",
            "phone=1&phone=2".to_owned(),
        ),
    ] {
        let mut browser = app.browser().without_javascript();
        browser.get(&sign_in_page()).await;
        let request = browser
            .request(Method::POST, "/api/send-code")
            .header(ORIGIN, app.origin())
            .header(CONTENT_TYPE, media_type)
            .body(Body::from(body.clone()))
            .unwrap();
        let response = browser.send(request).await;
        assert!(response.status != 200, "{body}: {}", response.status);
        let page = browser.get("/sign-in").await;
        assert_eq!(hidden_field(&page.body).as_deref(), Some(TARGET), "{body}");
    }
}

#[tokio::test]
async fn h8_the_latest_request_that_names_a_return_url_counts() {
    let mut browser = app().await.browser().without_javascript();
    submit_form(&mut browser, &sign_in_page(), KNOWN_PHONE).await;
    // Another tab asks for another page, and this one repeats its form.
    browser.get("/sign-in?return_to=/other").await;
    browser
        .post(
            "send-code",
            &[("phone", KNOWN_PHONE), ("return_to", TARGET)],
        )
        .await;
    let shown = browser.get("/sign-in").await;
    assert_eq!(hidden_field(&shown.body).as_deref(), Some(TARGET));
    // One that is refused leads to the account.
    let shown = browser.get("/sign-in?return_to=//evil.example").await;
    assert_eq!(hidden_field(&shown.body), None);
    let shown = browser.get("/sign-in").await;
    assert_eq!(hidden_field(&shown.body), None);
    assert_success_leads_to(&mut browser, KNOWN_PHONE, TARGET).await;
}

#[tokio::test]
async fn h8_the_cookie_of_the_return_url_cannot_be_read_or_forged() {
    let app = app().await;
    let mut browser = app.browser().without_javascript();
    browser.get("/sign-in?return_to=/private-page").await;
    let cookie = browser.cookie("latchkey-return").unwrap().to_owned();
    assert!(!cookie.contains("private"));
    for forged in [
        "/planted",
        "https://evil.example",
        "",
        &cookie[1..],
        &"A".repeat(3000),
    ] {
        browser
            .cookies
            .insert("latchkey-return".to_owned(), forged.to_owned());
        let page = browser.get("/sign-in").await;
        assert_eq!(
            (page.status.as_u16(), hidden_field(&page.body)),
            (200, None),
            "{forged}"
        );
    }
    let longest = format!("/{}", "a".repeat(2047));
    let page = browser.get(&format!("/sign-in?return_to={longest}")).await;
    assert!(page.cookie("latchkey-return").unwrap().len() <= 4096, "K13");
}

/// The query of a URL without percent-encoding.
fn bytes_after(url: &str, start: &str) -> Vec<u8> {
    let rest = url
        .strip_prefix(start)
        .unwrap_or_else(|| panic!("{url}: {start}"));
    percent_decode_str(rest).collect()
}

/// The parameter of a URL's query, as a browser or a server decodes it.
fn parameter(url: &str, name: &str) -> String {
    let (_, query) = url.split_once('?').unwrap();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// Signs in through `/forward-auth` after a request for this path, and returns the URL at the end.
async fn sign_in_behind_a_proxy(app: &Arc<TestApp>, phone: &str, path: &[u8]) -> String {
    let proxy = app.browser().with_address("192.0.2.1");
    let request = proxy
        .request(Method::GET, "/forward-auth")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "app.example.com")
        .header("x-forwarded-uri", HeaderValue::from_bytes(path).unwrap())
        .body(Body::empty())
        .unwrap();
    let refused = app.call(request).await;
    assert_eq!(refused.status, 401);
    let mut browser = app.browser().without_javascript();
    let start = refused.location().to_owned();
    let to = parameter(&start, "to");
    let back = format!("{APP}/.latchkey/start?to={}", percent(&to));
    submit_form(
        &mut browser,
        &format!("/sign-in?return_to={}", percent(&back)),
        phone,
    )
    .await;
    let code = app.upstream.newest_code(phone).await;
    let end = browser.submit_code(&code).await.location().to_owned();
    format!("{APP}{}", parameter(&end, "to"))
}

#[tokio::test]
async fn h8_every_byte_that_a_browser_may_send_is_kept_behind_a_proxy() {
    let app = TestApp::with_settings(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.origins = vec![APP.parse().unwrap()];
        settings.guard.enabled = false;
        settings.sign_in.answer_after = "0s".parse().unwrap();
    })
    .await;
    let windows_path = br"/s?q=C:\temp".to_vec();
    let all = (0x21..=0x7e).chain(0x80..=0xff).collect::<Vec<u8>>();
    let query = [b"/s?q=".as_slice(), &all, b"&r=%00%0a%2F%zz+"].concat();
    let path = [b"/a".as_slice(), &all[13..], b"/%2F%5c"].concat();
    for (number, path) in [windows_path, query, path].into_iter().enumerate() {
        let phone = format!("+4474008000{number:02}");
        app.upstream.set_user_status(&phone, "Active").await;
        let url = sign_in_behind_a_proxy(&app, &phone, &path).await;
        let kept = bytes_after(&url, APP);
        let sent: Vec<u8> = percent_encoding::percent_decode(&path).collect();
        assert_eq!(kept, sent, "{url}");
    }
}
