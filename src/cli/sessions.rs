//! `latchkey sessions`: lists and ends sessions.

use std::process::ExitCode;

use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner};
use latchkey::server::session::{ListedSession, SessionListing};

use crate::cli::admin_client;
use crate::cli::arguments::{SessionSelection, SessionsCommand};
use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{CommandResult, Context, print_line, print_message};

/// What the table shows for something that is not known. JSON has `null`.
const UNKNOWN: &str = "-";

/// Lists or ends sessions.
pub async fn run(context: Context, command: SessionsCommand) -> CommandResult {
    let (command, json) = match command {
        SessionsCommand::List { user, json } => (AdminCommand::SessionsList { user }, json),
        SessionsCommand::Revoke { selection, json } => {
            let owner = owner(selection);
            (AdminCommand::SessionsRevoke { owner }, json)
        }
    };
    let names_sessions = matches!(
        command,
        AdminCommand::SessionsRevoke {
            owner: SessionOwner::Session(_) | SessionOwner::User(_)
        }
    );
    Ok(match admin_client::run_command(context, &command).await? {
        AdminReply::Sessions(listing) => {
            print_listing(&listing, json)?;
            ExitCode::SUCCESS
        }
        AdminReply::Revoked { count } => {
            print_line(&if json {
                serde_json::json!({ "ended": count }).to_string()
            } else {
                format!("{count} ended")
            })?;
            // An id or a user that is misspelt must not look like a revocation.
            if count == 0 && names_sessions {
                print_message("latchkey: there is no such session");
                ExitCode::from(NEGATIVE)
            } else {
                ExitCode::SUCCESS
            }
        }
        other => admin_client::print_reply(other)?,
    })
}

fn owner(selection: SessionSelection) -> SessionOwner {
    match (selection.id, selection.user) {
        (Some(id), _) => SessionOwner::Session(id),
        (None, Some(user)) => SessionOwner::User(user),
        (None, None) => SessionOwner::Everybody,
    }
}

fn print_listing(listing: &SessionListing, json: bool) -> Result<(), CommandError> {
    if json {
        let text = serde_json::to_string_pretty(&listing.sessions);
        print_line(&text.map_err(|error| error.to_string())?)?;
    } else {
        print_table(&listing.sessions)?;
    }
    if listing.is_cut {
        print_message("latchkey: there are more; ask for one user with --user");
    }
    Ok(())
}

fn print_table(sessions: &[ListedSession]) -> Result<(), CommandError> {
    let line = |user: &str, identifier: &str, times: [&str; 3], agent: &str, id: &str| {
        let [since, seen, end] = times;
        print_line(&format!(
            "{user:<28} {identifier:<18} {since:<21} {seen:<21} {end:<21} {agent:<22} {id}"
        ))
    };
    line(
        "user",
        "identifier",
        ["signed in", "last active", "ends idle"],
        "browser",
        "id",
    )?;
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
            session.agent.as_deref().unwrap_or(UNKNOWN),
            &session.id,
        )?;
    }
    print_line(&format!("{} live", sessions.len()))
}
