//! The pages that ask for the identifier.

use std::sync::Arc;

use super::{PageState, custom, limited};
use crate::app::view::{CountryOption, IdentifierForm, IdentifierLabels, SignedOutReason, View};
use crate::domain::{IdentifierType, LimitReason, Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    let refused = |code| IdentifierForm {
        refusal: Some(Refusal::new(code)),
        ..phone()
    };
    let signed_out = |reason| {
        View::SignIn(IdentifierForm {
            signed_out_reason: Some(reason),
            ..phone()
        })
    };
    vec![
        ("sign-in", View::SignIn(phone())),
        (
            "sign-in-invalid",
            View::SignIn(IdentifierForm {
                typed: Some("07400 12".to_owned()),
                ..refused(RefusalCode::InvalidPhone)
            }),
        ),
        (
            "sign-in-country",
            View::SignIn(refused(RefusalCode::CountryNotServed)),
        ),
        (
            "sign-in-slow-down",
            View::SignIn(IdentifierForm {
                refusal: Some(Refusal::slow_down(95)),
                ..phone()
            }),
        ),
        (
            "sign-in-unavailable",
            View::SignIn(refused(RefusalCode::Unavailable)),
        ),
        (
            "sign-in-no-cookies",
            View::SignIn(refused(RefusalCode::CookiesBlocked)),
        ),
        ("sign-in-away", signed_out(SignedOutReason::Expired)),
        (
            "sign-in-too-many",
            signed_out(SignedOutReason::TooManySessions),
        ),
        (
            "sign-in-code-too-old",
            signed_out(SignedOutReason::CodeTooOld),
        ),
        (
            "sign-in-code-not-by-sms",
            signed_out(SignedOutReason::CodeNotBySms),
        ),
        (
            "sign-in-email",
            View::SignIn(IdentifierForm {
                identifier: IdentifierType::Email,
                ..phone()
            }),
        ),
        (
            "sign-in-username-invalid",
            View::SignIn(IdentifierForm {
                identifier: IdentifierType::Username,
                ..refused(RefusalCode::InvalidIdentifier)
            }),
        ),
        (
            "sign-in-email-invalid",
            View::SignIn(IdentifierForm {
                identifier: IdentifierType::Email,
                typed: Some("ada@example".to_owned()),
                ..refused(RefusalCode::InvalidEmail)
            }),
        ),
        (
            "sign-in-user-id",
            View::SignIn(IdentifierForm {
                identifier: IdentifierType::UserId,
                ..phone()
            }),
        ),
        (
            "sign-in-custom",
            View::SignIn(IdentifierForm {
                identifier: custom(),
                labels: Arc::new(IdentifierLabels {
                    other: Some("Employee number".to_owned()),
                    ..IdentifierLabels::default()
                }),
                ..phone()
            }),
        ),
        (
            "sign-up",
            View::SignUp(IdentifierForm {
                name: Some("Ada <b>\"L.\"</b>".to_owned()),
                ..phone()
            }),
        ),
        (
            "sign-up-malformed",
            View::SignUp(refused(RefusalCode::Malformed)),
        ),
        ("sign-in-revoked", signed_out(SignedOutReason::Revoked)),
        ("sign-in-operator", signed_out(SignedOutReason::Operator)),
        ("sign-in-signed-out", signed_out(SignedOutReason::Requested)),
        ("sign-in-ended", signed_out(SignedOutReason::Other)),
        (
            "sign-in-confirm-number",
            View::SignIn(IdentifierForm {
                typed: Some("+44 7400 123456".to_owned()),
                asked_number: Some("+447400123456".to_owned()),
                ..refused(RefusalCode::ConfirmNumber)
            }),
        ),
        (
            "sign-in-limit-network",
            View::SignIn(IdentifierForm {
                refusal: Some(limited(95, LimitReason::Network)),
                ..phone()
            }),
        ),
        (
            "sign-in-limit-country",
            View::SignIn(IdentifierForm {
                refusal: Some(limited(3600, LimitReason::Country)),
                ..phone()
            }),
        ),
        (
            "sign-up-limit-service",
            View::SignUp(IdentifierForm {
                refusal: Some(limited(600, LimitReason::Service)),
                ..phone()
            }),
        ),
        (
            "sign-in-username",
            View::SignIn(IdentifierForm {
                identifier: IdentifierType::Username,
                ..phone()
            }),
        ),
    ]
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
