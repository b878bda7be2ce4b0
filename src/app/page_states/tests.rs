//! The list of states is whole.

use std::collections::BTreeSet;

use strum::{VariantArray, VariantNames};

use super::*;
use crate::app::view::{SignedOutReason, TicketError};
use crate::domain::{Channel, Refusal, RefusalCode};

fn views() -> Vec<View> {
    all().into_iter().map(|(_, view)| view).collect()
}

/// The error that a view shows.
fn refusal(view: &View) -> Option<Refusal> {
    match view {
        View::SignIn(form) | View::SignUp(form) => form.refusal,
        View::Code(form) => form.refusal,
        View::Account(account) => account.refusal,
        View::Failure { refusal } => Some(*refusal),
        View::SignOut { .. } | View::NotFound | View::TicketError { .. } => None,
    }
}

#[test]
fn every_page_has_a_state() {
    let views = views();
    let found: BTreeSet<&str> = views.iter().map(<&str>::from).collect();
    assert_eq!(found, View::VARIANTS.iter().copied().collect());
}

#[test]
fn every_refusal_has_a_state() {
    let shown: Vec<Refusal> = views().iter().filter_map(refusal).collect();
    for code in RefusalCode::VARIANTS {
        assert!(
            shown.iter().any(|refusal| refusal.code == *code),
            "{code:?}"
        );
    }
    for reason in LimitReason::VARIANTS {
        assert!(
            shown.iter().any(|refusal| refusal.reason == Some(*reason)),
            "{reason:?}"
        );
    }
}

#[test]
fn every_reason_for_an_end_and_every_ticket_error_has_a_state() {
    let views = views();
    for reason in SignedOutReason::VARIANTS {
        let has_reason = |view: &View| match view {
            View::SignIn(form) => form.signed_out_reason == Some(*reason),
            _ => false,
        };
        assert!(views.iter().any(has_reason), "{reason:?}");
    }
    for error in TicketError::VARIANTS {
        let has_error =
            |view: &View| matches!(view, View::TicketError { error: found, .. } if found == error);
        assert!(views.iter().any(has_error), "{error:?}");
    }
}

/// The number of the type; a new type does not compile before it is named here.
fn number(identifier: IdentifierType) -> usize {
    match identifier {
        IdentifierType::PhoneNumber => 0,
        IdentifierType::Email => 1,
        IdentifierType::UserId => 2,
        IdentifierType::Username => 3,
        IdentifierType::Custom(_) => 4,
    }
}

#[test]
fn every_identifier_and_channel_has_a_state() {
    let (mut typed, mut masked) = (BTreeSet::new(), BTreeSet::new());
    let mut channels = Vec::new();
    for view in views() {
        match view {
            View::SignIn(form) => {
                typed.insert(number(form.identifier));
            }
            View::Code(form) => {
                masked.insert(number(form.identifier));
                channels.push(form.channel);
            }
            _ => {}
        }
    }
    assert_eq!((typed.len(), masked.len()), (5, 5));
    assert!(channels.contains(&Channel::Sms) && channels.contains(&Channel::Email));
}
