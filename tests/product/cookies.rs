//! Names and attributes of cookies (requirements K1, K2, K13). They depend on the public URL, never
//! on the connection.

use crate::support::{Browser, KNOWN_PHONE, TestApp};

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
    let asked = browser.request_code(KNOWN_PHONE).await;
    assert_eq!(asked.cookies().len(), 1);
    let line = asked.cookie(flow).unwrap();
    assert_eq!(attributes(line), expected);
    assert!(
        !line.contains("Max-Age") && !line.contains("Domain"),
        "{line}"
    );

    let code = browser.app.upstream.newest_code(KNOWN_PHONE).await;
    let signed_in = browser.submit_code(&code).await;
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
async fn k1_cookie_attributes_over_http_on_loopback() {
    let app = TestApp::start_with_user().await;
    let names = ["latchkey", "latchkey-flow", "latchkey-browser"];
    journey(
        &mut app.browser(),
        names,
        &["HttpOnly", "Path=/", "SameSite=Lax"],
    )
    .await;
}

#[tokio::test]
async fn k1_cookie_attributes_over_https() {
    let app = TestApp::with_settings(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
    })
    .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let names = [
        "__Host-latchkey",
        "__Host-latchkey-flow",
        "__Host-latchkey-browser",
    ];
    journey(
        &mut app.browser(),
        names,
        &["HttpOnly", "Path=/", "SameSite=Lax", "Secure"],
    )
    .await;
}

#[tokio::test]
async fn k1_other_loopback_names_get_no_secure_cookies() {
    for url in [
        "http://auth.localhost:3000",
        "http://[::1]:3000",
        "http://127.8.8.8:3000",
    ] {
        let app = TestApp::with_settings(|settings| {
            settings.server.public_url = Some(url.parse().unwrap())
        })
        .await;
        let response = app.browser().request_code(KNOWN_PHONE).await;
        let line = response.cookie("latchkey-flow").unwrap();
        assert!(!line.contains("Secure"), "{url}: {line}");
    }
}

#[tokio::test]
async fn a_persistent_session_has_a_max_age() {
    let app = TestApp::start_with_user().await;
    let mut browser = app.browser();
    browser
        .post("send-code", &[("phone", KNOWN_PHONE), ("stay", "1")])
        .await;
    app.wait_for_sends().await;
    let response = browser
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await;
    let line = response.cookie("latchkey").unwrap();
    assert!(line.contains("Max-Age=2592000"), "{line}");
}

#[tokio::test]
async fn cookies_of_the_other_scheme_are_not_read() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let value = browser.cookies.remove("latchkey").unwrap();
    browser.cookies.insert("__Host-latchkey".to_owned(), value);
    assert!(!browser.is_signed_in().await);
}
