//! People who sign in with another identifier than their phone number.

use std::sync::Arc;

use latchkey::domain::Identifier;
use latchkey::server::settings::Settings;
use serde_json::json;

use crate::support::{Browser, TestApp, TestResponse};

/// Every type of identifier but the phone number. The tenant defines the last one.
pub const IDENTIFIER_MODES: [&str; 4] = ["email", "username", "user_id", "employee_number"];

/// A person, as upstream knows them.
pub struct Person {
    /// What they type.
    pub identifier: String,
    /// Another spelling of it, which is the same to us and to upstream.
    pub spelling: String,
    /// What pages show of it.
    pub masked: String,
    pub phone: String,
    /// `sub`.
    pub user_id: String,
}

/// Sets the type of identifier.
pub fn use_mode(settings: &mut Settings, mode: &str) {
    settings.sign_in.identifier = mode.parse().unwrap();
}

impl Person {
    /// Creates a user who has every identifier. Two people whose numbers differ have masks of equal
    /// length.
    pub async fn create(app: &Arc<TestApp>, name: &str, phone: &str) -> Self {
        let email = format!("{name}@example.com");
        let number = format!("E-1042-{name}");
        let user = app
            .upstream
            .put_user(
                phone,
                json!({
                    "status": "Active",
                    "email": email,
                    "username": name,
                    "identifiers": { "employee_number": number },
                }),
            )
            .await;
        let user_id = user["user_id"].as_str().unwrap().to_owned();
        let kind = app.settings.sign_in.identifier;
        let identifier = match kind.as_str() {
            "email" => email,
            "username" => name.to_owned(),
            "user_id" => user_id.clone(),
            "employee_number" => number,
            "phone_number" => phone.to_owned(),
            other => panic!("nobody has a {other}"),
        };
        let typed = match kind.as_str() {
            "email" => identifier.to_uppercase(),
            _ => identifier.clone(),
        };
        Self {
            masked: Identifier::canonical(kind, identifier.clone(), None).masked(),
            spelling: format!("\u{feff} {typed}\u{200b}\n"),
            identifier,
            phone: phone.to_owned(),
            user_id,
        }
    }

    /// Requests a code in a browser, and waits until it was sent or withheld.
    pub async fn request_code(&self, browser: &mut Browser) -> TestResponse {
        request_code_as(browser, &self.identifier).await
    }

    /// Signs in.
    pub async fn sign_in(&self, browser: &mut Browser) {
        self.request_code(browser).await.assert_next("/code");
        browser.finish(&self.phone).await;
    }
}

/// Requests a code with any text.
pub async fn request_code_as(browser: &mut Browser, typed: &str) -> TestResponse {
    let response = browser.post("send-code", &[("identifier", typed)]).await;
    browser.app.wait_for_sends().await;
    response
}
