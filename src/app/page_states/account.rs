//! The account page.

use std::time::Duration;

use super::{NOW, PageState, limited};
use crate::app::view::{AccountView, NewDeviceNotice, SessionRow, View};
use crate::domain::{LimitReason, Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    let state = |name, change: fn(&mut AccountView)| {
        let mut view = account();
        change(&mut view);
        (name, View::Account(view))
    };
    vec![
        state("account", |_| {}),
        state("account-username", |view| view.masked = "a•••".to_owned()),
        state("account-new-browser", |view| {
            view.unrecognised_device = true;
        }),
        state("account-newcomer", |view| {
            view.new_devices = vec![newcomer()];
        }),
        state("account-absent", |view| {
            view.absent_since = Some(NOW.saturating_sub(Duration::from_secs(120 * 86_400)));
        }),
        state("account-idle", |view| {
            view.idle_expires_at = NOW + Duration::from_secs(30);
        }),
        state("account-refused", |view| {
            view.refusal = Some(Refusal::new(RefusalCode::Unavailable));
        }),
        state("account-alone", |view| {
            view.sessions = account().sessions.into_iter().take(1).collect();
        }),
        state("account-limit-repeated", |view| {
            view.refusal = Some(limited(30, LimitReason::Repeated));
        }),
    ]
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
