//! Cookies that a sibling host plants on the host of an application: none is adopted, and none
//! leads into endless redirects.

use http::HeaderValue;
use http::header::COOKIE;

use crate::applications::*;

async fn get_with(person: &mut SiteBrowser, url: &str, line: &[u8]) -> TestResponse {
    let mut request = person.request(http::Method::GET, url);
    let own = request.headers().get(COOKIE).map(HeaderValue::as_bytes);
    let line = [line, own.unwrap_or_default()].join(b"; ".as_slice());
    let value = HeaderValue::from_bytes(&line).unwrap();
    request.headers_mut().insert(COOKIE, value);
    let origin = url::Url::parse(url).unwrap().origin().ascii_serialization();
    person.send(&origin, request).await
}

#[tokio::test]
async fn k4_a_planted_nonce_starts_no_login() {
    let app = app_with_applications(|_| {}).await;
    let mut attacker = SiteBrowser::new(&app);
    attacker.get(&format!("{APP}/.latchkey/start?to=/")).await;
    let nonce = attacker
        .at_origin(APP)
        .cookie("latchkey-app-nonce")
        .unwrap()
        .to_owned();
    for planted in [
        format!("\u{2000}latchkey-app-nonce={nonce}"),
        format!("\u{a0}latchkey-app-nonce={nonce}"),
        format!("latchkey-app-nonce={nonce}; latchkey-app-nonce={nonce}"),
    ] {
        let mut person = SiteBrowser::new(&app);
        let url = format!("{APP}/.latchkey/start?to=/");
        let start = get_with(&mut person, &url, planted.as_bytes()).await;
        let line = start.cookie("latchkey-app-nonce").unwrap();
        assert!(!line.contains(&nonce), "{planted}: a nonce of its own");
    }
}

#[tokio::test]
async fn k1_planted_application_cookies_do_not_hide_the_session_there() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let url = format!("{APP}/.latchkey/session");
    let planted = "\u{2000}latchkey-app=junk; \u{3000}latchkey-app=junk; theme=dark";
    let response = get_with(&mut person, &url, planted.as_bytes()).await;
    assert_eq!(response.status, 200);
    let twice = get_with(&mut person, &url, b"latchkey-app=junk").await;
    twice.assert_not_signed_in();
    assert!(twice.cookies().is_empty(), "{:?}", twice.cookies());
    assert!(person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn an_application_cookie_that_comes_twice_ends_a_login_with_a_page() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let ticket = person.request_ticket(APP, "/orders").await;
    let page = get_with(&mut person, &ticket, b"latchkey-app=planted").await;
    assert_ticket_error(&page, 400, "/orders");
    assert!(page.body.contains("Please allow cookies"), "{}", page.body);
    assert!(page.cookies().is_empty(), "{:?}", page.cookies());
}
