//! `[telemetry]`: logs for people, events for the record.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How logs are written, to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Logs and events.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Which logs: a filter such as `info` or `info,latchkey=debug`.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// A file to which audit events are appended, a JSON object a line. Unset: standard output.
    pub audit_file: Option<PathBuf>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".to_owned(), log_format: LogFormat::Text, audit_file: None }
    }
}
