use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::app::i18n::*;
use crate::domain::timestamp::Timestamp;
use crate::domain::{Refusal, RefusalCode};

/// Every catalogue, by its language.
fn catalogues() -> [(&'static str, &'static str); SOURCES.len()] {
    SOURCES.map(|(tag, _, catalogue, _)| (tag, catalogue.text))
}

/// Every message with the names of its arguments.
fn shape(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    fn variables(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else {
                continue;
            };
            match expression {
                Expression::Inline(InlineExpression::VariableReference { id }) => {
                    found.insert(id.name.to_owned());
                }
                Expression::Select {
                    selector: InlineExpression::VariableReference { id },
                    variants,
                } => {
                    found.insert(id.name.to_owned());
                    variants
                        .iter()
                        .for_each(|variant| variables(&variant.value, found));
                }
                other => panic!("unexpected {other:?}"),
            }
        }
    }
    let resource = FluentResource::try_new(source.to_owned()).expect("the catalogue parses");
    let mut messages = BTreeMap::new();
    for entry in resource.entries() {
        if let Entry::Message(message) = entry {
            let mut found = BTreeSet::new();
            variables(message.value.as_ref().expect("a value"), &mut found);
            assert!(
                messages.insert(message.id.name.to_owned(), found).is_none(),
                "{} is doubled",
                message.id.name
            );
        }
    }
    messages
}

#[test]
fn all_catalogues_have_the_same_messages_and_arguments() {
    let english = shape(catalogues()[0].1);
    assert!(english.len() > 100);
    for (lang, source) in catalogues() {
        assert_eq!(shape(source), english, "{lang}");
    }
}

#[test]
fn all_languages_name_the_same_countries() {
    let codes = |text: &Text| text.countries.keys().cloned().collect::<BTreeSet<_>>();
    for text in Text::all() {
        assert_eq!(codes(text), codes(&Text::all()[0]));
        assert!(text.countries.len() > 200);
    }
    assert_eq!(Text::all()[1].country("DE").1, "Deutschland");
}

#[test]
fn plain_messages_are_plain() {
    for (text, (_, source)) in Text::all().iter().zip(catalogues()) {
        for (id, arguments) in shape(source) {
            assert_eq!(text.plain.contains_key(&id), arguments.is_empty(), "{id}");
        }
    }
}

#[test]
fn languages_are_negotiated() {
    for (header, lang) in [
        (None, "en"),
        (Some(""), "en"),
        (Some("de"), "de"),
        (Some("de-AT,de;q=0.9,en;q=0.8"), "de"),
        (Some("en;q=0.1, fr-CA;q=0.9"), "fr"),
        (Some("ja, ar-EG;q=0.5"), "ar"),
        (Some("de;q=0, es"), "es"),
        (Some("*"), "en"),
        (Some(";;;,,,=,q=,\u{0}"), "en"),
        (Some("de;q=banana"), "de"),
        (Some("de;q=NaN, es;q=0.4"), "es"),
        (Some("es;q=99999999999999999999"), "es"),
        (Some("xx-yy-zz-11-22-33-44"), "en"),
    ] {
        assert_eq!(Text::negotiate(header).lang(), lang, "{header:?}");
    }
    assert_eq!(Text::negotiate(Some(&"ä,".repeat(10_000))).lang(), "en");
}

#[test]
fn waits_are_told_in_words_with_plurals() {
    let say = |seconds| {
        let whole = Text::all()[0].refusal(&Refusal::slow_down(seconds));
        let (why, wait) = whole.split_once(". ").unwrap();
        assert!(why.starts_with("For security"), "{whole}");
        wait.to_owned()
    };
    assert_eq!(say(1), "Please wait 1 second, then try again.");
    assert_eq!(say(45), "Please wait 45 seconds, then try again.");
    assert_eq!(say(61), "Please wait 61 seconds, then try again.");
    assert_eq!(say(91), "Please wait 2 minutes, then try again.");
    assert_eq!(say(3600), "Please wait 1 hour, then try again.");
    assert_eq!(say(3601), "Please wait 61 minutes, then try again.");
    assert_eq!(say(400_000), "Please wait 5 days, then try again.");
    let arabic = &Text::all()[4];
    assert_eq!(arabic.at_least("idle-text", "time", 120), "دقيقتين");
    assert_eq!(arabic.at_least("idle-text", "time", 300), "5 دقائق");
    assert_eq!(Text::all()[0].at_most("valid-for", "time", 119), "1 minute");
}

