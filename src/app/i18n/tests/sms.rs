//! The text message in every language (requirements M1 to M4).

use std::path::Path;

use crate::app::i18n::sms_encoding::sms_size;
use crate::app::i18n::*;

/// Languages whose letters GSM-7 does not have.
const UCS_2: [&str; 7] = ["ar", "is", "uk", "he", "hi", "ja", "zh-Hans"];

fn filled(text: &Text, host: Option<&str>) -> String {
    text.message(host)
        .replace("{otp}", "12345678")
        .replace("{app}", "Twenty letters long!")
}

#[test]
fn m1_the_last_line_is_host_and_code() {
    for text in Text::all() {
        let message = filled(text, Some("sign-in.example.com"));
        assert_eq!(
            message.lines().last(),
            Some("@sign-in.example.com #12345678"),
            "{}",
            text.lang()
        );
        assert_eq!(message.lines().count(), 2);
        assert!(!filled(text, None).contains(['@', '\n']));
    }
}

#[test]
fn m2_the_message_is_short_and_gsm_7_where_the_language_allows() {
    for text in Text::all() {
        let host = "identity.accounts.example-company.com";
        let message = filled(text, Some(host));
        assert!(message.contains(host), "{}", text.lang());
        assert!(
            message.chars().count() <= message::MAX_CHARS,
            "{}: {}",
            text.lang(),
            message.chars().count()
        );
        assert_eq!(
            sms_size(&message).not_gsm_7.is_some(),
            UCS_2.contains(&text.lang()),
            "{message}"
        );
        let endless = "a".repeat(200);
        assert!(filled(text, Some(&endless)).chars().count() <= message::MAX_CHARS);
    }
}

/// The documentation tells operators what a message costs in each language.
#[test]
fn m2_the_table_of_the_documentation_has_the_alphabet_and_the_segments() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/users/languages.md");
    let page = std::fs::read_to_string(page).unwrap();
    for language in &LANGUAGES {
        let message = language.text().message(Some("id.example.com"));
        let sent = message
            .replace("{otp}", "123456")
            .replace("{app}", "Latchkey");
        let size = sms_size(&sent);
        let alphabet = if size.not_gsm_7.is_some() {
            "UCS-2"
        } else {
            "GSM-7"
        };
        let row = format!(
            "| {} | `{}` | {alphabet} | {} | {} |",
            language.name,
            language.tag,
            sent.chars().count(),
            size.segments
        );
        assert!(page.contains(&row), "docs/users/languages.md lacks: {row}");
    }
}

#[test]
fn m3_digits_touch_no_letter() {
    for text in Text::all() {
        let message = filled(text, Some("example.com"));
        for (start, code) in message.match_indices("12345678") {
            let before = message[..start].chars().next_back();
            let after = message[start + code.len()..].chars().next();
            for neighbour in [before, after].into_iter().flatten() {
                assert!(!neighbour.is_alphanumeric(), "{message}");
            }
        }
        assert_eq!(message.matches("12345678").count(), 2);
    }
}

#[test]
fn m4_the_message_names_the_application_and_says_never_to_share() {
    assert!(super::text("en").message(None).contains("Never share it"));
    for text in Text::all() {
        let message = text.message(None);
        assert!(
            message.contains("{app}") && message.contains("{otp}"),
            "{message}"
        );
        // The code comes first, and a warning after it.
        let (_, warning) = message.split_once("{otp}").unwrap();
        let letters = warning.chars().filter(|c| c.is_alphabetic()).count();
        assert!(letters >= 6, "{}: {message}", text.lang());
        assert!(
            !message.contains("http") && !message.contains("www"),
            "{message}"
        );
    }
}
