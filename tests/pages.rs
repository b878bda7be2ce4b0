//! The rendered pages, in every state and every language.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends with the first surprise"
)]

use std::collections::BTreeSet;

use latchkey::app::view::{CodeForm, View};
use latchkey::app::{self, Text};
use latchkey::domain::IdentifierType;
use latchkey_testkit::page_states::NOW;

/// Languages of different scripts and directions.
const SOME: [&str; 4] = ["en", "de", "ar", "ja"];

/// Every state in some languages, with a name for messages.
fn pages() -> impl Iterator<Item = (String, &'static Text, View, String)> {
    pages_in(SOME.into_iter().map(|tag| Text::negotiate(Some(tag))))
}

/// Every state in these languages.
fn pages_in(
    languages: impl Iterator<Item = &'static Text>,
) -> impl Iterator<Item = (String, &'static Text, View, String)> {
    languages.flat_map(|text| {
        latchkey_testkit::page_states::all()
            .into_iter()
            .map(move |(name, view)| {
                let html = app::render(&latchkey_testkit::page_states::frame("n0nce"), text, &view);
                (format!("{} {name}", text.lang()), text, view, html)
            })
    })
}

fn english(name: &str) -> String {
    let (_, view) = latchkey_testkit::page_states::all()
        .into_iter()
        .find(|(state, _)| *state == name)
        .expect("a state");
    app::render(
        &latchkey_testkit::page_states::frame("n0nce"),
        Text::negotiate(None),
        &view,
    )
}

/// The start tags of a document, without the text between them.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| {
        // A `>` inside a quoted value does not end a tag.
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        })?;
        (!rest.starts_with(['/', '!'])).then(|| &rest[..end])
    })
}

/// The one tag that carries `attribute`.
fn tag<'a>(html: &'a str, attribute: &str) -> &'a str {
    let mut found = tags(html).filter(|tag| tag.contains(attribute));
    let first = found.next().unwrap_or_else(|| panic!("no {attribute}"));
    assert_eq!(found.next(), None, "{attribute} is there twice");
    first
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    tags(html)
        .filter_map(|tag| {
            tag.split_once(&start)?
                .1
                .split_once('"')
                .map(|(value, _)| value)
        })
        .collect()
}

#[test]
fn every_state_is_a_whole_document_in_every_language() {
    let (mut count, mut largest) = (0, 0);
    for (name, _, _, html) in pages_in(Text::all()) {
        count += 1;
        largest = largest.max(html.len());
        assert!(
            html.starts_with("<!DOCTYPE html><html ") && html.ends_with("</html>"),
            "{name}"
        );
        assert_eq!(
            html.matches("<h1").count(),
            1 + html.matches("when-expired").count(),
            "{name}"
        );
        assert!(!html.contains(['\u{fffd}', '\u{2068}']), "{name}");
        // A message that does not exist would show its id; an argument that is missing, its name.
        let words = html.replace("{\"", "").replace("{module_or_path", "");
        assert!(!words.contains("{$"), "{name}");
    }
    println!("{count} pages, the largest {largest} bytes");
    assert!(count >= 600);
}

#[test]
fn w9_language_and_direction_are_set() {
    for (name, text, _, html) in pages_in(Text::all()) {
        let root = tags(&html).next().expect("a root");
        assert!(
            root.contains(&format!("lang=\"{}\"", text.lang())),
            "{name}: {root}"
        );
        let is_rtl = matches!(text.lang(), "ar" | "he");
        let direction = if is_rtl { "rtl" } else { "ltr" };
        assert!(
            root.contains(&format!("dir=\"{direction}\"")),
            "{name}: {root}"
        );
    }
}

