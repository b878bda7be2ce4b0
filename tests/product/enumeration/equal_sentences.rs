//! No sentence says whether an account exists (E4), in every language, at every step.

use crate::enumeration::*;

/// The sentence about a refused code.
const CODE_REFUSED: [(&str, &str); 5] = [
    (
        "en",
        "This code did not work. Check it, or ask for a new one.",
    ),
    (
        "de",
        "Dieser Code hat nicht funktioniert. Prüfen Sie ihn, oder fordern Sie einen neuen an.",
    ),
    (
        "fr",
        "Ce code n’a pas fonctionné. Vérifiez-le, ou demandez-en un nouveau.",
    ),
    (
        "es",
        "Este código no ha funcionado. Compruébelo o pida uno nuevo.",
    ),
    ("ar", "لم ينجح هذا الرمز. تحقق منه أو اطلب رمزًا جديدًا."),
];

/// Word beginnings that would disclose an account, in each language.
const TELLING: [&str; 29] = [
    "account",
    "user",
    "exist",
    "regist",
    "unknown",
    "known",
    "found",
    "lock",
    "disab",
    "inactiv",
    "block",
    "konto",
    "nutzer",
    "unbekannt",
    "gesperrt",
    "vorhanden",
    "compte",
    "utilisateur",
    "inconnu",
    "bloqu",
    "inscri",
    "cuenta",
    "usuario",
    "desconocid",
    "bloquead",
    "حساب",
    "مستخدم",
    "مسجل",
    "محظور",
];

#[track_caller]
fn says_nothing(what: &str, sentence: &str) {
    let lower = sentence.to_lowercase();
    for word in TELLING {
        assert!(!lower.contains(word), "{what} says `{word}`: {sentence}");
    }
}

#[tokio::test]
async fn e4_the_sentence_of_a_refused_code_is_the_same_for_every_number_in_every_language() {
    let app = app().await;
    exhaust_limits(&app).await;
    for (language, sentence) in CODE_REFUSED {
        let mut requests = Vec::new();
        for state in AccountState::ALL {
            let mut browser = Browser {
                language,
                ..app.browser()
            };
            browser.start(&state.phone()).await;
            requests.push(browser.form("verify-code", &[("code", "000000")]));
        }
        for (state, response) in AccountState::ALL
            .iter()
            .zip(app.call_all_and_advance(requests).await)
        {
            let problem = response.assert_problem(401, "code_refused");
            let title = problem["title"].as_str().unwrap();
            assert!(title.starts_with(sentence), "{state:?}: {title}");
            says_nothing(language, title);
        }
        app.advance(seconds(31)).await;
    }
}

#[tokio::test]
async fn e4_no_refusal_mentions_accounts() {
    use latchkey::domain::{Refusal, RefusalCode};
    let steps = [
        RefusalCode::MalformedBody,
        RefusalCode::TooLarge,
        RefusalCode::UnsupportedMediaType,
        RefusalCode::Malformed,
        RefusalCode::InvalidPhone,
        RefusalCode::InvalidEmail,
        RefusalCode::InvalidIdentifier,
        RefusalCode::ConfirmNumber,
        RefusalCode::CountryNotServed,
        RefusalCode::InvalidCodeFormat,
        RefusalCode::CodeRefused,
        RefusalCode::FlowExpired,
        RefusalCode::NoFlow,
        RefusalCode::StaleFlow,
        RefusalCode::CookiesBlocked,
        RefusalCode::CrossOrigin,
        RefusalCode::SlowDown,
        RefusalCode::Unavailable,
    ];
    let texts = latchkey::app::Text::all();
    assert_eq!(
        texts.iter().map(|text| text.lang()).collect::<Vec<_>>(),
        CODE_REFUSED.map(|(lang, _)| lang)
    );
    for text in texts {
        for code in steps {
            for (retry_after, tries_left) in [
                (None, None),
                (Some(90), None),
                (None, Some(0)),
                (None, Some(1)),
            ] {
                let refusal = Refusal {
                    code,
                    retry_after,
                    tries_left,
                };
                says_nothing(
                    &format!("{} {code:?}", text.lang()),
                    &text.refusal(&refusal),
                );
            }
        }
    }
}
