//! The command line as clap parses it: options, commands and the texts of `--help`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

/// The exit codes, for `--help`.
const EXIT_CODES: &str = "\
Exit codes of every command:
  0  done
  1  the answer is no: a check failed, or there was nothing to show or to end
  2  the command line, a setting or a file is at fault; repeating changes nothing
  3  not possible now; a later attempt may succeed";

/// Phone sign-in for web applications whose users live in Transmit Security.
#[derive(Debug, Parser)]
#[command(
    name = "latchkey",
    version,
    about,
    disable_help_subcommand = true,
    after_help = EXIT_CODES
)]
pub struct Arguments {
    /// The settings file [default: latchkey.toml, if it exists].
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the server (the default).
    Serve {
        /// Starts the sandbox too, which behaves like Transmit, and uses it: no account, no SMS.
        /// On loopback only.
        #[arg(long)]
        sandbox: bool,
    },
    /// Runs the sandbox alone, which behaves like Transmit.
    Sandbox,
    /// Checks settings, upstream, policy, store and machine, and reports problems.
    Check {
        /// Prints every setting with its source instead. Secrets are redacted.
        #[arg(long)]
        dump: bool,
    },
    /// Serves every page in every state and language with the brand of the settings, to look at.
    /// It needs no tenant, no store and no key.
    Preview {
        /// The loopback address to serve on.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4300")]
        address: SocketAddr,
    },
    /// Asks the running server whether it is ready (`/readyz`), for health checks.
    Health {
        /// Asks whether the process is alive (`/livez`) instead.
        #[arg(long)]
        live: bool,
    },
    /// Prints the client's public key as JWKS, to be registered in the admin portal.
    ClientJwks,
    /// Lists or ends sessions.
    Sessions {
        #[command(subcommand)]
        command: SessionsCommand,
    },
    /// Resets failures and sends of a number, which is read from standard input.
    Unlock,
    /// Shows what is known of a number: limits, recent events and what upstream said. The number, a
    /// user (`sub`) or a request ID is read from standard input.
    Lookup {
        /// Standard input has a user (`sub`).
        #[arg(long)]
        user: bool,
        /// Standard input has a request ID.
        #[arg(long, conflicts_with = "user")]
        request: bool,
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Prints what is stored about a person as JSON. The number is read from standard input.
    Export {
        /// Standard input has a user (`sub`) instead of a number.
        #[arg(long)]
        user: bool,
    },
    /// Ends the sessions of a person, and erases what is stored. The number is read from standard
    /// input.
    Erase {
        /// Standard input has a user (`sub`) instead of a number.
        #[arg(long)]
        user: bool,
        /// Also resets what limits guesses and messages at the number, as `unlock` does.
        #[arg(long, conflicts_with = "user")]
        with_limits: bool,
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Shows the code of the latest message to a test number, once. The number is read from
    /// standard input.
    TestCode {
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Verifies the audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Writes a backup of the store to a file. The server may be running.
    Backup {
        /// The file.
        file: PathBuf,
        /// Replaces an existing file.
        #[arg(long)]
        replace: bool,
    },
    /// Replaces the store of a stopped server by a backup. Everything after the backup is undone:
    /// sessions that have ended since are active again.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Replaces an existing store, and keeps its file under another name.
        #[arg(long)]
        replace: bool,
        /// Only checks whether the backup is intact, and describes it.
        #[arg(long, conflicts_with = "replace")]
        check: bool,
        /// Accepts a backup without an authentication code, or with one by a key that is gone.
        #[arg(long)]
        accept_unauthenticated: bool,
    },
    /// Shrinks the store's file of a stopped server.
    Compact,
    #[command(flatten)]
    Documentation(DocumentationCommand),
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Finds lines that were altered, removed, moved or inserted. The server may be running.
    Verify {
        /// The files, rotated ones too, in any order; `-` is standard input
        /// [default: telemetry.audit_file].
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// Lists active sessions.
    List {
        /// Of one user (`sub`).
        #[arg(long, value_name = "SUB")]
        user: Option<String>,
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Ends sessions, here and upstream.
    Revoke {
        #[command(flatten)]
        selection: SessionSelection,
        /// Prints JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Selects sessions by exactly one option.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct SessionSelection {
    /// The session with this id, as `sessions list` shows it.
    #[arg(value_name = "ID")]
    pub id: Option<String>,
    /// All sessions of this user (`sub`).
    #[arg(long, value_name = "SUB")]
    pub user: Option<String>,
    /// All sessions.
    #[arg(long)]
    pub all: bool,
}

/// Commands about the command line itself.
#[derive(Debug, Subcommand)]
pub enum DocumentationCommand {
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Prints the manual page in the format of `man`.
    Man {
        /// Writes the pages of all commands to this folder, which exists, instead.
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}