#[test]
fn h4_nothing_on_a_page_needs_more_than_the_policy_allows() {
    for (name, _, _, html) in pages() {
        for tag in tags(&html) {
            assert!(!tag.contains(" style="), "{name}: {tag}");
            // Sentences in `data-*` attributes have the word, but no name of an attribute.
            let is_handler = |rest: &str| {
                let (attribute, _) = rest.split_once('=').unwrap_or_default();
                attribute.starts_with(|c: char| c.is_ascii_lowercase())
                    && attribute.chars().all(|c| c.is_ascii_alphanumeric())
            };
            assert!(!tag.split(" on").skip(1).any(is_handler), "{name}: {tag}");
            assert!(!tag.starts_with("style"), "{name}");
            assert!(
                !tag.starts_with("script") || tag.contains("nonce=\"n0nce\""),
                "{name}: {tag}"
            );
            assert!(!tag.contains("javascript:"), "{name}: {tag}");
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    for (name, _, _, html) in pages() {
        let ids = values(&html, "id");
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        for attribute in ["for", "aria-describedby", "aria-labelledby"] {
            for reference in values(&html, attribute)
                .iter()
                .flat_map(|list| list.split(' '))
            {
                assert!(
                    unique.contains(&reference),
                    "{name}: {attribute} {reference}"
                );
            }
        }
    }
}

#[test]
fn m7_w1_the_code_is_one_field() {
    for (name, _, view, html) in pages() {
        let View::Code(CodeForm {
            length,
            deadline,
            blocked_until: None,
            ..
        }) = view
        else {
            continue;
        };
        if deadline <= NOW {
            continue;
        }
        let field = tag(&html, " name=\"code\"");
        for part in [
            "type=\"text\"",
            "inputmode=\"numeric\"",
            "autocomplete=\"one-time-code\"",
            "dir=\"ltr\"",
            " autofocus",
            " required",
        ] {
            assert!(field.contains(part), "{name}: {part} in {field}");
        }
        // The server finds the code in more than the browser could check.
        assert!(
            !field.contains("maxlength") && !field.contains("pattern"),
            "{name}"
        );
        assert!(
            field.contains(&format!("data-length=\"{length}\"")),
            "{name}"
        );
        assert!(!html.contains("type=\"number\""), "{name}");
    }
}

#[test]
fn w2_the_phone_field_has_a_visible_label_and_autocompletes() {
    for (name, text, view, html) in pages() {
        let (View::SignIn(form) | View::SignUp(form)) = view else {
            continue;
        };
        if form.identifier == IdentifierType::PhoneNumber {
            let field = tag(&html, " name=\"phone\"");
            assert!(
                field.contains("autocomplete=\"tel\"") && field.contains("type=\"tel\""),
                "{name}: {field}"
            );
            assert!(
                field.contains("inputmode=\"tel\"") && !field.contains("placeholder"),
                "{name}: {field}"
            );
            assert!(
                html.contains(&format!(
                    "<label for=\"phone\">{}</label>",
                    text.get("phone-label")
                )),
                "{name}"
            );
        } else {
            let field = tag(&html, " name=\"identifier\"");
            let (mode, autocomplete) = match form.identifier {
                IdentifierType::Email => ("email", "email"),
                _ => ("text", "username"),
            };
            for part in [
                format!("inputmode=\"{mode}\""),
                format!("autocomplete=\"{autocomplete}\""),
            ] {
                assert!(field.contains(&part), "{name}: {part} in {field}");
            }
            assert!(html.contains("<label for=\"identifier\">"), "{name}");
        }
    }
}

#[test]
fn w3_an_error_is_said_at_its_field_and_in_the_title() {
    let html = english("sign-in-invalid");
    let field = tag(&html, " name=\"phone\"");
    assert!(
        field.contains("aria-invalid=\"true\"") && field.contains(" autofocus"),
        "{field}"
    );
    assert!(
        field.contains("value=\"07400 12\""),
        "what was typed is kept: {field}"
    );
    assert!(!tag(&html, "id=\"phone-error\"").contains("hidden"));
    assert!(html.contains("That doesn’t look like a complete phone number."));
    assert!(html.contains("<title>Error: Sign in · Latchkey</title>"));

    let html = english("code-refused");
    assert!(tag(&html, " name=\"code\"").contains("aria-invalid=\"true\""));
    assert!(html.contains("You have one try left.") && html.matches("try left").count() == 1);
    assert!(html.contains("<title>Error: Enter the code · Latchkey</title>"));

    let html = english("sign-in");
    assert!(!html.contains("aria-invalid") && tag(&html, "id=\"phone-error\"").contains(" hidden"));
}

#[test]
fn w4_status_is_polite_and_times_are_not_live() {
    let html = english("code");
    assert!(tag(&html, " role=\"status\"").contains("data-status"));
    assert!(!html.contains("aria-live=\"assertive\"") && !html.contains("role=\"alert\""));
    for countdown in tags(&html).filter(|tag| tag.contains("data-countdown")) {
        assert!(
            !countdown.contains("aria-live") && countdown.contains("data-now=\"1795000000000\""),
            "{countdown}"
        );
    }
}

#[test]
fn w7_the_number_can_be_changed() {
    assert!(english("code").contains("<a href=\"/sign-in\">Use a different number</a>"));
}

#[test]
fn w5_the_session_warns_at_least_20_seconds_before_it_ends_and_can_be_extended() {
    let html = english("account");
    assert_eq!(values(&html, "data-warn-before"), ["120"]);
    assert!(html.contains("action=\"/api/extend-session\""));
}

#[test]
fn w10_every_form_posts_natively() {
    const ENDPOINTS: [&str; 7] = [
        "/api/send-code",
        "/api/sign-up",
        "/api/verify-code",
        "/api/resend-code",
        "/api/sign-out",
        "/api/revoke-session",
        "/api/extend-session",
    ];
    let mut used = BTreeSet::new();
    for (name, _, _, html) in pages() {
        // The form in the footer changes nothing but the language, so it asks with GET.
        let (html, footer) = html.split_once("<footer").expect("a footer");
        assert!(!footer.contains("method="), "{name}");
        for form in tags(html).filter(|tag| tag.starts_with("form")) {
            assert!(form.contains("method=\"post\""), "{name}: {form}");
            let action = ENDPOINTS
                .into_iter()
                .find(|endpoint| form.contains(&format!("action=\"{endpoint}\"")));
            used.insert(action.unwrap_or_else(|| panic!("{name}: {form}")));
        }
        assert_eq!(
            html.matches("<form").count(),
            html.matches("<button").count(),
            "{name}"
        );
    }
    assert_eq!(used.len(), ENDPOINTS.len());
}

/// The cookie that remembers a language is not one of an application's host.
#[test]
fn w9_pages_on_the_host_of_an_application_offer_no_other_language() {
    let (_, view) = latchkey_testkit::page_states::all()
        .into_iter()
        .find(|(_, view)| matches!(view, View::TicketError { .. }))
        .expect("a state");
    let mut frame = latchkey_testkit::page_states::frame("n0nce");
    let offers = |frame: &_| {
        app::render(frame, Text::negotiate(None), &view).contains("class=\"languages\"")
    };
    assert!(offers(&frame));
    frame.base_url = Some("https://id.example.com".into());
    assert!(!offers(&frame));
}

#[test]
fn k8_signing_out_is_on_the_signed_in_page_and_k9_so_are_all_sessions() {
    for (name, text, view, html) in pages() {
        let View::Account(account) = view else {
            continue;
        };
        let form = html
            .split_once("action=\"/api/sign-out\"")
            .expect("a form")
            .1;
        assert!(form.contains(text.get("sign-out-button")), "{name}");
        for session in account.sessions.iter().filter(|session| !session.current) {
            assert!(
                html.contains(&format!("name=\"id\" value=\"{}\"", session.id)),
                "{name}"
            );
        }
        assert_eq!(
            html.contains("value=\"others\""),
            account.sessions.len() > 1,
            "{name}"
        );
    }
}

#[test]
fn r1_says_that_a_text_message_is_weaker_and_names_another_way() {
    for (name, text, view, html) in pages() {
        if matches!(view, View::Code(_)) {
            assert!(html.contains(text.get("help-weaker")), "{name}");
            assert!(html.contains(text.get("help-other-way")), "{name}");
        }
    }
}

#[test]
fn r6_a_new_browser_is_told() {
    assert!(english("account-new-browser").contains("First sign-in with this browser"));
    assert!(!english("account").contains("First sign-in with this browser"));
}

#[test]
fn c11_no_code_and_no_full_number_is_on_a_page() {
    for (name, _, view, html) in pages() {
        let View::Code(code) = view else { continue };
        assert!(
            !tags(&html).any(|tag| tag.contains("name=\"code\"") && tag.contains(" value=")),
            "{name}"
        );
        assert!(!html.contains("name=\"phone\""), "{name}");
        assert_eq!(
            html.contains(&code.masked),
            code.blocked_until.is_none(),
            "{name}"
        );
        // Apart from times, nothing has as many digits as a code.
        let words = html
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(_, words)| words);
        for run in words.flat_map(|words| words.split(|c: char| !c.is_ascii_digit())) {
            assert!(run.len() < 4, "{name}: {run}");
        }
    }
}

#[test]
fn a_mask_is_read_aloud_in_words_and_not_in_dots() {
    for (state, drawn, aloud) in [
        ("code", "+44 ••• ••• 56", "the number ending in 56"),
        (
            "code-of-email-expired",
            "a•••@example.com",
            "a, hidden characters, @example.com",
        ),
        ("code-custom", "•••42", "hidden characters, 42"),
        ("account-username", "a•••", "a, hidden characters"),
    ] {
        let html = english(state);
        let mask = html
            .split_once(drawn)
            .unwrap_or_else(|| panic!("{state}: {drawn}"));
        let tag = mask.0.rsplit('<').next().unwrap_or_default();
        assert!(tag.contains("aria-hidden=\"true\""), "{state}: {tag}");
        let words = format!("</bdi><span class=\"visually-hidden\">{aloud}</span>");
        assert!(mask.1.starts_with(&words), "{state}: {}", mask.1);
    }
    // The code never goes to what was typed.
    assert!(english("code-of-email-expired").contains("on the phone of "));
    assert!(english("code-custom").contains("on the phone of "));
}

#[test]
fn every_state_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (name, _) in latchkey_testkit::page_states::all() {
        assert!(names.insert(name), "{name} stands twice");
    }
}

