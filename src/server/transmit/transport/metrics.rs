//! Logs and metrics of calls: two metrics for each call, and a log record for each failed one.
//! Bodies are never logged.

use crate::server::system::clock::Stopwatch;
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// Runs a call and records its outcome and duration.
pub(in crate::server::transmit) async fn measure<T>(
    operation: Operation,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let watch = Stopwatch::start();
    let result = call.await;
    let seconds = watch.elapsed().as_secs_f64();
    let outcome = result
        .as_ref()
        .map_or_else(|failure| failure.kind.as_str(), |_| "ok");
    let operation = operation.as_str();
    let labels = [("operation", operation), ("outcome", outcome)];
    metrics::counter!("latchkey_upstream_calls_total", &labels).increment(1);
    metrics::histogram!("latchkey_upstream_call_duration_seconds", "operation" => operation)
        .record(seconds);
    if let Err(failure) = &result {
        log_failure(failure, seconds);
    }
    result
}

/// Logs a failure at the level that fits how urgent it is for the operator.
fn log_failure(failure: &Failure, seconds: f64) {
    // `tracing` needs the level at compile time.
    macro_rules! log {
        ($level:ident) => {
            tracing::$level!(
                operation = %failure.operation,
                delivery = failure.delivery.as_str(),
                kind = failure.kind.as_str(),
                status = failure.status,
                error_code = failure.error_code,
                duration_secs = seconds,
                "upstream call failed: {failure}"
            )
        };
    }
    match failure.kind {
        // The cause is logged once, by the failed fetch or by the breaker when it opened.
        FailureKind::NoClientToken | FailureKind::NoSigningKey | FailureKind::BreakerOpen => {
            log!(debug)
        }
        FailureKind::Refused(reason) if reason.is_user_error() => log!(debug),
        // Where request ids are not required, the call is made without one.
        FailureKind::Refused(Reason::RequestIdUnknown) => log!(warn),
        FailureKind::Refused(_) if failure.operation == Operation::Token => log!(debug),
        FailureKind::Refused(_) | FailureKind::TokenInvalid(_) | FailureKind::NoRequestId => {
            log!(error)
        }
        FailureKind::Overloaded
        | FailureKind::Connect
        | FailureKind::Timeout
        | FailureKind::Broken => log!(warn),
        FailureKind::Throttled | FailureKind::Server | FailureKind::NotUnderstood => log!(warn),
    }
}
