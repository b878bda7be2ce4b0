//! `sign_in.senders`: every path to a message asks upstream for the sender of the phone's country.

use std::sync::Arc;

use crate::support::{Browser, TestApp, seconds};

const BRITISH: &str = "+447400123456";
const AMERICAN: &str = "+12025550123";
const GERMAN: &str = "+4915123456789";

async fn app() -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        let table = "[senders]\nGB = \"Acme UK\"\nUS = \"+12025550100\"";
        settings.sign_in.senders =
            toml::from_str::<latchkey::server::settings::SignInSettings>(table)
                .unwrap()
                .senders;
        settings.sign_in.sender_id = Some("Acme".to_owned());
    })
    .await
}

async fn senders(browser: &Browser, phone: &str) -> Vec<String> {
    browser.app.wait_for_sends().await;
    let messages = browser.app.upstream.messages(phone).await;
    let sender = |message: &serde_json::Value| message["sender_id"].as_str().unwrap().to_owned();
    messages.iter().map(sender).collect()
}

#[tokio::test]
async fn first_codes_and_resends_have_the_sender_of_their_country() {
    let app = app().await;
    // One that is too long for upstream is left out: the tenant's own sender is `NOTICE`.
    for (phone, sender) in [(BRITISH, "Acme UK"), (AMERICAN, "NOTICE"), (GERMAN, "Acme")] {
        app.upstream.set_user_status(phone, "Active").await;
        let mut browser = app.browser();
        browser.start(phone).await;
        app.advance(seconds(31)).await;
        browser.resend().await;
        assert_eq!(senders(&browser, phone).await, [sender, sender], "{phone}");
    }
}

#[tokio::test]
async fn codes_of_new_users_have_the_sender_of_their_country() {
    let app = app().await;
    for (phone, sender) in [(BRITISH, "Acme UK"), (AMERICAN, "NOTICE"), (GERMAN, "Acme")] {
        let mut browser = app.browser();
        browser
            .post("sign-up", &[("phone", phone)])
            .await
            .assert_next("/code");
        assert_eq!(senders(&browser, phone).await, [sender], "{phone}");
    }
}
