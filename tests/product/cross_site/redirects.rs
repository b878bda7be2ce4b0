//! No redirect leads to another site, whatever a URL, form or header contains (H8). Return URLs
//! have their own tests (`return_url`).

use crate::cross_site::*;

const EVIL: [&str; 6] = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "https://id.example.com@evil.example/",
    "https://id.example.com.evil.example/",
    "javascript:alert(1)",
];
/// Parameter names that other software uses for redirects.
const NAMES: [&str; 13] = [
    "return_to",
    "to",
    "next",
    "redirect",
    "rd",
    "url",
    "continue",
    "redirect_uri",
    "origin",
    "from",
    "ticket",
    "id",
    "code",
];
const PAGES: [&str; 13] = [
    "https://id.example.com/",
    "https://id.example.com/sign-in",
    "https://id.example.com/sign-up",
    "https://id.example.com/code",
    "https://id.example.com/account",
    "https://id.example.com/sign-out",
    "https://id.example.com/api/session",
    "https://id.example.com/forward-auth",
    "https://id.example.com/.latchkey/ticket",
    "https://app.example.net/.latchkey/start",
    "https://app.example.net/.latchkey/enter",
    "https://app.example.net/.latchkey/session",
    "https://app.example.net/.latchkey/sign-out",
];

/// Asserts that redirects lead to a path, or to one of our origins.
#[track_caller]
fn assert_no_foreign_redirect(what: &str, response: &TestResponse) {
    let next = serde_json::from_str::<serde_json::Value>(&response.body).ok();
    let next = next.and_then(|body| body["next"].as_str().map(str::to_owned));
    for to in next
        .iter()
        .map(String::as_str)
        .chain(response.header("location"))
        .chain(response.header("refresh"))
    {
        let is_path = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
        let is_ours = [OWN, APP]
            .iter()
            .any(|origin| to == *origin || to.starts_with(&format!("{origin}/")));
        assert!(is_path || is_ours, "{what} leads to {to}");
    }
}

fn query(evil: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(NAMES.map(|name| (name, evil)))
        .finish()
}

#[tokio::test]
async fn h8_no_page_redirects_to_another_site() {
    let (app, _) = app().await;
    let person = signed_in(&app).await;
    for browser in [app.browser(), person] {
        for html in [false, true] {
            for (page, evil) in PAGES
                .iter()
                .flat_map(|page| EVIL.iter().map(move |evil| (page, evil)))
            {
                let browser = Browser {
                    html,
                    address: app.next_address(),
                    ..browser.clone()
                };
                let url: Url = format!("{page}?{}", query(evil)).parse().unwrap();
                assert_no_foreign_redirect(
                    url.as_str(),
                    &app.call(request(&browser, Method::GET, &url, Body::empty()))
                        .await,
                );
                let mut led = request(&browser, Method::GET, &page.parse().unwrap(), Body::empty());
                for name in [
                    "referer",
                    "x-forwarded-host",
                    "x-original-url",
                    "x-rewrite-url",
                    "forwarded",
                ] {
                    led.headers_mut()
                        .insert(name, HeaderValue::from_static("evil.example"));
                }
                assert_no_foreign_redirect(page, &app.call(led).await);
                let mut called =
                    request(&browser, Method::GET, &page.parse().unwrap(), Body::empty());
                called
                    .headers_mut()
                    .insert(HOST, HeaderValue::from_static("evil.example"));
                assert_no_foreign_redirect(page, &app.call(called).await);
            }
        }
    }
}

#[tokio::test]
async fn h8_no_endpoint_redirects_to_another_site() {
    let (app, _) = app().await;
    let person = signed_in(&app).await;
    for (endpoint, evil) in endpoints()
        .iter()
        .flat_map(|endpoint| EVIL.iter().map(move |evil| (endpoint, evil)))
    {
        for (html, browser) in [
            (false, app.browser()),
            (true, app.browser()),
            (false, person.clone()),
            (true, person.clone()),
        ] {
            let browser = Browser {
                html,
                address: app.next_address(),
                ..browser
            };
            let url: Url = format!("{endpoint}?{}", query(evil)).parse().unwrap();
            let mut posted = own_request(&browser, Method::POST, &url, query(evil));
            posted.headers_mut().insert(
                "content-type",
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            );
            posted
                .headers_mut()
                .insert("referer", HeaderValue::from_static("https://evil.example/"));
            assert_no_foreign_redirect(url.as_str(), &app.call(posted).await);
        }
    }
}
