//! What the operator sees of a call: one line for a failed one, two metrics for all. Never a body.

use crate::server::system::clock::Stopwatch;
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;

/// Makes a call and reports how it went.
pub(in crate::server::transmit) async fn measured<T>(
    operation: Operation,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let watch = Stopwatch::start();
    let result = call.await;
    let seconds = watch.elapsed().as_secs_f64();
    let outcome = result
        .as_ref()
        .map_or_else(|failure| failure.kind.as_str(), |_| "ok");
    metrics::counter!("latchkey_upstream_calls_total", "operation" => operation.as_str(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("latchkey_upstream_call_seconds", "operation" => operation.as_str())
        .record(seconds);
    if let Err(failure) = &result {
        line(failure, seconds);
    }
    result
}

/// One line, at the level of how much it asks of the operator.
fn line(failure: &Failure, seconds: f64) {
    // `tracing` wants its level at compile time.
    macro_rules! line {
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
        // Said once where the cause is: by the fetch that failed, by the breaker when it opened.
        FailureKind::NoClientToken | FailureKind::NoSigningKey | FailureKind::BreakerOpen => {
            line!(debug)
        }
        FailureKind::Refused(reason) if reason.is_everyday() => line!(debug),
        FailureKind::Refused(_) if failure.operation == Operation::Token => line!(debug),
        FailureKind::Refused(_) | FailureKind::TokenInvalid(_) => line!(error),
        FailureKind::Overloaded
        | FailureKind::Connect
        | FailureKind::Timeout
        | FailureKind::Broken => line!(warn),
        FailureKind::Throttled | FailureKind::Server | FailureKind::NotUnderstood => line!(warn),
    }
}
