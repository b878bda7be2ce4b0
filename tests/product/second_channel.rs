//! Codes by e-mail as the second channel (`sign_in.fallback`).
//!
//! - `offer`: where and when it is offered; `equality`: the same for everybody
//! - `codes`: which code is valid, its length and lifetime, the shared attempts
//! - `budgets`: what e-mails are charged to; `methods`: what applications learn of it

use std::sync::Arc;

use latchkey::server::settings::{Fallback, Settings};

use crate::support::{Browser, KNOWN_PHONE, TestApp, seconds};

mod budgets;
mod codes;
mod equality;
mod methods;
mod offer;

const EMAIL: &str = "ann@example.org";
const BY_EMAIL: [(&str, &str); 1] = [("channel", "email")];
/// The first wait of a flow.
const FIRST_WAIT: u64 = 30;

/// An app with the second channel, which knows the tenant's policy.
async fn app_with(change: impl FnOnce(&mut Settings)) -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| {
        settings.sign_in.fallback = Fallback::Email;
        change(settings);
    })
    .await;
    app.product.tenant_policy.refresh().await;
    app
}

async fn app() -> Arc<TestApp> {
    app_with(|_| {}).await
}

/// A browser that has requested a code by SMS, whose first wait is over. The user has an address.
async fn waiting(app: &Arc<TestApp>) -> Browser {
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.upstream.set_email(KNOWN_PHONE, EMAIL).await;
    let mut browser = app.browser();
    browser.start(KNOWN_PHONE).await;
    app.advance(seconds(FIRST_WAIT)).await;
    browser
}

/// Requests the code by e-mail, and waits until it was sent or withheld.
async fn request_email(browser: &mut Browser) {
    browser
        .post("resend-code", &BY_EMAIL)
        .await
        .assert_next("/code");
    browser.app.wait_for_sends().await;
}

async fn newest_email(app: &TestApp) -> String {
    app.upstream.newest_code(EMAIL).await
}
