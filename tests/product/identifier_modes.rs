//! People who sign in with an email address, a user name, a user id or an identifier that the
//! tenant defines.
//!
//! The code goes to the phone number that upstream has. What was typed is proved by nothing, so it
//! is shown masked to this browser alone. `undisclosed` tests what nobody learns, and
//! `forward_auth::identifier_modes` what applications get.

use std::sync::Arc;

use latchkey::server::settings::{Settings, SignUpMode};

use crate::support::identifier_mode::{request_code_as, use_mode};
use crate::support::{IDENTIFIER_MODES, KNOWN_PHONE, Person, TestApp, minutes, seconds};

mod undisclosed;

async fn app_in(mode: &str) -> Arc<TestApp> {
    TestApp::with_settings(|settings| use_mode(settings, mode)).await
}

/// The form's field, up to the end of its tag.
fn field(html: &str) -> &str {
    let start = html.find("<input id=\"identifier\"");
    let field = &html[start.unwrap_or_else(|| panic!("no field: {html}"))..];
    &field[..field.find('>').unwrap()]
}

#[tokio::test]
async fn w2_the_form_asks_for_the_identifier_and_for_nothing_about_a_number() {
    for mode in IDENTIFIER_MODES {
        let app = app_in(mode).await;
        let mut browser = app.browser().without_javascript();
        let page = browser.get("/sign-in").await.body;
        let (label, heading, input_type, autocomplete) = match mode {
            "email" => (
                "Email address",
                "Enter your email address",
                "email",
                "email",
            ),
            "username" => ("Username", "Enter your username", "text", "username"),
            "user_id" => ("User ID", "Enter your user ID", "text", "username"),
            _ => ("Sign-in ID", "Sign in", "text", "username"),
        };
        assert!(
            page.contains(&format!("<label for=\"identifier\">{label}</label>")),
            "{mode}"
        );
        assert!(page.contains(&format!("<h1>{heading}</h1>")), "{mode}");
        let field = field(&page);
        for attribute in [
            format!("type=\"{input_type}\""),
            format!("inputmode=\"{input_type}\""),
            format!("autocomplete=\"{autocomplete}\""),
            "autocapitalize=\"none\"".to_owned(),
            "spellcheck=\"false\"".to_owned(),
            "required".to_owned(),
        ] {
            assert!(field.contains(&attribute), "{mode}: {attribute} in {field}");
        }
        for absent in ["<select", "name=\"phone\"", "/sign-up", "inputmode=\"tel\""] {
            assert!(!page.contains(absent), "{mode}: {absent}");
        }
        assert!(
            page.contains("to the phone number in your profile"),
            "{mode}"
        );
    }
    let named = TestApp::with_settings(|settings| {
        use_mode(settings, "employee_number");
        settings.sign_in.identifier_label = Some("Employee <number>".to_owned());
        settings.sign_in.identifier_labels =
            toml::Value::from("DE=Personalnummer").try_into().unwrap();
    });
    let named = named.await;
    for (language, label) in [
        ("en", "Employee &lt;number&gt;"),
        ("de", "Personalnummer"),
        ("fr", "Employee &lt;number&gt;"),
    ] {
        let mut browser = named.browser().without_javascript();
        let page = browser.get(&format!("/sign-in?lang={language}")).await.body;
        let label = format!("<label for=\"identifier\">{label}</label>");
        assert!(page.contains(&label), "{language}: {page}");
    }
}