#[test]
fn what_was_typed_cannot_become_markup() {
    let html = english("sign-up");
    assert!(!html.contains("<b>") && html.contains("&quot;L.&quot;"));
    assert!(values(&html, "value").contains(&"/account?from=&quot;gallery&quot;&amp;x=1"));
    assert!(html.contains("/sign-in?return_to=%2Faccount%3Ffrom%3D%22gallery%22%26x%3D1"));
}

#[test]
fn scripts_come_only_with_islands() {
    for (name, _, view, html) in pages() {
        let islands = !matches!(
            view,
            View::SignOut { .. } | View::NotFound | View::TicketError { .. } | View::Failure { .. }
        );
        assert_eq!(html.contains("<leptos-island"), islands, "{name}");
        assert_eq!(
            html.matches("<script").count(),
            usize::from(islands),
            "{name}"
        );
        assert_eq!(html.contains("modulepreload"), islands, "{name}");
        assert!(!html.contains("__RESOLVED_RESOURCES"), "{name}");
    }
}

#[test]
fn pages_are_watched_only_under_watch() {
    let mut frame = latchkey_testkit::page_states::frame("n0nce");
    std::sync::Arc::make_mut(&mut frame.assets).reload_port = Some(3001);
    let html = app::render(&frame, Text::negotiate(None), &View::NotFound);
    assert!(
        tag(&html, "script").contains("nonce=\"n0nce\"")
            && html.contains("live_reload")
            && html.contains("(3001)")
    );
}

