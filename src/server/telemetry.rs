//! Logs for people, and the recorder behind `/metrics`.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::server::settings::TelemetrySettings;
use crate::server::settings::telemetry::LogFormat;

/// Seconds, for everything that takes time.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// A library that writes whole numbers into its log, at `trace`: never heard, whatever the filter
/// says.
const TELLS_NUMBERS: &str = "rlibphonenumber";

/// Logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("telemetry.log: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The recorder cannot be installed.
    #[error("metrics: {0}")]
    Metrics(String),
}

/// Sends logs to standard error. The first call wins.
///
/// # Errors
/// The filter cannot be read.
pub fn log(settings: &TelemetrySettings) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&settings.log)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Where standard error cannot be written, saying so there would panic in the midst of a
    // request.
    let builder = builder.log_internal_errors(false);
    let discreet = filter_fn(|metadata| !metadata.target().starts_with(TELLS_NUMBERS));
    // An error means that a test has set one up before.
    let _ = match settings.log_format {
        LogFormat::Text => builder.compact().finish().with(discreet).try_init(),
        LogFormat::Json => builder.json().finish().with(discreet).try_init(),
    };
    Ok(())
}

/// Installs the recorder of the process.
///
/// # Errors
/// There is one already.
pub fn metrics() -> Result<PrometheusHandle, TelemetryError> {
    let failed = |error: &dyn std::fmt::Display| TelemetryError::Metrics(error.to_string());
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .map_err(|error| failed(&error))?
        .install_recorder()
        .map_err(|error| failed(&error))
}
