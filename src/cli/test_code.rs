//! `latchkey test-code`: what came for a test number.

use std::process::ExitCode;

use latchkey::server::control::{Answer, Command};

use super::{Done, Outside, operator, say, say_error};

/// Shows the newest message to the number that standard input names: its code alone, so that a script can take it as it is.
pub async fn show(outside: Outside, json: bool) -> Done {
    let identifier = operator::read_number("test-code")?;
    let shown = match operator::answer(outside, &Command::TestCode { identifier }).await? {
        Answer::TestCode(shown) => shown,
        // A script asks again where no message has come, and for nothing else.
        Answer::Failed { cause } => return Err(cause),
        other => return Ok(operator::show(other)),
    };
    if json {
        say(&serde_json::to_string_pretty(&shown).map_err(|error| error.to_string())?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(code) = &shown.code else {
        return Err(format!("the message does not say plainly which its code is: {}", shown.text));
    };
    say(code);
    say_error(&format!("latchkey: for {} more seconds; it is not shown again", shown.expires_in));
    Ok(ExitCode::SUCCESS)
}
