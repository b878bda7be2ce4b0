//! `[telemetry]`: logs for people, events for the record.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::server::settings::ConfigError;

/// What a filter may name besides `target=level`.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

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
pub struct TelemetrySettings {
    /// Which logs: a filter such as `info` or `info,latchkey=debug`.
    pub log: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// A file to which audit events are appended, a JSON object a line. Unset: standard output.
    pub audit_file: Option<PathBuf>,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            audit_file: None,
        }
    }
}

impl TelemetrySettings {
    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        // The filter's own reader takes any other word for a target, and hears nothing else.
        let is_word = |text: &&str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        let is_level = |text: &&str| LEVELS.contains(&text.to_ascii_lowercase().as_str());
        if let Some(wrong) = self
            .log
            .split(',')
            .map(str::trim)
            .filter(is_word)
            .find(|word| !is_level(word))
        {
            let levels = LEVELS.join(", ");
            let text = format!(
                "`{wrong}` is no level ({levels}); what one part logs is set by its name: latchkey=debug"
            );
            complaints.push(ConfigError::new("telemetry.log", text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_made_of_levels_and_of_parts_with_levels() {
        let complaints = |log: &str| {
            let mut complaints = Vec::new();
            TelemetrySettings {
                log: log.to_owned(),
                ..TelemetrySettings::default()
            }
            .complaints(&mut complaints);
            complaints.len()
        };
        for fine in [
            "info",
            "WARN",
            "off",
            "info, latchkey=debug",
            "latchkey::server=trace,error",
            "[span]=info",
        ] {
            assert_eq!(complaints(fine), 0, "{fine}");
        }
        for wrong in ["loud", "info,latchkey", "verbose,latchkey=debug"] {
            assert_eq!(complaints(wrong), 1, "{wrong}");
        }
    }
}
