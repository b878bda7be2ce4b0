//! `[telemetry]`: application logs and the audit log.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use crate::server::settings::ConfigError;

/// What a filter may contain besides `target=level`.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// The format of application logs, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Readable lines.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What happens when audit events cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditOverflow {
    /// Requests go on. Events that do not fit into the queue are dropped and counted.
    #[default]
    Drop,
    /// Requests and commands that must be audited are refused.
    Refuse,
}

/// `[telemetry]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct TelemetrySettings {
    /// The log filter, such as `info` or `info,latchkey=debug`.
    pub log: String,
    pub log_format: LogFormat,
    /// The file of the audit log. Unset: standard output.
    pub audit_file: Option<PathBuf>,
    pub audit_overflow: AuditOverflow,
    /// Whether calls to upstream carry the request's id and the trace of its proxy.
    pub propagate_trace: bool,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            audit_file: None,
            audit_overflow: AuditOverflow::Drop,
            propagate_trace: false,
        }
    }
}

impl TelemetrySettings {
    /// The log filter without the spaces between its parts, which its parser refuses.
    pub fn log_filter(&self) -> String {
        let parts: Vec<&str> = self.log.split(',').map(str::trim).collect();
        parts.join(",")
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        // The filter's parser takes any other word for a target, and would then log nothing else.
        let is_word = |text: &&str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        let is_level = |text: &&str| LEVELS.contains(&text.to_ascii_lowercase().as_str());
        // It takes a target without a level, too, and logs everything of that.
        let lacks_level = |text: &&str| text.ends_with('=');
        if let Some(invalid) = self
            .log
            .split(',')
            .map(str::trim)
            .find(|part| is_word(part) && !is_level(part) || lacks_level(part))
        {
            let levels = LEVELS.join(", ");
            let text = format!(
                "`{invalid}` is no level ({levels}); set the level of one target by its name: \
                 latchkey=debug"
            );
            errors.push(ConfigError::new("telemetry.log", text));
        } else if let Err(error) = EnvFilter::try_new(self.log_filter()) {
            let text = format!("`{}` is no log filter: {error}", self.log);
            errors.push(ConfigError::new("telemetry.log", text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_filter_contains_levels_and_targets_with_levels() {
        let errors = |log: &str| {
            let mut errors = Vec::new();
            TelemetrySettings {
                log: log.to_owned(),
                ..TelemetrySettings::default()
            }
            .validate(&mut errors);
            errors.len()
        };
        for valid in [
            "info",
            "WARN",
            "off",
            "info, latchkey=debug",
            "latchkey::server=trace,error",
            "[span]=info",
        ] {
            assert_eq!(errors(valid), 0, "{valid}");
        }
        for invalid in [
            "loud",
            "info,latchkey",
            "verbose,latchkey=debug",
            "latchkey=loud",
            "info,latchkey=",
            "[span",
        ] {
            assert_eq!(errors(invalid), 1, "{invalid}");
        }
    }
}
