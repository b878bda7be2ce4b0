//! No GET and no HEAD changes anything, and no method does that is not for it (H3, H10). What
//! SECURITY.md excepts: the ticket to an application's host, and a person's own visit, which puts
//! off the end of their session.

use crate::cross_site::*;

/// Every address that is read, with everything in it that a form would hold.
const READ: [&str; 20] = [
    "https://id.example.com/",
    "https://id.example.com/sign-in?return_to=/x&phone=%2B447400123456",
    "https://id.example.com/sign-up?phone=%2B447400123456&name=Ada",
    "https://id.example.com/code?code=123456",
    "https://id.example.com/account?id=others",
    "https://id.example.com/sign-out?confirm=1",
    "https://id.example.com/api/session",
    "https://id.example.com/forward-auth",
    "https://id.example.com/forward-auth?redirect=true",
    "https://id.example.com/.well-known/jwks.json",
    "https://id.example.com/robots.txt",
    "https://id.example.com/nowhere",
    "https://id.example.com/pkg/latchkey.css",
    "https://id.example.com/.latchkey/ticket",
    "https://id.example.com/.latchkey/sign-out",
    "https://app.example.net/.latchkey/start?to=/x",
    "https://app.example.net/.latchkey/session",
    "https://app.example.net/.latchkey/sign-out",
    "https://app.example.net/.latchkey/enter?ticket=AAAAAAAAAAAAAAAAAAAAAA",
    "https://app.example.net/sign-in",
];

/// Of these, what a visit of is noted.
const VISITED: [&str; 4] = [
    "https://id.example.com/account?id=others",
    "https://id.example.com/sign-out?confirm=1",
    "https://id.example.com/forward-auth",
    "https://id.example.com/forward-auth?redirect=true",
];

/// A page that loads it, a page that leads there by itself, an old browser that does not say; and
/// all that is written when everything is read so in one moment: a visit of the person who is
/// signed in.
const MODES: [(Option<&str>, &[&str]); 3] = [
    (Some("cors"), &[]),
    (Some("navigate"), &[]),
    (None, &["put Session"]),
];

async fn read(browser: &Browser, method: Method, url: &str, mode: Option<&str>) -> Answer {
    let mut asked = request(browser, method, &url.parse().unwrap(), Body::empty());
    if let Some(mode) = mode {
        asked
            .headers_mut()
            .insert("sec-fetch-mode", HeaderValue::from_str(mode).unwrap());
        asked
            .headers_mut()
            .insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    }
    browser.world.call(asked).await
}

/// All that was written, once so much was: a visit is noted beside its page.
async fn written(gate: &Gate, least: usize) -> Vec<String> {
    let mut written = Vec::new();
    wait_until("what is noted", async || {
        written.extend(gate.written());
        written.len() >= least
    })
    .await;
    pause(50).await;
    written.extend(gate.written());
    written
}

#[tokio::test]
async fn h3_reading_changes_nothing() {
    let (world, gate) = world().await;
    let (person, mut waiting) = (signed_in(&world).await, world.browser());
    waiting.ask("+447400777889").await.next("/code");
    world.settled().await;
    // Later than a visit is noted again.
    world.advance(minutes(2)).await;
    let before = world.upstream.calls().await;
    gate.written();
    let doors: Vec<String> = doors()
        .iter()
        .map(|url| format!("{url}?phone=%2B447400123456&code=123456&id=others"))
        .collect();
    let urls: Vec<&str> = READ
        .into_iter()
        .chain(doors.iter().map(String::as_str))
        .collect();
    for (mode, noted) in MODES {
        for browser in [&world.browser(), &waiting, &person] {
            for html in [false, true] {
                let browser = Browser {
                    html,
                    ..browser.clone()
                };
                for url in &urls {
                    for method in [Method::GET, Method::HEAD] {
                        let answer = read(&browser, method.clone(), url, mode).await;
                        assert!(
                            answer.status.as_u16() < 500,
                            "{method} {url}: {}",
                            answer.status
                        );
                        if url.contains("/api/") && !url.ends_with("/session")
                            || url.contains("extend-session")
                        {
                            assert_eq!(answer.status, 405, "{method} {url}");
                        }
                    }
                }
            }
        }
        assert_eq!(written(&gate, noted.len()).await, noted, "{mode:?}");
    }
    assert!(
        world.upstream.since(&before).await.is_empty(),
        "nothing went upstream"
    );
    assert!(person.clone().is_signed_in().await);
}