#[tokio::test]
async fn a_whole_journey_shows_the_mask_and_sends_every_code_to_the_phone() {
    for mode in IDENTIFIER_MODES {
        let app = app_in(mode).await;
        let ada = Person::create(&app, "ada.lovelace", KNOWN_PHONE).await;
        let mut browser = app.browser().without_javascript();
        // The rules of numbers do not apply: neither field means anything here.
        let fields = [
            ("identifier", &*ada.spelling),
            ("country", "RU"),
            ("confirmed", "0"),
        ];
        browser
            .post("send-code", &fields)
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;
        let page = browser.get("/code").await.body;
        assert!(page.contains("on the phone of"), "{mode}");
        assert!(
            page.contains(&ada.masked) && page.contains("hidden characters"),
            "{mode}"
        );
        assert!(
            page.contains("We send the code only to the phone number saved with an account"),
            "{mode}"
        );
        assert!(page.contains("Start over"), "{mode}");
        for secret in [&ada.identifier, &ada.phone, "7400123456"] {
            assert!(!page.contains(secret), "{mode}: {secret}");
        }

        browser
            .submit_wrong_code(&ada.phone)
            .await
            .assert_redirect("/code");
        let refused = browser.get("/code").await.body;
        assert!(refused.contains("That code didn’t work"), "{mode}");
        assert!(refused.contains("aria-invalid=\"true\""), "{mode}");
        app.advance(seconds(31)).await;
        browser
            .post("resend-code", &[])
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;
        assert_eq!(app.upstream.messages(&ada.phone).await.len(), 2, "{mode}");
        app.advance(minutes(6)).await;
        let expired = browser.get("/code").await.body;
        assert!(expired.contains("Get a new one on the phone of"), "{mode}");
        assert!(
            expired.contains(&ada.masked) && !expired.contains(&ada.identifier),
            "{mode}"
        );
        browser
            .post("resend-code", &[])
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;

        let code = app.upstream.newest_code(&ada.phone).await;
        browser.submit_code(&code).await.assert_redirect("/account");
        let account = browser.get("/account").await.body;
        assert!(
            account.contains("Signed in as") && account.contains(&ada.masked),
            "{mode}"
        );
        assert!(
            !account.contains(&ada.identifier) && !account.contains("7400123456"),
            "{mode}"
        );
        let session = browser.get("/api/session").await.json();
        assert_eq!(
            session["phone"], "+44 ••• ••• 56",
            "{mode}: the verified number"
        );
        assert_eq!(session["sub"], ada.user_id.as_str(), "{mode}");
        browser
            .post("sign-out", &[])
            .await
            .assert_redirect("/sign-in");
        assert!(!browser.is_signed_in().await, "{mode}");
        assert_eq!(app.upstream.call_count("user_create").await, 0, "{mode}");
    }
}

#[tokio::test]
async fn what_is_no_identifier_is_refused_in_its_own_words() {
    for (mode, code, sentence) in [
        (
            "email",
            "invalid_email",
            "That doesn’t look like a complete email address.",
        ),
        (
            "username",
            "invalid_identifier",
            "That doesn’t look complete.",
        ),
        (
            "user_id",
            "invalid_identifier",
            "That doesn’t look complete.",
        ),
        (
            "employee_number",
            "invalid_identifier",
            "That doesn’t look complete.",
        ),
    ] {
        let app = app_in(mode).await;
        let long = format!("a b@{}", "c".repeat(240));
        for typed in ["a\u{7}b", "\u{200b}\u{3164}", &format!("{long}\u{7}{long}")] {
            let refused = request_code_as(&mut app.browser(), typed).await;
            let title = refused.assert_problem(422, code)["title"].clone();
            assert!(
                title.as_str().unwrap().starts_with(sentence),
                "{mode} {title}"
            );
        }
        let mut browser = app.browser().without_javascript();
        let typed = format!("{}\u{7}{}", "x".repeat(150), "y".repeat(99));
        let fields = [("identifier", &*typed)];
        browser
            .post("send-code", &fields)
            .await
            .assert_redirect("/sign-in");
        let page = browser.get("/sign-in").await.body;
        assert!(page.contains(sentence), "{mode}");
        let field = field(&page);
        assert!(field.contains("aria-invalid=\"true\""), "{mode}: {field}");
        assert!(
            field.contains(&"y".repeat(99)),
            "{mode}: what was typed is kept whole"
        );
        assert_eq!(app.upstream.call_count("otp_send").await, 0, "{mode}");
        browser
            .post("send-code", &[("identifier", "")])
            .await
            .assert_redirect("/sign-in");
    }
}

#[tokio::test]
async fn the_field_of_the_mode_counts_where_a_client_sends_both() {
    let app = app_in("username").await;
    let ada = Person::create(&app, "ada", KNOWN_PHONE).await;
    for fields in [
        &[("identifier", "ada"), ("phone", "+447400999999")][..],
        &[("phone", "ada")][..],
    ] {
        let mut browser = app.browser();
        browser.post("send-code", fields).await.assert_next("/code");
        app.wait_for_sends().await;
        browser.finish(&ada.phone).await;
    }
}

#[tokio::test]
async fn nobody_signs_up_where_the_identifier_is_no_phone_number() {
    for mode in IDENTIFIER_MODES {
        let app = app_in(mode).await;
        let mut browser = app.browser();
        assert_eq!(browser.get("/sign-up").await.status, 404, "{mode}");
        let fields = [("identifier", "ada@example.com"), ("phone", KNOWN_PHONE)];
        assert_eq!(browser.post("sign-up", &fields).await.status, 404, "{mode}");
        assert_eq!(app.upstream.call_count("user_create").await, 0, "{mode}");

        let mut settings = Settings::default();
        app.upstream.configure(&mut settings);
        use_mode(&mut settings, mode);
        settings.sign_up.mode = SignUpMode::Open;
        let errors = settings.validate(app.now());
        let error = errors.iter().find(|error| error.key == "sign_up.mode");
        let text = &error.unwrap_or_else(|| panic!("{mode}: {errors:?}")).text;
        assert!(
            text.contains(mode) && text.contains("set it to `closed`"),
            "{text}"
        );
    }
}
