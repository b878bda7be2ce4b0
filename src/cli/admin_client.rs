//! Runs an operator's commands: on the running server through its admin socket, or directly on the
//! store of a stopped server or on Redis.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchkey::server::admin::admin_socket;
use latchkey::server::admin::commands::{self, AdminCommand, AdminReply};
use latchkey::server::audit::{AuditLog, Event, EventSource, chain};
use latchkey::server::crypto::mac_keys::MacKeys;
use latchkey::server::crypto::secret_key;
use latchkey::server::settings::Settings;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::test_numbers::TestMessageError;
use latchkey::server::wiring::{Deps, Product, StartupError};

use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{
    CommandResult, Context, print_error, print_line, require_valid_settings,
};
use crate::cli::store_ownership::StoreOwnership;

/// The most that is read from standard input, in bytes. A number needs a hundred at most.
const MAX_INPUT_BYTES: u64 = 4096;

/// Where commands are run.
pub enum AdminClient {
    /// On the running server, at the end of this socket.
    Server { socket: PathBuf, clock: Clock },
    /// On the store, by this process.
    Store {
        product: Box<Product>,
        audit: AuditLog,
    },
}

impl AdminClient {
    /// Finds the running server; without one, opens the store.
    pub async fn open(context: Context) -> Result<Self, CommandError> {
        match find_server(&context).await? {
            Some(server) => Ok(server),
            None => open_store(context).await,
        }
    }

    /// Runs a command.
    pub async fn run(&self, command: &AdminCommand) -> Result<AdminReply, CommandError> {
        let reply = match self {
            Self::Server { socket, clock } => {
                send(socket, command, clock).await?.ok_or_else(|| {
                    let text = format!("{}: the server has stopped", socket.display());
                    CommandError::Unavailable(text)
                })?
            }
            Self::Store { product, .. } => {
                commands::run_command(&product.admin_services(), command).await
            }
        };
        match reply {
            AdminReply::Failed(failure) => Err(failure.into()),
            reply => Ok(reply),
        }
    }

    /// Waits for what the commands have started.
    ///
    /// # Errors
    /// For the operator: an event is not in the audit log.
    pub async fn close(self) -> Result<(), CommandError> {
        let Self::Store { product, audit } = self else {
            return Ok(());
        };
        product.close().await;
        audit.finish().map_err(audit_error)
    }
}

async fn send(
    socket: &Path,
    command: &AdminCommand,
    clock: &Clock,
) -> Result<Option<AdminReply>, CommandError> {
    admin_socket::ask_server(socket, command, clock)
        .await
        .map_err(|error| CommandError::io(socket.display(), &error))
}

fn audit_error(error: String) -> CommandError {
    CommandError::Unavailable(format!("the audit log could not be written: {error}"))
}

/// Runs one command.
pub async fn run_command(
    context: Context,
    command: &AdminCommand,
) -> Result<AdminReply, CommandError> {
    let client = AdminClient::open(context).await?;
    let reply = client.run(command).await?;
    client.close().await?;
    Ok(reply)
}

/// The running server that owns the store's file. Redis has no owner, so every process may open it.
pub async fn find_server(context: &Context) -> Result<Option<AdminClient>, CommandError> {
    if context.settings.store.is_shared() {
        return Ok(None);
    }
    let socket = admin_socket::socket_path(&context.settings.data_directory());
    match send(&socket, &AdminCommand::Ping, &context.clock).await? {
        None => Ok(None),
        Some(AdminReply::Failed(failure)) => Err(failure.into()),
        Some(_) => Ok(Some(AdminClient::Server {
            socket,
            clock: context.clock.clone(),
        })),
    }
}

async fn open_store(context: Context) -> Result<AdminClient, CommandError> {
    let Context {
        settings,
        sources,
        clock,
        random,
    } = context;
    require_valid_settings(&settings, &sources, &clock)?;
    let ring = secret_key::read_or_create(&settings, &random).map_err(StartupError::from)?;
    let keys = chain::derive_keys(&ring).map_err(StartupError::from)?;
    let audit = open_audit_log(&settings, keys, &random, &clock)?;
    let deps = Deps {
        clock: clock.clone(),
        random,
        audit: audit.clone(),
    };
    let product = Product::open(settings.clone(), deps)?;
    StoreOwnership::new(&product, &settings, clock)
        .claim()
        .await?;
    Ok(AdminClient::Store {
        product: Box::new(product),
        audit,
    })
}