#[test]
fn durations_have_the_case_that_their_sentence_needs() {
    let (german, arabic) = (&Text::all()[1], &Text::all()[4]);
    let days = 3 * 24 * 3600;
    assert_eq!(german.at_least("refusal-slow-down", "time", days), "3 Tage");
    assert_eq!(
        german.at_least("refusal-unavailable", "time", days),
        "3 Tagen"
    );
    assert_eq!(german.at_least("help-limits", "cooldown", days), "3 Tagen");
    assert_eq!(german.at_least("help-limits", "lockout", days), "3 Tage");
    assert_eq!(german.at_least("resend-wait", "time", 120), "2 Minuten");
    assert_eq!(arabic.at_most("help-limits", "lifetime", 120), "دقيقتان");
    assert_eq!(arabic.at_least("help-limits", "lockout", 120), "دقيقتين");
    assert_eq!(arabic.at_least("help-limits", "lifetime", days), "3 أيام");
}

/// Every attribute that names a case names one that the units have.
#[test]
fn every_case_of_a_sentence_is_one_of_its_language() {
    for (lang, source) in catalogues() {
        let cases = source.lines().filter_map(|line| {
            let (name, case) = line.strip_prefix("    .case-")?.split_once(" = ")?;
            (!name.contains(' ')).then_some(case)
        });
        for case in cases {
            assert!(
                source.contains(&format!("    .{case} = {{")),
                "{lang}: {case}"
            );
        }
    }
}

#[test]
fn every_refusal_has_a_sentence_in_every_language() {
    use RefusalCode::*;
    for text in Text::all() {
        for code in [
            MalformedBody,
            TooLarge,
            UnsupportedMediaType,
            Malformed,
            InvalidPhone,
            InvalidEmail,
            InvalidIdentifier,
            ConfirmNumber,
            CountryNotServed,
            InvalidCodeFormat,
            CodeRefused,
            NotSignedIn,
            FlowExpired,
            NoFlow,
            StaleFlow,
            CookiesBlocked,
            CrossOrigin,
            Forbidden,
            SlowDown,
            Unavailable,
        ] {
            let sentence = text.refusal(&Refusal {
                code,
                retry_after: Some(90),
                tries_left: Some(2),
            });
            assert!(
                sentence.contains(' ') && !sentence.contains(['{', '}']),
                "{} {code:?}: {sentence}",
                text.lang()
            );
            assert!(!sentence.contains('!'), "{sentence}");
        }
    }
}

#[test]
fn dates_are_told_in_the_language() {
    let time = Timestamp::from_secs(1_774_000_000);
    let said: Vec<String> = Text::all().iter().map(|text| text.date(time)).collect();
    assert_eq!(
        said,
        [
            "20 March 2026, 09:46 UTC",
            "20. März 2026, 09:46 UTC",
            "20 mars 2026 à 09:46 UTC",
            "20 de marzo de 2026, 09:46 UTC",
            "20 مارس 2026، 09:46 UTC",
        ]
    );
}

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
        assert!(
            text.lang() == "ar" || sms_encoding::sms_size(&message).not_gsm_7.is_none(),
            "{message}"
        );
        let endless = "a".repeat(200);
        assert!(filled(text, Some(&endless)).chars().count() <= message::MAX_CHARS);
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
    for (text, never) in Text::all().iter().zip([
        "Never share",
        "niemals weiter",
        "Ne le partagez jamais",
        "No la comparta",
        "لا تشاركه",
    ]) {
        let message = text.message(None);
        assert!(
            message.contains(never) && message.contains("{app}") && message.contains("{otp}"),
            "{message}"
        );
    }
}
