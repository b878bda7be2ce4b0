//! Sentences with durations, times and refusals.

use strum::VariantArray;

use crate::app::i18n::tests::text;
use crate::app::i18n::*;
use crate::domain::time_unit::{PLACEHOLDER, sentence_with};
use crate::domain::timestamp::Timestamp;
use crate::domain::{LimitReason, Refusal, RefusalCode};

#[test]
fn settings_know_the_languages_of_the_catalogues() {
    let catalogues: Vec<_> = LANGUAGES.iter().map(|language| language.tag).collect();
    assert_eq!(catalogues, crate::domain::LANGUAGE_TAGS);
}

#[test]
fn languages_are_negotiated() {
    for (header, lang) in [
        (None, "en"),
        (Some(""), "en"),
        (Some("de"), "de"),
        (Some("de-AT,de;q=0.9,en;q=0.8"), "de"),
        (Some("en;q=0.1, fr-CA;q=0.9"), "fr"),
        (Some("xx, ar-EG;q=0.5"), "ar"),
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
    for language in &LANGUAGES {
        assert_eq!(Text::negotiate(Some(language.tag)).lang(), language.tag);
    }
}

#[test]
fn waits_are_told_in_words_with_plurals() {
    let say = |seconds| {
        let whole = text("en").refusal(&Refusal::slow_down(seconds));
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
    let arabic = text("ar");
    assert_eq!(arabic.at_least("idle-text", "time", 120), "دقيقتين");
    assert_eq!(arabic.at_least("idle-text", "time", 300), "5 دقائق");
    assert_eq!(
        text("en").at_most("help-limits", "lifetime", 119),
        "1 minute"
    );
}

#[test]
fn durations_have_the_case_that_their_sentence_needs() {
    let (german, arabic) = (text("de"), text("ar"));
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

/// Scripts take a duration from the forms that the server lists.
#[test]
fn the_sentence_of_a_script_is_the_sentence_of_the_server() {
    for text in Text::all() {
        for id in ["resend-wait", "blocked-lead", "idle-text"] {
            let template = text.format(id, &[("time", PLACEHOLDER.to_string().into())]);
            let forms = text.wait_forms(id, "time");
            let times = (1..200).chain((1..200).map(|count| count * 60));
            for seconds in times.chain((1..100).map(|count| count * 3600)) {
                let time = text.at_least(id, "time", seconds);
                let whole = text.format(id, &[("time", time.into())]);
                let scripted = sentence_with(&template, &forms, seconds);
                assert_eq!(scripted, Some(whole), "{} {seconds}", text.lang());
            }
        }
    }
}

#[test]
fn the_reason_of_a_limit_is_told_with_the_wait_in_every_language() {
    use LimitReason::*;
    for text in Text::all() {
        let plain = text.refusal(&Refusal::slow_down(90));
        let mut told: Vec<String> = [Network, Country, Service, Resend, Repeated]
            .map(|reason| text.refusal(&Refusal::slow_down(90).because(reason)))
            .into();
        let wait = text.at_least("slow-down-wait", "time", 90);
        for sentence in &told {
            assert!(sentence.contains(&wait), "{}: {sentence}", text.lang());
            assert_ne!(*sentence, plain);
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 5, "{}", text.lang());
    }
    assert_eq!(
        text("en").refusal(&Refusal::slow_down(3600).because(Country)),
        "Many codes have gone to this country or region. Please wait 1 hour, then try again."
    );
}

#[test]
fn every_refusal_has_a_sentence_in_every_language() {
    for text in Text::all() {
        for &code in RefusalCode::VARIANTS {
            let sentence = text.refusal(&Refusal {
                code,
                retry_after: Some(90),
                tries_left: Some(2),
                reason: None,
            });
            assert!(
                sentence.chars().count() > 5 && !sentence.contains(['{', '}']),
                "{} {code:?}: {sentence}",
                text.lang()
            );
        }
    }
}

#[test]
fn dates_are_told_in_the_language() {
    let time = Timestamp::from_secs(1_774_000_000);
    for (tag, expected) in [
        ("en", "20 March 2026, 09:46 UTC"),
        ("de", "20. März 2026, 09:46 UTC"),
        ("fr", "20 mars 2026 à 09:46 UTC"),
        ("es", "20 de marzo de 2026, 09:46 UTC"),
        ("ar", "20 مارس 2026، 09:46 UTC"),
    ] {
        assert_eq!(text(tag).date(time), expected, "{tag}");
    }
    for (tag, part) in [
        ("pl", "20 marca 2026"),
        ("uk", "20 березня 2026"),
        ("fi", "20. maaliskuuta 2026"),
        ("ja", "2026年3月20日"),
        ("zh-Hans", "2026年3月20日"),
        ("pt-BR", "20 de março de 2026"),
    ] {
        let date = text(tag).date(time);
        assert!(date.contains(part), "{tag}: {date}");
    }
    for text in Text::all() {
        let date = text.date(time);
        assert!(date.contains("2026") && date.contains("09:46"), "{date}");
    }
}
