//! Runs an operator's command: on the running server through its admin socket, or directly on the
//! store of a stopped server or on Redis.

use std::io::BufRead;
use std::process::ExitCode;

use latchkey::server::admin::admin_socket;
use latchkey::server::admin::commands::{self, AdminCommand, AdminReply};
use latchkey::server::audit::AuditLog;
use latchkey::server::test_numbers::TestMessageError;
use latchkey::server::wiring::{Deps, Product};

use crate::cli::context::{Context, print_line, print_message, require_valid_settings};
use crate::cli::store_ownership::StoreOwnership;

/// Runs a command.
pub async fn run_command(context: Context, command: &AdminCommand) -> Result<AdminReply, String> {
    match run_on_server(&context, command).await? {
        Some(reply) => Ok(reply),
        None => run_on_store(context, command).await,
    }
}

/// Runs a command on the server that owns the store's file; none if no server runs. Redis has no
/// owner, so every process may open it.
pub async fn run_on_server(
    context: &Context,
    command: &AdminCommand,
) -> Result<Option<AdminReply>, String> {
    if context.settings.store.is_shared() {
        return Ok(None);
    }
    let socket = admin_socket::socket_path(&context.settings.data_directory());
    admin_socket::send_command(&socket, command)
        .await
        .map_err(|error| format!("{}: {error}", socket.display()))
}

async fn run_on_store(context: Context, command: &AdminCommand) -> Result<AdminReply, String> {
    let Context {
        settings,
        clock,
        random,
    } = context;
    require_valid_settings(&settings, &clock)?;
    // Standard output is for the result.
    let audit = match &settings.telemetry.audit_file {
        Some(file) => {
            AuditLog::open(Some(file), clock.clone()).map_err(|error| error.to_string())?
        }
        None => AuditLog::to(std::io::stderr(), clock.clone()),
    };
    let deps = Deps {
        clock: clock.clone(),
        random,
        audit,
    };
    let product = Product::open(settings.clone(), deps).map_err(|error| error.to_string())?;
    StoreOwnership::new(&product, &settings, clock)
        .claim()
        .await?;
    let reply = commands::run_command(&product.admin_services(), command).await;
    product.close().await;
    Ok(reply)
}

/// Reads a number from standard input, which keeps it out of the shell's history.
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

/// Prints a reply that carries no result.
pub fn print_reply(reply: AdminReply) -> ExitCode {
    match reply {
        AdminReply::Unlocked => {
            print_line("unlocked");
            ExitCode::SUCCESS
        }
        AdminReply::NoMessage => {
            print_message(&format!("latchkey: {}", TestMessageError::NoMessage));
            ExitCode::FAILURE
        }
        AdminReply::Failed { cause } => {
            print_message(&format!("latchkey: {cause}"));
            ExitCode::FAILURE
        }
        AdminReply::Pong
        | AdminReply::Sessions(_)
        | AdminReply::Revoked { .. }
        | AdminReply::BackedUp { .. }
        | AdminReply::TestCode(_) => ExitCode::SUCCESS,
    }
}