#[tokio::test]
async fn h3_a_persons_own_visit_is_noted_once_a_minute_and_nothing_else_that_they_read() {
    let (world, gate) = world().await;
    let person = Browser {
        html: true,
        ..signed_in(&world).await
    };
    world.settled().await;
    for url in READ {
        world.advance(minutes(1)).await;
        gate.written();
        for _ in 0..3 {
            read(&person, Method::GET, url, None).await;
        }
        let noted = vec!["put Session"; usize::from(VISITED.contains(&url))];
        assert_eq!(written(&gate, noted.len()).await, noted, "{url}");
    }
}

#[tokio::test]
async fn h3_a_page_of_another_site_that_loads_ours_is_no_visit() {
    let (world, gate) = world().await;
    let person = signed_in(&world).await;
    world.settled().await;
    world.advance(minutes(2)).await;
    gate.written();
    for url in READ.into_iter().filter(|url| !url.contains("/enter?")) {
        read(&person, Method::GET, url, Some("cors")).await;
        read(&person, Method::GET, url, Some("no-cors")).await;
    }
    assert_eq!(written(&gate, 0).await, [""; 0]);
}

/// What each address is there for.
const METHODS: [(&str, &[&str]); 15] = [
    ("https://id.example.com/", &["GET"]),
    ("https://id.example.com/sign-in", &["GET"]),
    ("https://id.example.com/sign-up", &["GET"]),
    ("https://id.example.com/code", &["GET"]),
    ("https://id.example.com/account", &["GET"]),
    ("https://id.example.com/sign-out", &["GET"]),
    ("https://id.example.com/api/session", &["GET"]),
    ("https://id.example.com/forward-auth", &["GET"]),
    ("https://id.example.com/.well-known/jwks.json", &["GET"]),
    ("https://id.example.com/.latchkey/ticket", &["GET"]),
    ("https://app.example.net/.latchkey/start", &["GET"]),
    ("https://app.example.net/.latchkey/enter", &["GET"]),
    ("https://app.example.net/.latchkey/session", &["GET"]),
    (
        "https://app.example.net/.latchkey/sign-out",
        &["GET", "POST"],
    ),
    (
        "https://app.example.net/.latchkey/extend-session",
        &["POST"],
    ),
];

#[tokio::test]
async fn h10_other_methods_are_405_and_say_which_there_are() {
    let (world, gate) = world().await;
    let person = signed_in(&world).await;
    world.settled().await;
    gate.written();
    let doors = doors();
    let api = doors
        .iter()
        .filter(|url| url.path().starts_with("/api/"))
        .map(|url| (url.as_str(), &["POST"][..]));
    for (url, there) in METHODS.into_iter().chain(api) {
        for name in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
        ] {
            if there.contains(&name) {
                continue;
            }
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            let answer = world
                .call(own_request(
                    &person,
                    method,
                    &url.parse().unwrap(),
                    Body::empty(),
                ))
                .await;
            assert_eq!(answer.status, 405, "{name} {url}");
            let allowed = answer
                .header("allow")
                .unwrap_or_else(|| panic!("{name} {url} does not say what is allowed"));
            let allowed: Vec<&str> = allowed
                .split(',')
                .map(str::trim)
                .filter(|name| *name != "HEAD")
                .collect();
            assert_eq!(allowed, there, "{name} {url}");
        }
    }
    assert_eq!(gate.written(), [""; 0]);
}

#[tokio::test]
async fn h10_a_file_is_read_and_nothing_else() {
    let (world, _) = world().await;
    // Debug builds serve the folder of the front end, which may not have been built.
    let file: Url = format!("{OWN}/robots.txt").parse().unwrap();
    let there = read(&world.browser(), Method::GET, file.as_str(), None)
        .await
        .status
        == 200;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = world
            .call(own_request(
                &world.browser(),
                method.clone(),
                &file,
                Body::empty(),
            ))
            .await;
        assert_eq!(answer.status, if there { 405 } else { 404 }, "{method}");
    }
}
