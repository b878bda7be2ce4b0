//! The operator's commands: asked of the running server, or carried out on the store of a stopped
//! one, or on Redis.

use std::io::BufRead;
use std::process::ExitCode;

use latchkey::server::admin::admin_socket::{self, AdminCommand, AdminReply};
use latchkey::server::audit::AuditLog;
use latchkey::server::test_numbers::TestMessageError;
use latchkey::server::wiring::{Deps, Product};

use crate::cli::store_ownership::Opening;
use crate::cli::{Done, Outside, say, say_error, validated};

/// Carries a command out; what it gave.
pub async fn answer(outside: Outside, command: &AdminCommand) -> Result<AdminReply, String> {
    match running_server(&outside, command).await? {
        Some(answer) => Ok(answer),
        None => by_itself(outside, command).await,
    }
}

/// What the owner of the store's file answers, if it runs. Redis has no owner: everybody may open
/// it.
pub async fn running_server(
    outside: &Outside,
    command: &AdminCommand,
) -> Result<Option<AdminReply>, String> {
    if outside.settings.store.is_shared() {
        return Ok(None);
    }
    let socket = admin_socket::socket(&outside.settings.data_directory());
    admin_socket::ask(&socket, command)
        .await
        .map_err(|error| format!("{}: {error}", socket.display()))
}

/// Forgets failures and sends of a number.
pub async fn unlock(outside: Outside) -> Done {
    let identifier = read_number("unlock")?;
    answer(outside, &AdminCommand::Unlock { identifier })
        .await
        .map(show)
}

/// Reads a number from standard input, so that it is in no shell history.
pub fn read_number(command: &str) -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| format!("standard input: {error}"))?;
    let number = line.trim().to_owned();
    if number.is_empty() {
        let hint = format!(
            "write the number to standard input, such as: echo +447400123456 | latchkey {command}"
        );
        return Err(hint);
    }
    Ok(number)
}

async fn by_itself(outside: Outside, command: &AdminCommand) -> Result<AdminReply, String> {
    let Outside {
        settings,
        clock,
        random,
    } = outside;
    validated(&settings, &clock)?;
    // Standard output is for the result.
    let audit = match &settings.telemetry.audit_file {
        Some(file) => {
            AuditLog::open(Some(file), clock.clone()).map_err(|error| error.to_string())?
        }
        None => AuditLog::to(std::io::stderr(), clock.clone()),
    };
    let surroundings = Deps {
        clock: clock.clone(),
        random,
        audit,
    };
    let product =
        Product::open(settings.clone(), surroundings).map_err(|error| error.to_string())?;
    Opening::new(&product, &settings, clock).claim().await?;
    let answer = admin_socket::carry_out(&product, command).await;
    product.close().await;
    Ok(answer)
}

/// Says what a command gave that has nothing to show but whether it was done.
pub fn show(answer: AdminReply) -> ExitCode {
    match answer {
        AdminReply::Unlocked => {
            say("unlocked");
            ExitCode::SUCCESS
        }
        AdminReply::NoMessage => {
            say_error(&format!("latchkey: {}", TestMessageError::NoMessage));
            ExitCode::FAILURE
        }
        AdminReply::Failed { cause } => {
            say_error(&format!("latchkey: {cause}"));
            ExitCode::FAILURE
        }
        AdminReply::Pong
        | AdminReply::Sessions(_)
        | AdminReply::Revoked { .. }
        | AdminReply::BackedUp { .. }
        | AdminReply::TestCode(_) => ExitCode::SUCCESS,
    }
}
