//! No sentence says whether an account exists (E4), in every language, at every step.

use crate::enumeration::*;

/// Languages of different scripts, in which codes are refused. A sentence depends on nothing but
/// the refusal, which the other test looks at in every language.
const LANGUAGES: [&str; 4] = ["en", "de", "fr", "ar"];

/// Word beginnings that would disclose an account, by languages that share them.
const TELLING: &[&str] = &[
    // English
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
    // German, Dutch and the Scandinavian languages
    "konto",
    "nutzer",
    "unbekannt",
    "gesperrt",
    "vorhanden",
    "gebruiker",
    "onbekend",
    "geblokkeerd",
    "okänd",
    "ukendt",
    "ukjent",
    "spärrad",
    "sperret",
    "spærret",
    // French, Spanish, Portuguese and Italian
    "compte",
    "utilisateur",
    "inconnu",
    "bloqu",
    "inscri",
    "cuenta",
    "usuario",
    "desconocid",
    "bloquead",
    "conta ",
    "utilizador",
    "usuário",
    "desconhecid",
    "utente",
    "sconosciut",
    "bloccat",
    // Finnish, Icelandic and Turkish
    "tilill",
    "tilin",
    "käyttäjä",
    "tuntematon",
    "lukittu",
    "aðgang",
    "notand",
    "óþekkt",
    "læst",
    "hesab",
    "hesap",
    "kullanıcı",
    "bilinmeyen",
    "kilitl",
    // Polish and Ukrainian
    "użytkownik",
    "nieznan",
    "zablokowan",
    "обліков",
    "користувач",
    "невідом",
    "заблок",
    // Arabic and Hebrew
    "حساب",
    "مستخدم",
    "مسجل",
    "محظور",
    "חשבון",
    "משתמש",
    "חסום",
    "נעול",
    // Hindi, Japanese and Chinese
    "खाता",
    "खाते",
    "उपयोगकर्ता",
    "アカウント",
    "ユーザー",
    "登録",
    "账户",
    "账号",
    "用户",
    "注册",
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
    for language in LANGUAGES {
        let sentence = latchkey::app::Text::negotiate(Some(language)).get("refusal-code-refused");
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
            let problem = response.assert_code_refused();
            let title = problem["title"].as_str().unwrap();
            assert!(title.starts_with(sentence), "{state:?}: {title}");
            says_nothing(language, title);
        }
        app.advance(seconds(31)).await;
    }
}

#[tokio::test]
async fn e4_no_refusal_mentions_accounts() {
    use latchkey::domain::{LimitReason, Refusal, RefusalCode};
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
        RefusalCode::ChannelNotOffered,
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
    for text in latchkey::app::Text::all() {
        for code in steps {
            for (retry_after, tries_left, reason) in [
                (None, None, None),
                (Some(90), None, None),
                (None, Some(0), None),
                (None, Some(1), None),
                (Some(90), None, Some(LimitReason::Network)),
                (Some(90), None, Some(LimitReason::Country)),
                (Some(90), None, Some(LimitReason::Service)),
                (Some(90), None, Some(LimitReason::Resend)),
                (Some(90), None, Some(LimitReason::Repeated)),
            ] {
                let refusal = Refusal {
                    code,
                    retry_after,
                    tries_left,
                    reason,
                };
                says_nothing(
                    &format!("{} {code:?}", text.lang()),
                    &text.refusal(&refusal),
                );
            }
        }
    }
}
