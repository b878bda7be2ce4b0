//! Every state that a page can be in, with invented data.

use std::sync::Arc;
use std::time::Duration;

use latchkey::app::brand::{Brand, LegalLinks};
use latchkey::app::view::{
    AccountView, Assets, CodeForm, CountryOption, GeneralLimits, IdentifierForm, NewDeviceNotice,
    PageFrame, SessionRow, SignedOutReason, TicketError, View,
};
use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Channel, IdentifierType, Page, Refusal, RefusalCode};

/// The time at which every page is rendered.
pub const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);

/// The frame around every page.
pub fn frame(nonce: &str) -> PageFrame {
    PageFrame {
        nonce: nonce.to_owned(),
        brand: Arc::new(Brand {
            name: "Latchkey".into(),
            ..Brand::default()
        }),
        support_url: Some("https://help.example.com/".into()),
        legal_links: LegalLinks::default(),
        assets: Arc::new(Assets {
            css: "/pkg/latchkey.css".to_owned(),
            js: "/pkg/latchkey.js".to_owned(),
            wasm: "/pkg/latchkey.wasm".to_owned(),
            snippets: Vec::new(),
            reload_port: None,
        }),
        sign_up_open: true,
        base_url: None,
        host: "id.example.com".into(),
        language_url: None,
        request_id: "7f3a9c21d0b84e56".into(),
    }
}

