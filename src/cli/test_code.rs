//! `latchkey test-code`: shows the code of the latest message to a test number.

use std::process::ExitCode;

use latchkey::server::admin::commands::{AdminCommand, AdminReply};

use crate::cli::admin_client;
use crate::cli::context::{CommandResult, Context, print_line, print_message};

/// Prints the code of the latest message to the number on standard input. Without `json` only the
/// code is printed, for scripts.
pub async fn show(context: Context, json: bool) -> CommandResult {
    let identifier = admin_client::read_number("test-code")?;
    let command = AdminCommand::TestCode { identifier };
    let shown = match admin_client::run_command(context, &command).await? {
        AdminReply::TestCode(shown) => shown,
        // The exit code 1 means "no message yet", so that scripts retry. All else is an error.
        AdminReply::Failed { cause } => return Err(cause),
        other => return Ok(admin_client::print_reply(other)),
    };
    if json {
        print_line(&serde_json::to_string_pretty(&shown).map_err(|error| error.to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(code) = &shown.code else {
        return Err(format!(
            "the message does not print_line plainly which its code is: {}",
            shown.text
        ));
    };
    print_line(code);
    print_message(&format!(
        "latchkey: for {} more seconds; it is not shown again",
        shown.expires_in
    ));
    Ok(ExitCode::SUCCESS)
}
