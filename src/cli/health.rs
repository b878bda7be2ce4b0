//! `latchkey health`: whether the running server is ready, or alive. A container has no other
//! program that could ask it.

use std::process::ExitCode;
use std::time::Duration;

use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{CommandResult, Context, print_line};
use crate::cli::operations_client::{self, ProbeError, ProbeKind};

/// How long the server may take. Longer than it waits for its store, shorter than container engines
/// wait for this command.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Prints what the server says of itself. The exit code says whether the answer is yes.
pub async fn health(context: &Context, is_live: bool) -> CommandResult {
    let probe = if is_live {
        ProbeKind::Live
    } else {
        ProbeKind::Ready
    };
    let asked = operations_client::ask(&context.settings, probe, TIMEOUT, &context.clock).await;
    let reply = asked.map_err(|error| match error {
        ProbeError::Unreachable { .. } => CommandError::Unavailable(error.to_string()),
        ProbeError::Foreign { .. } => CommandError::Fault(format!("operations.address: {error}")),
    })?;
    print_line(reply.text.trim_end())?;
    Ok(if reply.is_positive {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NEGATIVE)
    })
}
