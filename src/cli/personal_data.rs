//! `latchkey export` and `latchkey erase`: what is stored about one person.

use std::process::ExitCode;

use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::admin::personal_data::{Erasure, Person};

use crate::cli::admin_client;
use crate::cli::command_error::CommandError;
use crate::cli::context::{CommandResult, Context, print_line, print_message};

/// Why a result may be incomplete.
pub const IS_CUT: &str = "latchkey: there are too many recognised devices to search all of them; \
    one that signed in with another number last may be missing";

/// Prints what is stored about the person on standard input, as JSON.
pub async fn export(context: Context, is_user: bool) -> CommandResult {
    let person = read_person("export", is_user)?;
    let reply = admin_client::run_command(context, &AdminCommand::Export { person }).await?;
    let AdminReply::Exported { data } = reply else {
        return admin_client::print_reply(reply);
    };
    print_json(&data)?;
    if data.is_cut {
        print_message(IS_CUT);
    }
    Ok(ExitCode::SUCCESS)
}

/// Erases what is stored about the person on standard input, and prints what was erased.
pub async fn erase(
    context: Context,
    is_user: bool,
    with_limits: bool,
    json: bool,
) -> CommandResult {
    let person = read_person("erase", is_user)?;
    let command = AdminCommand::Erase {
        person,
        with_limits,
    };
    let reply = admin_client::run_command(context, &command).await?;
    let AdminReply::Erased { erasure } = reply else {
        return admin_client::print_reply(reply);
    };
    if json {
        print_json(&erasure)?;
    } else {
        print_erasure(&erasure)?;
    }
    if erasure.is_cut {
        print_message(IS_CUT);
    }
    Ok(ExitCode::SUCCESS)
}

fn read_person(command: &str, is_user: bool) -> Result<Person, CommandError> {
    Ok(if is_user {
        Person::User(admin_client::read_user(command)?)
    } else {
        Person::Number(admin_client::read_number(command)?)
    })
}

pub fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    print_line(&text)
}

fn print_erasure(erasure: &Erasure) -> Result<(), CommandError> {
    for (count, what) in [
        (erasure.sessions, "sessions"),
        (erasure.histories, "sign-in histories"),
        (erasure.devices, "recognised devices"),
        (erasure.names, "names in the audit log"),
        (erasure.recent_events, "recent events"),
        (erasure.counters, "counters"),
    ] {
        print_line(&format!("{count} {what} erased"))?;
    }
    for counter in &erasure.kept_counters {
        print_line(&format!(
            "kept: {} ({}) until {}",
            counter.name, counter.used, counter.resets_at
        ))?;
    }
    if !erasure.kept_counters.is_empty() {
        print_message(
            "latchkey: counters that limit guesses and messages were kept, because an erasure must \
             not unlock a number that is attacked; --with-limits resets them",
        );
    }
    Ok(())
}
