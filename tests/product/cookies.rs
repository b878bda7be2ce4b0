//! Names and attributes of the cookies (requirements K1, K2, K13); they follow the public URL,
//! never the connection.

use crate::support::{Browser, KNOWN, World};

fn attributes(line: &str) -> Vec<String> {
    let mut attributes: Vec<String> = line
        .split("; ")
        .skip(1)
        .filter(|text| !text.starts_with("Max-Age"))
        .map(str::to_owned)
        .collect();
    attributes.sort();
    attributes
}

async fn journey(browser: &mut Browser, names: [&str; 3], expected: &[&str]) {
    let [session, flow, known] = names;
    let asked = browser.ask(KNOWN).await;
    assert_eq!(asked.cookies().len(), 1);
    let line = asked.cookie(flow).unwrap();
    assert_eq!(attributes(line), expected);
    assert!(
        !line.contains("Max-Age") && !line.contains("Domain"),
        "{line}"
    );

    let code = browser.world.upstream.code(KNOWN).await;
    let signed_in = browser.verify(&code).await;
    assert_eq!(signed_in.cookies().len(), 3, "{:?}", signed_in.cookies());
    for name in [session, known] {
        let line = signed_in.cookie(name).unwrap();
        assert_eq!(attributes(line), expected);
        assert!(line.len() <= 4096, "K13");
        let value = line.split(['=', ';']).nth(1).unwrap();
        assert_eq!(value.len(), 43, "K2: 256 bits");
        assert!(!line.contains("7400"), "K2: no personal data");
    }
    assert!(
        !signed_in.cookie(session).unwrap().contains("Max-Age"),
        "ends with the browser"
    );
    assert!(signed_in.cookie(flow).unwrap().contains("Max-Age=0"));
    assert!(
        signed_in
            .cookie(known)
            .unwrap()
            .contains("Max-Age=34560000")
    );

    let signed_out = browser.post("sign-out", &[]).await;
    for name in [session, flow] {
        let line = signed_out.cookie(name).unwrap();
        assert!(line.starts_with(&format!("{name}=; ")) && line.contains("Max-Age=0"));
        assert_eq!(
            attributes(line),
            expected,
            "a cookie is only expired under the attributes it was set with"
        );
    }
    assert_eq!(signed_out.cookie(known), None, "the browser stays known");
}

#[tokio::test]
async fn k1_over_http_on_loopback() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let names = ["latchkey", "latchkey-flow", "latchkey-browser"];
    journey(
        &mut world.browser(),
        names,
        &["HttpOnly", "Path=/", "SameSite=Lax"],
    )
    .await;
}

#[tokio::test]
async fn k1_over_https() {
    let world = World::with(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
    })
    .await;
    world.upstream.user(KNOWN, "Active").await;
    let names = [
        "__Host-latchkey",
        "__Host-latchkey-flow",
        "__Host-latchkey-browser",
    ];
    journey(
        &mut world.browser(),
        names,
        &["HttpOnly", "Path=/", "SameSite=Lax", "Secure"],
    )
    .await;
}

#[tokio::test]
async fn k1_other_names_of_loopback_are_loopback() {
    for url in [
        "http://auth.localhost:3000",
        "http://[::1]:3000",
        "http://127.8.8.8:3000",
    ] {
        let world =
            World::with(|settings| settings.server.public_url = Some(url.parse().unwrap())).await;
        let answer = world.browser().ask(KNOWN).await;
        let line = answer.cookie("latchkey-flow").unwrap();
        assert!(!line.contains("Secure"), "{url}: {line}");
    }
}

#[tokio::test]
async fn staying_signed_in_outlives_the_browser() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser
        .post("send-code", &[("phone", KNOWN), ("stay", "1")])
        .await;
    world.settled().await;
    let answer = browser.verify(&world.upstream.code(KNOWN).await).await;
    let line = answer.cookie("latchkey").unwrap();
    assert!(line.contains("Max-Age=2592000"), "{line}");
}

#[tokio::test]
async fn cookies_of_the_other_scheme_are_not_read() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let value = browser.cookies.remove("latchkey").unwrap();
    browser.cookies.insert("__Host-latchkey".to_owned(), value);
    assert!(!browser.is_signed_in().await);
}
