//! `latchkey sessions`: who is signed in, for people and for scripts.

use std::process::ExitCode;

use latchkey::server::control::{self, Answer, Command};
use latchkey::server::session::{Listed, Listing};
use serde::Serialize;

use super::{Done, Outside, Sessions, Whose, operator, say, say_error};

/// Lists or ends sessions.
pub async fn carry_out(outside: Outside, command: Sessions) -> Done {
    let (command, json) = match command {
        Sessions::List { user, json } => (Command::SessionsList { user }, json),
        Sessions::Revoke { whose, json } => (Command::SessionsRevoke { whose: read(whose) }, json),
    };
    Ok(match operator::answer(outside, &command).await? {
        Answer::Sessions(listing) => {
            show(&listing, json);
            ExitCode::SUCCESS
        }
        Answer::Revoked { count } => {
            say(&if json { serde_json::json!({ "ended": count }).to_string() } else { format!("{count} ended") });
            ExitCode::SUCCESS
        }
        other => operator::show(other),
    })
}

fn read(whose: Whose) -> control::Whose {
    match whose {
        Whose { id: Some(id), .. } => control::Whose::Session(id),
        Whose { user: Some(user), .. } => control::Whose::User(user),
        Whose { .. } => control::Whose::Everybody,
    }
}

fn show(listing: &Listing, json: bool) {
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

fn table(sessions: &[Listed]) {
    let line = |user: &str, identifier: &str, times: [&str; 3], agent: &str, id: &str| {
        let [since, seen, end] = times;
        say(&format!("{user:<28} {identifier:<18} {since:<21} {seen:<21} {end:<21} {agent:<22} {id}"));
    };
    line("user", "identifier", ["signed in", "last active", "ends idle"], "browser", "id");
    for session in sessions {
        let times = [&session.signed_in_at, &session.last_seen_at, &session.idle_expires_at].map(String::as_str);
        line(&session.user, &session.identifier, times, &session.agent, &session.id);
    }
    say(&format!("{} live", sessions.len()));
}
