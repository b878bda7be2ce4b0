//! The application log of the server, on standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::Once;

use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::server::settings::telemetry::LogFormat;
use crate::server::system::background_writer::BackgroundWriter;
use crate::server::system::clock::Clock;
use crate::server::system::output::StandardStream;
use crate::server::telemetry::TelemetryError;

/// A library that logs whole phone numbers at `trace`. Always filtered out.
const LOGS_PHONE_NUMBERS: &str = "rlibphonenumber";
/// The name of the log in metrics and messages.
const LOG_NAME: &str = "application";
/// A variable that asks programs for plain text (<https://no-color.org>).
const NO_COLOR: &str = "NO_COLOR";

/// The application log. It is written by a thread of its own. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServerLog {
    writer: BackgroundWriter,
    format: LogFormat,
}

/// How important a message is.
#[derive(Clone, Copy, Debug)]
pub enum MessageLevel {
    /// For information.
    Info,
    /// The server does not start, or stops.
    Error,
}

impl ServerLog {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// Those of the system.
    pub fn start(format: LogFormat) -> io::Result<Self> {
        let writer = BackgroundWriter::start(LOG_NAME, StandardStream::stderr()?)?;
        Ok(Self { writer, format })
    }

    /// Writes what the process logs from now on, and panics without their messages, which may quote
    /// input. The first call wins.
    ///
    /// # Errors
    /// The filter is invalid.
    pub fn install(&self, filter: &str) -> Result<(), TelemetryError> {
        static PANIC_HOOK: Once = Once::new();
        let filter = EnvFilter::try_new(filter)?;
        let log = self.clone();
        let has_colors = io::stderr().is_terminal() && std::env::var_os(NO_COLOR).is_none();
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(has_colors)
            .with_writer(move || log.clone());
        let without_phone_numbers =
            filter_fn(|metadata| !metadata.target().starts_with(LOGS_PHONE_NUMBERS));
        // Fails only when a test has set one up before.
        let _ = match self.format {
            LogFormat::Text => builder
                .compact()
                .finish()
                .with(without_phone_numbers)
                .try_init(),
            LogFormat::Json => builder
                .json()
                .finish()
                .with(without_phone_numbers)
                .try_init(),
        };
        PANIC_HOOK.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                let location = panic.location().map(ToString::to_string);
                tracing::error!(location, "a thread panicked");
            }));
        });
        Ok(())
    }

    /// Writes a message for the operator, which no filter hides.
    pub fn print(&self, level: MessageLevel, text: &str) {
        let line = match self.format {
            LogFormat::Text => text.to_owned(),
            LogFormat::Json => {
                let level = match level {
                    MessageLevel::Info => "INFO",
                    MessageLevel::Error => "ERROR",
                };
                json!({
                    "timestamp": Clock::system().now().to_rfc3339(),
                    "level": level,
                    "fields": { "message": text.trim() },
                    "target": "latchkey",
                })
                .to_string()
            }
        };
        self.writer.push((line + "\n").into_bytes());
    }

    /// Waits until everything is written, for a few seconds at most. Blocks the thread.
    pub fn finish(&self) {
        // There is nowhere left to report what could not be written.
        let _ = self.writer.flush();
    }
}

impl Write for ServerLog {
    /// Takes a whole line: a subscriber formats each event before it writes.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.writer.push(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