#[test]
fn the_blocked_and_the_expired_page_offer_what_can_be_done() {
    let blocked = english("code-blocked");
    assert!(blocked.contains("please wait 14 minutes.") && !blocked.contains("name=\"code\""));
    let expired = english("code-expired");
    assert!(
        expired.contains("button primary")
            && expired.contains("/api/resend-code")
            && !expired.contains("name=\"code\"")
    );
    assert!(english("code").contains("Code valid for 4:30"));
    assert!(english("code").contains("You can get a new code in 28 seconds."));
}

#[test]
fn r6_owners_are_told_of_other_browsers_and_of_a_long_absence() {
    for (name, text, view, html) in pages() {
        let View::Account(account) = view else {
            continue;
        };
        assert_eq!(
            html.matches(text.get("new-device-heading")).count(),
            account.new_devices.len(),
            "{name}"
        );
        assert_eq!(
            html.contains(text.get("absent-heading")),
            account.absent_since.is_some(),
            "{name}"
        );
    }
    let html = english("account-newcomer");
    assert!(
        html.contains("Chrome on Windows, <time") && html.contains("If this wasn’t you"),
        "{html}"
    );
}

#[test]
fn k11_the_sign_in_page_says_why_a_session_is_over() {
    for (state, sentence) in [
        ("sign-in-away", "Your session timed out"),
        ("sign-in-too-many", "as many devices as you can use"),
    ] {
        assert!(english(state).contains(sentence), "{state}");
    }
    assert!(!english("sign-in").contains("class=\"notice"));
}

#[test]
fn w5_w10_without_script_the_end_is_stated_and_can_be_put_off() {
    let html = english("account-idle");
    let without_script = html
        .split_once("<noscript>")
        .expect("a part for browsers without script")
        .1;
    assert!(without_script.contains("If you’re inactive, we’ll sign you out on <time"));
    assert!(without_script.contains("action=\"/api/extend-session\""));
}