/// All states by name.
pub fn all() -> Vec<(&'static str, View)> {
    let refused = |code| IdentifierForm {
        refusal: Some(Refusal::new(code)),
        ..phone()
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
        (
            "sign-in-away",
            View::SignIn(IdentifierForm {
                signed_out_reason: Some(SignedOutReason::Expired),
                ..phone()
            }),
        ),
        (
            "sign-in-too-many",
            View::SignIn(IdentifierForm {
                signed_out_reason: Some(SignedOutReason::TooManySessions),
                ..phone()
            }),
        ),
        (
            "sign-in-code-too-old",
            View::SignIn(IdentifierForm {
                signed_out_reason: Some(SignedOutReason::CodeTooOld),
                ..phone()
            }),
        ),
        (
            "sign-in-code-not-by-sms",
            View::SignIn(IdentifierForm {
                signed_out_reason: Some(SignedOutReason::CodeNotBySms),
                ..phone()
            }),
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
                label: Some("Employee number".into()),
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
        ("code", View::Code(code())),
        (
            "code-resent",
            View::Code(CodeForm {
                resent: true,
                resend_at: NOW + Duration::from_secs(60),
                ..code()
            }),
        ),
        (
            "code-email-hidden",
            View::Code(CodeForm {
                offers_email: true,
                ..code()
            }),
        ),
        (
            "code-email-offered",
            View::Code(CodeForm {
                offers_email: true,
                resend_at: NOW,
                ..code()
            }),
        ),
        (
            "code-email",
            View::Code(CodeForm {
                channel: Channel::Email,
                offers_email: true,
                length: 8,
                resent: true,
                ..code()
            }),
        ),
        (
            "code-email-expired",
            View::Code(CodeForm {
                channel: Channel::Email,
                offers_email: true,
                resent: true,
                deadline: NOW,
                resend_at: NOW,
                ..code()
            }),
        ),
        (
            "code-not-offered",
            View::Code(CodeForm {
                refusal: Some(Refusal::new(RefusalCode::ChannelNotOffered)),
                ..code()
            }),
        ),
        (
            "code-ready",
            View::Code(CodeForm {
                resend_at: NOW,
                deadline: NOW + Duration::from_secs(70),
                ..code()
            }),
        ),
        (
            "code-refused",
            View::Code(CodeForm {
                tries_left: 1,
                refusal: Some(Refusal {
                    tries_left: Some(1),
                    ..Refusal::new(RefusalCode::CodeRefused)
                }),
                ..code()
            }),
        ),
        (
            "code-format",
            View::Code(CodeForm {
                tries_left: 1,
                refusal: Some(Refusal::new(RefusalCode::InvalidCodeFormat)),
                ..code()
            }),
        ),
        (
            "code-slow-down",
            View::Code(CodeForm {
                refusal: Some(Refusal::slow_down(25)),
                ..code()
            }),
        ),
        (
            "code-stale",
            View::Code(CodeForm {
                refusal: Some(Refusal::new(RefusalCode::StaleFlow)),
                ..code()
            }),
        ),
        (
            "code-blocked",
            View::Code(CodeForm {
                tries_left: 0,
                blocked_until: Some(NOW + Duration::from_secs(840)),
                ..code()
            }),
        ),
        (
            "code-expired",
            View::Code(CodeForm {
                deadline: NOW,
                refusal: Some(Refusal::new(RefusalCode::FlowExpired)),
                resend_at: NOW,
                ..code()
            }),
        ),
        (
            "code-short",
            View::Code(CodeForm {
                deadline: NOW + Duration::from_secs(8),
                resend_at: NOW + Duration::from_secs(4),
                length: 4,
                ..code()
            }),
        ),
        (
            "code-long",
            View::Code(CodeForm {
                length: 8,
                identifier: IdentifierType::Email,
                masked: "a•••@example.com".to_owned(),
                ..code()
            }),
        ),
        (
            "code-of-email-expired",
            View::Code(CodeForm {
                deadline: NOW,
                identifier: IdentifierType::Email,
                masked: "a•••@example.com".to_owned(),
                ..code()
            }),
        ),
        (
            "code-custom",
            View::Code(CodeForm {
                identifier: custom(),
                masked: "•••42".to_owned(),
                ..code()
            }),
        ),
        ("account", View::Account(account())),
        (
            "account-username",
            View::Account(AccountView {
                masked: "a•••".to_owned(),
                ..account()
            }),
        ),
        (
            "account-new-browser",
            View::Account(AccountView {
                unrecognised_device: true,
                ..account()
            }),
        ),
        (
            "account-newcomer",
            View::Account(AccountView {
                new_devices: vec![newcomer()],
                ..account()
            }),
        ),
        (
            "account-absent",
            View::Account(AccountView {
                absent_since: Some(NOW.saturating_sub(Duration::from_secs(120 * 86_400))),
                ..account()
            }),
        ),
        (
            "account-idle",
            View::Account(AccountView {
                idle_expires_at: NOW + Duration::from_secs(30),
                ..account()
            }),
        ),
        (
            "account-refused",
            View::Account(AccountView {
                refusal: Some(Refusal::new(RefusalCode::Unavailable)),
                ..account()
            }),
        ),
        (
            "account-alone",
            View::Account(AccountView {
                sessions: account().sessions.into_iter().take(1).collect(),
                ..account()
            }),
        ),
        ("sign-out", View::SignOut { signed_in: true }),
        ("signed-out", View::SignOut { signed_in: false }),
        ("not-found", View::NotFound),
        ("failure", failure(RefusalCode::Unavailable)),
        ("failure-cross-origin", failure(RefusalCode::CrossOrigin)),
        ("failure-forbidden", failure(RefusalCode::Forbidden)),
        ("failure-too-large", failure(RefusalCode::TooLarge)),
        ("ticket-error-spent", ticket_error(TicketError::Used)),
        (
            "ticket-error-no-cookie",
            ticket_error(TicketError::NoCookie),
        ),
        (
            "ticket-error-ended",
            ticket_error(TicketError::SessionEnded),
        ),
        (
            "ticket-error-unavailable",
            ticket_error(TicketError::Unavailable),
        ),
    ]
}

fn ticket_error(error: TicketError) -> View {
    let retry_url = "https://app.example.com/.latchkey/start?to=/orders".to_owned();
    View::TicketError { error, retry_url }
}

fn failure(code: RefusalCode) -> View {
    View::Failure {
        refusal: Refusal::new(code),
    }
}

/// The empty phone form. Example numbers are those that regulators reserve for fiction, where there
/// are any.
/// A type that the tenant defines.
fn custom() -> IdentifierType {
    "employee_number".parse().unwrap_or_default()
}

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

fn code() -> CodeForm {
    CodeForm {
        masked: "+44 ••• ••• 56".to_owned(),
        flow_tag: "7419203355218".to_owned(),
        identifier: IdentifierType::PhoneNumber,
        channel: Channel::Sms,
        offers_email: false,
        length: 6,
        now: NOW,
        deadline: NOW + Duration::from_secs(270),
        sent_at: NOW.saturating_sub(Duration::from_secs(30)),
        resend_at: NOW + Duration::from_secs(28),
        resent: false,
        tries_left: 2,
        blocked_until: None,
        refusal: None,
        limits: GeneralLimits {
            code_lifetime: Duration::from_secs(300),
            tries: 2,
            cool_down: Duration::from_secs(30),
            lockout: Duration::from_secs(900),
        },
        back: Page::SignIn,
    }
}

fn newcomer() -> NewDeviceNotice {
    NewDeviceNotice {
        browser: Some("Chrome"),
        system: Some("Windows"),
        at: NOW.saturating_sub(Duration::from_secs(5400)),
    }
}

fn account() -> AccountView {
    let row = |id: &str, current, browser, system, minutes: u64| SessionRow {
        id: id.to_owned(),
        current,
        browser,
        system,
        signed_in_at: NOW.saturating_sub(Duration::from_secs(minutes * 60)),
        last_seen_at: NOW.saturating_sub(Duration::from_secs(minutes * 6)),
    };
    AccountView {
        masked: "+44 ••• ••• 56".to_owned(),
        now: NOW,
        signed_in_at: NOW.saturating_sub(Duration::from_secs(600)),
        idle_expires_at: NOW + Duration::from_secs(1800),
        expires_at: NOW + Duration::from_secs(42_600),
        unrecognised_device: false,
        new_devices: Vec::new(),
        absent_since: None,
        sessions: vec![
            row("s1", true, Some("Firefox"), Some("Android"), 10),
            row("s2", false, Some("Safari"), Some("macOS"), 1500),
            row("s3", false, None, None, 90),
        ],
        refusal: None,
    }
}