/// The audit log of a command. Standard output is for its result.
fn open_audit_log(
    settings: &Settings,
    keys: MacKeys,
    random: &Random,
    clock: &Clock,
) -> Result<AuditLog, CommandError> {
    let Some(file) = &settings.telemetry.audit_file else {
        return Ok(AuditLog::to(std::io::stderr(), clock.clone()));
    };
    AuditLog::append_to(file, keys, random, clock.clone()).map_err(|error| {
        CommandError::io(format!("telemetry.audit_file: {}", file.display()), &error)
    })
}

/// The keys of the audit log's chain; none if there is no secret key.
pub fn audit_keys(settings: &Settings) -> Result<MacKeys, CommandError> {
    let ring = secret_key::read(settings).map_err(StartupError::from)?;
    let keys = ring.map(|ring| chain::derive_keys(&ring)).transpose();
    Ok(keys.map_err(StartupError::from)?.unwrap_or_default())
}

/// Logs a command that this process ran without a server.
///
/// # Errors
/// For the operator: it is not in the audit log.
pub fn audit_command(
    context: &Context,
    command: &'static str,
    succeeded: bool,
) -> Result<(), CommandError> {
    // A key that is missing or damaged does not prevent a restore.
    let keys = audit_keys(&context.settings).unwrap_or_default();
    let audit = open_audit_log(&context.settings, keys, &context.random, &context.clock)?;
    let event = Event::AdminCommand { command, succeeded };
    audit.emit(&EventSource::operator(commands::own_uid()), &event);
    audit.finish().map_err(audit_error)
}

/// Reads a number from standard input, which keeps it out of the shell's history.
pub fn read_number(command: &str) -> Result<String, CommandError> {
    read_input("number", "+447400123456", command)
}

/// Reads a user (`sub`) from standard input.
pub fn read_user(command: &str) -> Result<String, CommandError> {
    read_input("user", "SUB", &format!("{command} --user"))
}

/// Reads a number, a user or a request ID from standard input.
pub fn read_lookup_key(command: &str) -> Result<String, CommandError> {
    read_input("number, user or request ID", "+447400123456", command)
}

fn read_input(what: &str, example: &str, command: &str) -> Result<String, CommandError> {
    let mut input = BufReader::new(std::io::stdin().take(MAX_INPUT_BYTES));
    let mut line = String::new();
    input
        .read_line(&mut line)
        .map_err(|error| CommandError::io("standard input", &error))?;
    if line.len() as u64 == MAX_INPUT_BYTES {
        let text = format!("standard input: this is too long for a {what}");
        return Err(CommandError::Fault(text));
    }
    // What has arrived with the line. More is not waited for: a terminal goes on without end.
    if !input.buffer().trim_ascii().is_empty() {
        let text =
            format!("standard input: there is more than one line; write one {what} at a time");
        return Err(CommandError::Fault(text));
    }
    let line = line.trim().to_owned();
    if line.is_empty() {
        let hint = format!(
            "write the {what} to standard input, such as: echo {example} | latchkey {command}"
        );
        return Err(CommandError::Fault(hint));
    }
    Ok(line)
}

/// Prints what a reply without a result says. Each command prints those with one.
pub fn print_reply(reply: AdminReply) -> CommandResult {
    match reply {
        AdminReply::Unlocked => print_line("unlocked")?,
        AdminReply::NoMessage => {
            print_error(&TestMessageError::NoMessage.to_string());
            return Ok(ExitCode::from(NEGATIVE));
        }
        AdminReply::NothingStored => {
            print_error("nothing is stored about this person");
            return Ok(ExitCode::from(NEGATIVE));
        }
        AdminReply::Pong
        | AdminReply::Exported { .. }
        | AdminReply::Found { .. }
        | AdminReply::Erased { .. }
        | AdminReply::Inspected { .. }
        | AdminReply::Sessions(_)
        | AdminReply::Revoked { .. }
        | AdminReply::BackedUp { .. }
        | AdminReply::Failed(_)
        | AdminReply::TestCode { .. }
        | AdminReply::TestCodeFinished => {}
    }
    Ok(ExitCode::SUCCESS)
}
