//! Metrics as text in the exposition format of Prometheus.

use std::fmt::{Display, Write as _};

/// A metric of one name, with its samples.
pub struct MetricFamily {
    name: &'static str,
    text: String,
}

impl MetricFamily {
    /// A gauge without samples.
    pub fn gauge(name: &'static str, help: &str) -> Self {
        Self::new("gauge", name, help)
    }

    /// A counter without samples.
    pub fn counter(name: &'static str, help: &str) -> Self {
        Self::new("counter", name, help)
    }

    fn new(kind: &str, name: &'static str, help: &str) -> Self {
        let text = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Self { name, text }
    }

    /// Adds the sample without labels.
    #[must_use]
    pub fn value(mut self, value: impl Display) -> Self {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{} {value}", self.name);
        self
    }

    /// Adds a sample. Values of labels are names from lists of ours and country codes, which need
    /// no escaping.
    #[must_use]
    pub fn sample(mut self, labels: &[(&str, &str)], value: impl Display) -> Self {
        let labels = labels.iter().map(|(name, of)| format!("{name}=\"{of}\""));
        let labels = labels.collect::<Vec<_>>().join(",");
        let _ = writeln!(self.text, "{}{{{labels}}} {value}", self.name);
        self
    }

    /// Its lines.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// A gauge without labels.
pub fn plain_gauge(name: &'static str, help: &str, value: impl Display) -> String {
    MetricFamily::gauge(name, help).value(value).into_text()
}
