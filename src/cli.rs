//! The command line, one file a command. All commands read the same settings.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use latchkey::server::settings::setting_key::PREFIX;
use latchkey::server::settings::telemetry::LogFormat;
use latchkey::server::settings::{self, SettingSources, Settings};
use latchkey::server::store::redb::RestoreOptions;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;

mod admin_client;
mod arguments;
mod audit;
mod backup;
mod check;
mod client_jwks;
mod closed_descriptors;
mod command_error;
mod context;
mod documentation;
mod health;
mod lookup;
mod operations_client;
mod personal_data;
mod preview;
#[cfg(feature = "sandbox")]
mod sandbox;
mod serve;
mod sessions;
mod signal;
mod store_ownership;
mod test_code;
mod unlock;

use self::arguments::{Arguments, AuditCommand, Command};
use self::closed_descriptors::StandardDescriptor;
use self::command_error::{CommandError, FAULT};
use self::context::{CommandResult, Context, print_error};

/// The settings file that is read if it exists and `--config` names no other.
const DEFAULT_FILE: &str = "latchkey.toml";
/// The variable of `telemetry.log_format`.
const LOG_FORMAT_VARIABLE: &str = "LATCHKEY_TELEMETRY__LOG_FORMAT";

/// How long the process waits at its end for work that cannot be interrupted, such as a write.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(1);

/// Runs the command that the command line names.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => return print_usage(&usage),
    };
    let command = arguments
        .command
        .unwrap_or(Command::Serve { sandbox: false });
    let is_server = matches!(command, Command::Serve { .. });
    let settings = match command {
        Command::Documentation(_) => Ok(<(Settings, SettingSources)>::default()),
        _ => read_settings(arguments.config.as_deref()),
    };
    if is_server {
        // If it fails, messages are written directly.
        let read = settings.as_ref().ok().map(|(settings, _)| settings);
        let _ = context::start_server_log(log_format(read));
    }
    let result = settings.and_then(|(settings, sources)| {
        let context = Context {
            settings,
            sources,
            clock: Clock::system(),
            random: Random::system(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| CommandError::io("the runtime could not be started", &error))?;
        let result = runtime.block_on(dispatch(command, context));
        // Dropping the runtime would wait for blocking work without limit.
        runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
        result
    });
    let code = result.unwrap_or_else(|error| {
        print_error(error.message());
        error.exit_code()
    });
    context::finish_server_log();
    code
}

/// Prints help, the version, or what is wrong with the command line.
fn print_usage(usage: &clap::Error) -> ExitCode {
    if usage.use_stderr() {
        // A message that cannot be written is lost; the exit code says the same.
        let _ = usage.print();
        return ExitCode::from(FAULT);
    }
    let written = StandardDescriptor::Output
        .require_open()
        .and_then(|()| usage.print())
        .and_then(|()| std::io::stdout().flush());
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error = CommandError::io("standard output", &error);
            print_error(error.message());
            error.exit_code()
        }
    }
}

/// The format of the server's log. Where the settings cannot be read, the variable decides, so that
/// their error is written in it too.
fn log_format(settings: Option<&Settings>) -> LogFormat {
    let named = || std::env::var(LOG_FORMAT_VARIABLE).is_ok_and(|value| value == "json");
    match settings {
        Some(settings) => settings.telemetry.log_format,
        None if named() => LogFormat::Json,
        None => LogFormat::Text,
    }
}

async fn dispatch(command: Command, context: Context) -> CommandResult {
    match command {
        Command::Serve { sandbox } => serve::serve(context, sandbox).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox => sandbox::run(&context).await,
        #[cfg(not(feature = "sandbox"))]
        Command::Sandbox => Err("this build has no sandbox".into()),
        Command::Check { dump } => check::check(context, dump).await,
        Command::Preview { address } => preview::run(&context, address).await,
        Command::Health { live } => health::health(&context, live).await,
        Command::ClientJwks => client_jwks::print_jwks(&context.settings),
        Command::Sessions { command } => sessions::run(context, command).await,
        Command::Unlock => unlock::unlock(context).await,
        Command::Lookup {
            user,
            request,
            json,
        } => lookup::look_up(context, user, request, json).await,
        Command::Export { user } => personal_data::export(context, user).await,
        Command::Erase {
            user,
            with_limits,
            json,
        } => personal_data::erase(context, user, with_limits, json).await,
        Command::TestCode { json } => test_code::show(context, json).await,
        Command::Audit {
            command: AuditCommand::Verify { files, json },
        } => audit::verify(&context.settings, files, json),
        Command::Backup { file, replace } => backup::back_up(context, &file, replace).await,
        Command::Restore {
            file,
            replace,
            check,
            accept_unauthenticated,
        } => {
            let options = RestoreOptions {
                replace,
                accept_unauthenticated,
            };
            if check {
                backup::check(&context, &file, options)
            } else {
                backup::restore(&context, &file, options)
            }
        }
        Command::Compact => backup::compact(&context),
        Command::Documentation(command) => documentation::run(&command),
    }
}

fn read_settings(file: Option<&Path>) -> Result<(Settings, SettingSources), CommandError> {
    let default = Path::new(DEFAULT_FILE);
    let file = file.or(default.exists().then_some(default));
    let variables: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            // The default would be taken instead, without a word.
            Err(_) => Err(CommandError::Fault(format!(
                "variable {name}: is not UTF-8 text"
            ))),
        })
        .collect::<Result<_, _>>()?;
    settings::load_with_sources(file, variables.into_iter())
        .map_err(|error| CommandError::Fault(error.to_string()))
}
