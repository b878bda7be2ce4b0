//! What people type, paste and prefer is read in every form: digits of all scripts, invisible
//! characters, whole messages, and languages (requirements W1, M7).

use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, selected_country};

/// The code in digits of another script.
fn in_script(code: &str, zero: char) -> String {
    let digit = |c: char| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap()).unwrap();
    code.chars().map(digit).collect()
}

#[tokio::test]
async fn w1_a_phone_number_is_read_in_every_spelling() {
    let app = TestApp::start_with_user().await;
    for (phone, country) in [
        ("tel:+44-7400-123456", ""),
        ("\u{202a}+44\u{a0}7400\u{200b}123456\u{202c}", "US"),
        ("“+44 (7400) 123\u{2212}456”,", ""),
        ("［＋４４］７４００　１２３４５６", ""),
        ("๐๗๔๐๐ ๑๒๓๔๕๖", "GB"),
        ("०७४००१२३४५६", "GB"),
    ] {
        // New counters: the cool-down of the number would withhold the send.
        app.advance(minutes(61)).await;
        let before = app.upstream.messages(KNOWN_PHONE).await.len();
        let fields = [("phone", phone), ("country", country)];
        let response = app.browser().post("send-code", &fields).await;
        response.assert_next("/code");
        app.wait_for_sends().await;
        let sent = app.upstream.messages(KNOWN_PHONE).await.len() - before;
        assert_eq!(sent, 1, "{phone:?}");
    }
}

#[tokio::test]
async fn w1_m7_a_code_is_read_in_every_spelling_and_from_a_pasted_message() {
    for spelling in 0..9 {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        let (head, tail) = code.split_at(3);
        let typed = match spelling {
            0 => format!("\u{feff}{head}\u{200b}{tail}\u{2069}"),
            1 => format!("{head}\u{2212}{tail},"),
            2 => in_script(&code, '๐'),
            3 => format!("「{}」", in_script(&code, '\u{1d7d8}')),
            4 => format!("Latchkey code {code}"),
            5 => format!("09:41 {code}"),
            6 => format!("[01.12.2026 12:34] {code}"),
            7 => format!("Code {code} for order #98765 at 10:00"),
            _ => format!("Your Latchkey code is {code}. Never share it.\r\n@id.example #{code}"),
        };
        let mut form = Browser {
            html: true,
            ..browser.clone()
        };
        // The field must not cut what the server would read.
        let page = form.get("/code").await.body;
        assert!(
            !page.contains("pattern=") && !page.contains("maxlength="),
            "{page}"
        );
        browser.submit_code(&typed).await.assert_next("/account");
    }
}

#[tokio::test]
async fn w1_a_text_with_two_numbers_of_the_length_is_refused_and_counts_no_attempt() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    for typed in [
        format!("Your Latchkey code is {code}. Ticket #000000"),
        format!("Code {code} for order #000000 at 10:00"),
        format!("{code} or 000000"),
        format!("{code}00"),
    ] {
        let response = browser.submit_code(&typed).await;
        response.assert_problem(422, "invalid_code_format");
    }
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 0);
}

#[tokio::test]
async fn a_form_without_a_number_comes_back_with_its_other_fields() {
    let app = TestApp::start().await;
    let mut form = app.browser().without_javascript();
    let fields = [
        ("phone", ""),
        ("country", "DE"),
        ("name", "Ada"),
        ("stay", "1"),
    ];
    form.post("sign-up", &fields)
        .await
        .assert_redirect("/sign-up");
    let page = form.get("/sign-up").await.body;
    assert_eq!(selected_country(&page), "DE");
    assert!(page.contains("value=\"Ada\""), "{page}");
    let stay = page.split("id=\"stay\"").nth(1).unwrap();
    let stay = stay.split('>').next().unwrap();
    assert!(stay.contains(" checked"), "{stay}");
}

#[tokio::test]
async fn a_name_of_invisible_characters_is_no_name() {
    let app = TestApp::start().await;
    let phone = "+447400777888";
    let fields = [("phone", phone), ("name", " \u{200b}\u{3164}\u{2800} ")];
    let mut browser = app.browser();
    browser.post("sign-up", &fields).await.assert_next("/code");
    app.wait_for_sends().await;
    browser.finish(phone).await;
    app.product.close().await;
    assert_eq!(app.upstream.call_count("user_update").await, 0);
}

#[tokio::test]
async fn language_and_country_follow_accept_language_by_quality_and_order() {
    let app = TestApp::start().await;
    for (header, lang, country) in [
        ("de,en-US;q=0.7", "de", "DE"),
        ("en-US;q=0.7,de", "de", "DE"),
        ("FR-fr;q=0.4, en-GB;q=0.8", "en", "GB"),
        ("de;q=0, fr;q=0.1", "fr", "FR"),
        ("en_US@posix", "en", "US"),
    ] {
        let mut browser = Browser {
            language: header,
            ..app.browser().without_javascript()
        };
        let page = browser.get("/sign-in").await.body;
        assert!(page.contains(&format!("<html lang=\"{lang}\"")), "{header}");
        assert_eq!(selected_country(&page), country, "{header}");
    }
}
