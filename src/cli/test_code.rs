//! `latchkey test-code`: what came for a test number.

use std::process::ExitCode;

use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply};

use crate::cli::{Done, Outside, admin_client, say, say_error};

/// Shows the newest message to the number that standard input names: its code alone, so that a
/// script can take it as it is.
pub async fn show(outside: Outside, json: bool) -> Done {
    let identifier = admin_client::read_number("test-code")?;
    let shown = match admin_client::answer(outside, &AdminCommand::TestCode { identifier }).await? {
        AdminReply::TestCode(shown) => shown,
        // A script asks again where no message has come, and for nothing else.
        AdminReply::Failed { cause } => return Err(cause),
        other => return Ok(admin_client::show(other)),
    };
    if json {
        say(&serde_json::to_string_pretty(&shown).map_err(|error| error.to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(code) = &shown.code else {
        return Err(format!(
            "the message does not say plainly which its code is: {}",
            shown.text
        ));
    };
    say(code);
    say_error(&format!(
        "latchkey: for {} more seconds; it is not shown again",
        shown.expires_in
    ));
    Ok(ExitCode::SUCCESS)
}
