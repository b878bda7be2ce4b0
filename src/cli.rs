//! The command line. Every command reads the same settings; what is wrong with them is said once,
//! in words.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use latchkey::server::settings::{self, Settings};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;

mod admin_client;
mod backup;
mod check;
mod client_jwks;
#[cfg(feature = "sandbox")]
mod sandbox;
mod serve;
mod sessions;
mod store_ownership;
mod test_code;

/// Read when it is there and `--config` names no other.
const DEFAULT_FILE: &str = "latchkey.toml";

/// Phone sign-in for web applications whose users live in Transmit Security.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, about, disable_help_subcommand = true)]
struct Arguments {
    /// The settings file [default: latchkey.toml, if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server (the default).
    Serve {
        /// Starts a stand-in for Transmit too, and uses it: no account, no SMS. On loopback only.
        #[arg(long)]
        sandbox: bool,
    },
    /// Runs the stand-in for Transmit alone.
    Sandbox,
    /// Looks at settings, upstream, policy and store, and says what is wrong.
    Check,
    /// Prints the public half of the client's key as JWKS, to be registered in the admin portal.
    ClientJwks,
    /// Lists or ends sessions.
    Sessions {
        #[command(subcommand)]
        command: Sessions,
    },
    /// Forgets failures and sends of a number, which is read from standard input.
    Unlock,
    /// Shows the code of the newest message to a test number, once; the number is read from
    /// standard input.
    TestCode {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Writes everything that the store holds now to a file, while the server runs or not.
    Backup {
        /// The file.
        file: PathBuf,
        /// Lets it take the place of one that is there.
        #[arg(long)]
        replace: bool,
    },
    /// Lets a backup take the place of the store of a stopped server. What happened after the
    /// backup is undone: sessions that ended since are alive again.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Sets a store aside that is there.
        #[arg(long)]
        replace: bool,
        /// Only looks whether the backup is sound, and says what is in it.
        #[arg(long, conflicts_with = "replace")]
        check: bool,
    },
    /// Makes the store's file as small as what is in it; for a stopped server.
    Compact,
}

#[derive(Debug, Subcommand)]
enum Sessions {
    /// Lists live sessions.
    List {
        /// Of this user alone (`sub`).
        #[arg(long, value_name = "SUB")]
        user: Option<String>,
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Ends sessions, here and upstream.
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Exactly one of them.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The session with this id, as `sessions list` shows it.
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Those of this user (`sub`).
    #[arg(long, value_name = "SUB")]
    user: Option<String>,
    /// Everybody's.
    #[arg(long)]
    all: bool,
}

/// What a command gives: done, or a sentence for the operator.
type Done = Result<ExitCode, String>;

/// What every command takes from outside.
struct Outside {
    settings: Settings,
    clock: Clock,
    random: Random,
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let done = read_settings(arguments.config.as_deref()).and_then(|settings| {
        let outside = Outside {
            settings,
            clock: Clock::system(),
            random: Random::system(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let runtime =
            runtime.map_err(|error| format!("the runtime could not be started: {error}"))?;
        runtime.block_on(dispatch(
            arguments
                .command
                .unwrap_or(Command::Serve { sandbox: false }),
            outside,
        ))
    });
    match done {
        Ok(code) => code,
        Err(complaint) => {
            say_error(&format!("latchkey: {complaint}"));
            ExitCode::from(2)
        }
    }
}

async fn dispatch(command: Command, outside: Outside) -> Done {
    match command {
        Command::Serve { sandbox } => serve::serve(outside, sandbox).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox => sandbox::alone(&outside).await,
        #[cfg(not(feature = "sandbox"))]
        Command::Sandbox => Err("this build has no sandbox".to_owned()),
        Command::Check => check::check(outside).await,
        Command::ClientJwks => client_jwks::print(&outside.settings),
        Command::Sessions { command } => sessions::carry_out(outside, command).await,
        Command::Unlock => admin_client::unlock(outside).await,
        Command::TestCode { json } => test_code::show(outside, json).await,
        Command::Backup { file, replace } => backup::back_up(outside, &file, replace).await,
        Command::Restore {
            file,
            replace,
            check,
        } => backup::restore(&outside, &file, replace, check),
        Command::Compact => backup::compact(&outside),
    }
}

fn read_settings(file: Option<&Path>) -> Result<Settings, String> {
    let default = Path::new(DEFAULT_FILE);
    let file = file.or(default.exists().then_some(default));
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    settings::load(file, variables).map_err(|error| error.to_string())
}

/// The settings, or everything that is wrong with them.
fn validated(settings: &Settings, clock: &Clock) -> Result<(), String> {
    let complaints = settings.validate(clock.now());
    if complaints.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = complaints
        .iter()
        .map(|complaint| format!("  {complaint}"))
        .collect();
    Err(format!(
        "the settings need attention:\n{}",
        lines.join("\n")
    ))
}

/// A line for whoever reads the result. A reader that is gone is no error.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line for whoever runs the command.
fn say_error(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
