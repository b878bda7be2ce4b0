//! `latchkey sessions`: who is signed in, for people and for scripts.

use std::process::ExitCode;

use latchkey::server::admin::admin_socket::{self, AdminCommand, AdminReply};
use latchkey::server::session::{ListedSession, SessionListing};
use serde::Serialize;

use crate::cli::{Done, Outside, Sessions, Whose, admin_client, say, say_error};

/// Lists or ends sessions.
pub async fn carry_out(outside: Outside, command: Sessions) -> Done {
    let (command, json) = match command {
        Sessions::List { user, json } => (AdminCommand::SessionsList { user }, json),
        Sessions::Revoke { whose, json } => {
            (AdminCommand::SessionsRevoke { whose: read(whose) }, json)
        }
    };
    Ok(match admin_client::answer(outside, &command).await? {
        AdminReply::Sessions(listing) => {
            show(&listing, json);
            ExitCode::SUCCESS
        }
        AdminReply::Revoked { count } => {
            say(&if json {
                serde_json::json!({ "ended": count }).to_string()
            } else {
                format!("{count} ended")
            });
            ExitCode::SUCCESS
        }
        other => admin_client::show(other),
    })
}

fn read(whose: Whose) -> admin_socket::SessionOwner {
    match whose {
        Whose { id: Some(id), .. } => admin_socket::SessionOwner::Session(id),
        Whose {
            user: Some(user), ..
        } => admin_socket::SessionOwner::User(user),
        Whose { .. } => admin_socket::SessionOwner::Everybody,
    }
}

fn show(listing: &SessionListing, json: bool) {
    if json {
        say_json(&listing.sessions);
    } else {
        table(&listing.sessions);
    }
    if listing.is_cut {
        say_error("latchkey: there are more; ask for one user with --user");
    }
}

fn say_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(&text),
        Err(error) => say_error(&format!("latchkey: {error}")),
    }
}

fn table(sessions: &[ListedSession]) {
    let line = |user: &str, identifier: &str, times: [&str; 3], agent: &str, id: &str| {
        let [since, seen, end] = times;
        say(&format!(
            "{user:<28} {identifier:<18} {since:<21} {seen:<21} {end:<21} {agent:<22} {id}"
        ));
    };
    line(
        "user",
        "identifier",
        ["signed in", "last active", "ends idle"],
        "browser",
        "id",
    );
    for session in sessions {
        let times = [
            &session.signed_in_at,
            &session.last_seen_at,
            &session.idle_expires_at,
        ]
        .map(String::as_str);
        line(
            &session.user,
            &session.identifier,
            times,
            &session.agent,
            &session.id,
        );
    }
    say(&format!("{} live", sessions.len()));
}
