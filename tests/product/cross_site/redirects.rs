//! Nothing leads elsewhere, whatever stands in an address, a form or a header (H8). Ways back have
//! a corpus of their own (`way_back`).

use crate::cross_site::*;

const EVIL: [&str; 6] = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "https://id.example.com@evil.example/",
    "https://id.example.com.evil.example/",
    "javascript:alert(1)",
];
/// Names under which somewhere an address is looked for.
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

/// Where an answer leads is a path, or begins with a name of ours.
#[track_caller]
fn stays(what: &str, answer: &Answer) {
    let next = serde_json::from_str::<serde_json::Value>(&answer.body).ok();
    let next = next.and_then(|body| body["next"].as_str().map(str::to_owned));
    for to in next
        .iter()
        .map(String::as_str)
        .chain(answer.header("location"))
        .chain(answer.header("refresh"))
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
async fn h8_no_page_leads_elsewhere() {
    let (world, _) = world().await;
    let person = signed_in(&world).await;
    for browser in [world.browser(), person] {
        for html in [false, true] {
            for (page, evil) in PAGES
                .iter()
                .flat_map(|page| EVIL.iter().map(move |evil| (page, evil)))
            {
                let browser = Browser {
                    html,
                    address: world.next_address(),
                    ..browser.clone()
                };
                let url: Url = format!("{page}?{}", query(evil)).parse().unwrap();
                stays(
                    url.as_str(),
                    &world
                        .call(request(&browser, Method::GET, &url, Body::empty()))
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
                stays(page, &world.call(led).await);
                let mut called =
                    request(&browser, Method::GET, &page.parse().unwrap(), Body::empty());
                called
                    .headers_mut()
                    .insert(HOST, HeaderValue::from_static("evil.example"));
                stays(page, &world.call(called).await);
            }
        }
    }
}

#[tokio::test]
async fn h8_no_door_leads_elsewhere() {
    let (world, _) = world().await;
    let person = signed_in(&world).await;
    for (door, evil) in doors()
        .iter()
        .flat_map(|door| EVIL.iter().map(move |evil| (door, evil)))
    {
        for (html, browser) in [
            (false, world.browser()),
            (true, world.browser()),
            (false, person.clone()),
            (true, person.clone()),
        ] {
            let browser = Browser {
                html,
                address: world.next_address(),
                ..browser
            };
            let url: Url = format!("{door}?{}", query(evil)).parse().unwrap();
            let mut posted = own_request(&browser, Method::POST, &url, query(evil));
            posted.headers_mut().insert(
                "content-type",
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            );
            posted
                .headers_mut()
                .insert("referer", HeaderValue::from_static("https://evil.example/"));
            stays(url.as_str(), &world.call(posted).await);
        }
    }
}
