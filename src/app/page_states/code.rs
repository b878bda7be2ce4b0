//! The page that asks for the code.

use std::time::Duration;

use super::{NOW, PageState, custom, limited};
use crate::app::view::{CodeForm, GeneralLimits, View};
use crate::domain::{Channel, IdentifierType, LimitReason, Page, Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    let state = |name, change: fn(&mut CodeForm)| {
        let mut form = code();
        change(&mut form);
        (name, View::Code(form))
    };
    vec![
        state("code", |_| {}),
        state("code-resent", |form| {
            form.resent = true;
            form.resend_at = NOW + Duration::from_secs(60);
        }),
        state("code-email-hidden", |form| form.offers_email = true),
        state("code-email-offered", |form| {
            form.offers_email = true;
            form.resend_at = NOW;
        }),
        state("code-email", |form| {
            form.channel = Channel::Email;
            form.offers_email = true;
            form.length = 8;
            form.resent = true;
        }),
        state("code-email-expired", |form| {
            form.channel = Channel::Email;
            form.offers_email = true;
            form.resent = true;
            form.deadline = NOW;
            form.resend_at = NOW;
        }),
        state("code-not-offered", |form| {
            form.refusal = Some(Refusal::new(RefusalCode::ChannelNotOffered));
        }),
        state("code-ready", |form| {
            form.resend_at = NOW;
            form.deadline = NOW + Duration::from_secs(70);
        }),
        state("code-refused", |form| {
            form.tries_left = 1;
            form.refusal = Some(Refusal {
                tries_left: Some(1),
                ..Refusal::new(RefusalCode::CodeRefused)
            });
        }),
        state("code-format", |form| {
            form.tries_left = 1;
            form.refusal = Some(Refusal::new(RefusalCode::InvalidCodeFormat));
        }),
        state("code-slow-down", |form| {
            form.refusal = Some(Refusal::slow_down(25));
        }),
        state("code-stale", |form| {
            form.refusal = Some(Refusal::new(RefusalCode::StaleFlow));
        }),
        state("code-blocked", |form| {
            form.tries_left = 0;
            form.blocked_until = Some(NOW + Duration::from_secs(840));
        }),
        state("code-expired", |form| {
            form.deadline = NOW;
            form.refusal = Some(Refusal::new(RefusalCode::FlowExpired));
            form.resend_at = NOW;
        }),
        state("code-short", |form| {
            form.deadline = NOW + Duration::from_secs(8);
            form.resend_at = NOW + Duration::from_secs(4);
            form.length = 4;
        }),
        state("code-long", |form| {
            form.length = 8;
            form.identifier = IdentifierType::Email;
            form.masked = "a•••@example.com".to_owned();
        }),
        state("code-of-email-expired", |form| {
            form.deadline = NOW;
            form.identifier = IdentifierType::Email;
            form.masked = "a•••@example.com".to_owned();
        }),
        state("code-custom", |form| {
            form.identifier = custom();
            form.masked = "•••42".to_owned();
        }),
        state("code-limit-resend", |form| {
            form.refusal = Some(limited(25, LimitReason::Resend));
        }),
        state("code-user-id", |form| {
            form.identifier = IdentifierType::UserId;
            form.masked = "•••7c".to_owned();
        }),
        state("code-username", |form| {
            form.identifier = IdentifierType::Username;
            form.masked = "a•••".to_owned();
        }),
        state("code-sign-up", |form| form.back = Page::SignUp),
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
