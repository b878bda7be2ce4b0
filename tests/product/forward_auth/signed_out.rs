//! Where a person is sent who is not signed in (requirement H8).

use crate::forward_auth::{BESIDE, OTHER, PAGE, PROXY, ask, ask_for, behind, forwarded};
use crate::support::{KNOWN, minutes};

const WINDOW: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), PAGE];

#[tokio::test]
async fn the_way_to_sign_in_knows_the_way_back() {
    let world = behind(|_| {}).await;
    let browser = world.browser();
    let own = world.origin();
    for (origin, uri, location) in [
        (OTHER, "/", format!("{OTHER}/.latchkey/start?to=/")),
        (
            OTHER,
            "/orders?id=1&x=%2F",
            format!("{OTHER}/.latchkey/start?to=/orders?id=1%26x=%252F"),
        ),
        (
            BESIDE,
            "/a?b=c",
            format!("{own}/sign-in?return_to={BESIDE}/a?b=c"),
        ),
        (&own, "/app/", format!("{own}/sign-in?return_to={own}/app/")),
    ] {
        let answer = ask_for(&browser, origin, uri).await;
        let problem = answer.problem(401, "not_signed_in");
        assert_eq!(problem["title"], "You are signed out. Sign in to go on.");
        assert_eq!(answer.location(), location);
        assert_eq!(answer.cookies(), [""; 0]);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(
            crate::forward_auth::IDENTITY
                .iter()
                .all(|name| answer.header(name).is_none())
        );
    }
}

#[tokio::test]
async fn only_a_window_is_redirected_and_only_where_the_proxy_asks_for_it() {
    let world = behind(|_| {}).await;
    let browser = world.browser();
    for (path, headers, status) in [
        ("/forward-auth", &WINDOW[..], 401),
        ("/forward-auth?redirect=false", &WINDOW[..], 401),
        ("/forward-auth?redirect=true", &WINDOW[..], 302),
        ("/forward-auth?x=y&redirect=true", &WINDOW[..], 302),
        ("/forward-auth?redirect=true", &[PAGE], 302),
        (
            "/forward-auth?redirect=true",
            &[("sec-fetch-mode", "cors"), PAGE],
            401,
        ),
        (
            "/forward-auth?redirect=true",
            &[("sec-fetch-mode", "no-cors"), ("accept", "image/*")],
            401,
        ),
        (
            "/forward-auth?redirect=true",
            &[("sec-fetch-mode", "websocket")],
            401,
        ),
        (
            "/forward-auth?redirect=true",
            &[("accept", "application/json")],
            401,
        ),
    ] {
        let headers = [&forwarded(OTHER, "/x"), headers].concat();
        let answer = ask(&browser, PROXY, path, &headers).await;
        assert_eq!(answer.status, status, "{path} {headers:?}");
        assert_eq!(answer.location(), format!("{OTHER}/.latchkey/start?to=/x"));
        assert!(status == 401 || answer.body.is_empty());
    }
}

/// What was posted is lost, and its address may know no `GET`: the person comes back to the root.
#[tokio::test]
async fn what_was_no_reading_leads_back_to_the_root() {
    let world = behind(|_| {}).await;
    let browser = world.browser();
    for (method, to) in [
        ("GET", "/a"),
        ("HEAD", "/a"),
        ("POST", "/"),
        ("DELETE", "/"),
        ("nonsense", "/"),
        ("G ET", "/"),
    ] {
        let headers = [
            &forwarded(OTHER, "/a")[..],
            &[("x-forwarded-method", method)],
        ]
        .concat();
        let answer = ask(&browser, PROXY, "/forward-auth", &headers).await;
        assert_eq!(
            answer.location(),
            format!("{OTHER}/.latchkey/start?to={to}"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn h8_a_hostile_uri_leads_to_the_root() {
    let world = behind(|_| {}).await;
    let browser = world.browser();
    let long = format!("/{}", "a".repeat(10_000));
    let growing = format!("/{}", "&".repeat(2000));
    for uri in [
        "",
        "orders",
        "?a=b",
        "#x",
        "//evil.example",
        "///evil.example/x",
        "/\\evil.example",
        "\\\\evil.example",
        "/.//evil.example",
        "/x/..//evil.example",
        "/\t/evil.example",
        "/a b",
        "/é",
        "https://evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "@evil.example/",
        ".evil.example/",
        ":80@evil.example/",
        &long,
    ] {
        for (origin, root) in [
            (OTHER, format!("{OTHER}/.latchkey/start?to=/")),
            (
                BESIDE,
                format!("{}/sign-in?return_to={BESIDE}/", world.origin()),
            ),
        ] {
            assert_eq!(
                ask_for(&browser, origin, uri).await.location(),
                root,
                "{uri:?}"
            );
        }
    }
    // Not hostile, but it would be too long a way back once it is escaped.
    assert_eq!(
        ask_for(&browser, OTHER, &growing).await.location(),
        format!("{OTHER}/.latchkey/start?to=/")
    );
    for (uri, to) in [
        ("/a#b?c", "/a%23b?c"),
        ("/a,b;c", "/a,b;c"),
        ("/%2f%2fevil.example", "/%252f%252fevil.example"),
    ] {
        assert_eq!(
            ask_for(&browser, OTHER, uri).await.location(),
            format!("{OTHER}/.latchkey/start?to={to}")
        );
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_none() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let mut forged = browser.clone();
    forged.cookies.insert("latchkey".to_owned(), "A".repeat(43));
    ask_for(&forged, OTHER, "/")
        .await
        .problem(401, "not_signed_in");
    world.advance(minutes(30)).await;
    ask_for(&browser, OTHER, "/")
        .await
        .problem(401, "not_signed_in");
    let over = browser.clone();
    browser.sign_in(KNOWN).await;
    browser.post("sign-out", &[]).await.next("/sign-in");
    ask_for(&over, OTHER, "/")
        .await
        .problem(401, "not_signed_in");
}

/// The way to sign in, followed: whoever is signed in already goes straight back.
#[tokio::test]
async fn h8_whoever_is_signed_in_is_not_asked_again() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser().without_script();
    let location = ask_for(&browser, BESIDE, "/orders?id=1")
        .await
        .location()
        .to_owned();
    let path = location.strip_prefix(&world.origin()).unwrap();
    let form = browser.get(path).await;
    assert!(
        form.body
            .contains(&format!("value=\"{BESIDE}/orders?id=1\"")),
        "{}",
        form.body
    );
    browser.sign_in(KNOWN).await;
    for page in ["/sign-in", "/sign-up"] {
        let to = |back: &str| format!("{page}?return_to={back}");
        browser
            .get(path)
            .await
            .leads_to(&format!("{BESIDE}/orders?id=1"));
        browser.get(&to("/code")).await.leads_to("/code");
        browser
            .get(&to("//evil.example"))
            .await
            .leads_to("/account");
        browser
            .get(&to("https://evil.example"))
            .await
            .leads_to("/account");
        browser.get(page).await.leads_to("/account");
    }
}
