//! The page that asks for the code.

use std::time::Duration;

use super::{NOW, PageState, custom, limited};
use crate::app::view::{CodeForm, GeneralLimits, View};
use crate::domain::{Channel, IdentifierType, LimitReason, Page, Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    vec![
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
        (
            "code-limit-resend",
            View::Code(CodeForm {
                refusal: Some(limited(25, LimitReason::Resend)),
                ..code()
            }),
        ),
        (
            "code-user-id",
            View::Code(CodeForm {
                identifier: IdentifierType::UserId,
                masked: "•••7c".to_owned(),
                ..code()
            }),
        ),
        (
            "code-username",
            View::Code(CodeForm {
                identifier: IdentifierType::Username,
                masked: "a•••".to_owned(),
                ..code()
            }),
        ),
        (
            "code-sign-up",
            View::Code(CodeForm {
                back: Page::SignUp,
                ..code()
            }),
        ),
    ]
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
