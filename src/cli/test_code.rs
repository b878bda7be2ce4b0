//! `latchkey test-code`: shows the code of the latest message to a test number.

use std::process::ExitCode;

use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::test_numbers::TestNumberMessage;

use crate::cli::admin_client::{self, AdminClient};
use crate::cli::command_error::CommandError;
use crate::cli::context::{CommandResult, Context, print_line, print_message};

/// Prints the code of the latest message to the number on standard input. Without `json` only the
/// code is printed, for scripts. The message is deleted when the code is written, and not before.
pub async fn show(context: Context, json: bool) -> CommandResult {
    let identifier = admin_client::read_number("test-code")?;
    let client = AdminClient::open(context).await?;
    let read = AdminCommand::TestCode {
        identifier: identifier.clone(),
    };
    let (message, version) = match client.run(&read).await? {
        AdminReply::TestCode { message, version } => (message, version),
        other => return admin_client::print_reply(other),
    };
    let written = print_code(&message, json);
    let finish = AdminCommand::TestCodeFinish {
        identifier,
        version,
        is_written: written.is_ok(),
    };
    let finished = client.run(&finish).await;
    written?;
    finished?;
    client.close().await?;
    if !json {
        print_message(&format!(
            "latchkey: for {} more seconds; it is not shown again",
            message.expires_in
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn print_code(message: &TestNumberMessage, json: bool) -> Result<(), CommandError> {
    if json {
        let text = serde_json::to_string_pretty(message).map_err(|error| error.to_string())?;
        return print_line(&text);
    }
    let Some(code) = &message.code else {
        return Err(CommandError::Fault(format!(
            "the message does not say plainly which its code is: {}",
            message.text
        )));
    };
    print_line(code)
}
