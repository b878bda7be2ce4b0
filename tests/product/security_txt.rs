//! `/.well-known/security.txt` (RFC 9116).

use latchkey::server::settings::SecurityTxtSettings;

use crate::support::{TestApp, minutes};

const PATH: &str = "/.well-known/security.txt";
const DAY: u64 = 24 * 60;

#[tokio::test]
async fn security_txt_is_served_only_when_configured_and_until_it_expires() {
    let unconfigured = TestApp::start().await;
    assert_eq!(unconfigured.browser().get(PATH).await.status, 404);

    let expires = (unconfigured.now() + minutes(DAY)).to_rfc3339();
    let app = TestApp::with_settings(|settings| {
        settings.security_txt = SecurityTxtSettings {
            contact: vec!["mailto:security@example.com".parse().unwrap()],
            expires: Some(expires.as_str().into()),
            ..SecurityTxtSettings::default()
        };
    })
    .await;
    let file = app.browser().get(PATH).await;
    assert_eq!(
        (file.status.as_u16(), file.header("content-type")),
        (200, Some("text/plain; charset=utf-8"))
    );
    assert_eq!(
        file.body,
        format!("Contact: mailto:security@example.com\nExpires: {expires}\n")
    );
    app.advance(minutes(DAY)).await;
    let expired = app.browser().get(PATH).await;
    assert_eq!(
        (expired.status.as_u16(), expired.header("cache-control")),
        (404, Some("no-store"))
    );
}
