//! The pages that ask for the identifier.

use std::sync::Arc;

use super::{PageState, custom, limited};
use crate::app::view::{CountryOption, IdentifierForm, IdentifierLabels, SignedOutReason, View};
use crate::domain::{IdentifierType, LimitReason, Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    let sign_in = |name, change: fn(&mut IdentifierForm)| (name, View::SignIn(changed(change)));
    let sign_up = |name, change: fn(&mut IdentifierForm)| (name, View::SignUp(changed(change)));
    let signed_out = |name, reason| {
        let mut form = phone();
        form.signed_out_reason = Some(reason);
        (name, View::SignIn(form))
    };
    vec![
        sign_in("sign-in", |_| {}),
        sign_in("sign-in-invalid", |form| {
            refuse(form, RefusalCode::InvalidPhone);
            form.typed = Some("07400 12".to_owned());
        }),
        sign_in("sign-in-country", |form| {
            refuse(form, RefusalCode::CountryNotServed);
        }),
        sign_in("sign-in-slow-down", |form| {
            form.refusal = Some(Refusal::slow_down(95));
        }),
        sign_in("sign-in-unavailable", |form| {
            refuse(form, RefusalCode::Unavailable);
        }),
        sign_in("sign-in-no-cookies", |form| {
            refuse(form, RefusalCode::CookiesBlocked);
        }),
        signed_out("sign-in-away", SignedOutReason::Expired),
        signed_out("sign-in-too-many", SignedOutReason::TooManySessions),
        signed_out("sign-in-code-too-old", SignedOutReason::CodeTooOld),
        signed_out("sign-in-code-not-by-sms", SignedOutReason::CodeNotBySms),
        sign_in("sign-in-email", |form| {
            form.identifier = IdentifierType::Email;
        }),
        sign_in("sign-in-username-invalid", |form| {
            refuse(form, RefusalCode::InvalidIdentifier);
            form.identifier = IdentifierType::Username;
        }),
        sign_in("sign-in-email-invalid", |form| {
            refuse(form, RefusalCode::InvalidEmail);
            form.identifier = IdentifierType::Email;
            form.typed = Some("ada@example".to_owned());
        }),
        sign_in("sign-in-user-id", |form| {
            form.identifier = IdentifierType::UserId;
        }),
        sign_in("sign-in-custom", |form| {
            form.identifier = custom();
            form.labels = Arc::new(IdentifierLabels {
                other: Some("Employee number".to_owned()),
                ..IdentifierLabels::default()
            });
        }),
        sign_up("sign-up", |form| {
            form.name = Some("Ada <b>\"L.\"</b>".to_owned());
        }),
        sign_up("sign-up-malformed", |form| {
            refuse(form, RefusalCode::Malformed);
        }),
        signed_out("sign-in-revoked", SignedOutReason::Revoked),
        signed_out("sign-in-operator", SignedOutReason::Operator),
        signed_out("sign-in-signed-out", SignedOutReason::Requested),
        signed_out("sign-in-ended", SignedOutReason::Other),
        sign_in("sign-in-confirm-number", |form| {
            refuse(form, RefusalCode::ConfirmNumber);
            form.typed = Some("+44 7400 123456".to_owned());
            form.asked_number = Some("+447400123456".to_owned());
        }),
        sign_in("sign-in-limit-network", |form| {
            form.refusal = Some(limited(95, LimitReason::Network));
        }),
        sign_in("sign-in-limit-country", |form| {
            form.refusal = Some(limited(3600, LimitReason::Country));
        }),
        sign_up("sign-up-limit-service", |form| {
            form.refusal = Some(limited(600, LimitReason::Service));
        }),
        sign_in("sign-in-username", |form| {
            form.identifier = IdentifierType::Username;
        }),
    ]
}

fn changed(change: fn(&mut IdentifierForm)) -> IdentifierForm {
    let mut form = phone();
    change(&mut form);
    form
}

fn refuse(form: &mut IdentifierForm, code: RefusalCode) {
    form.refusal = Some(Refusal::new(code));
}

/// The empty phone form. Example numbers are those that regulators reserve for fiction, where there
/// are any.
fn phone() -> IdentifierForm {
    let countries = [
        ("US", 1, "(201) 555-0123"),
        ("GB", 44, "07400 123456"),
        ("DE", 49, "01512 3456789"),
        ("FR", 33, "06 12 34 56 78"),
        ("ES", 34, "612 34 56 78"),
        ("IE", 353, "085 012 3456"),
        ("EG", 20, "0100 123 4567"),
    ];
    let country = |(code, calling_code, example): (&str, u16, &str)| CountryOption {
        code: code.to_owned(),
        calling_code,
        is_main: true,
        example: example.to_owned(),
    };
    IdentifierForm {
        countries: countries.into_iter().map(country).collect(),
        country: Some("GB".to_owned()),
        offer_stay: true,
        return_to: Some("/account?from=\"gallery\"&x=1".to_owned()),
        ..IdentifierForm::default()
    }
}
