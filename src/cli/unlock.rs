//! `latchkey unlock`: resets the failures and sends of a number.

use latchkey::server::admin::commands::AdminCommand;

use crate::cli::admin_client;
use crate::cli::context::{CommandResult, Context};

/// Resets the counters of the number on standard input.
pub async fn unlock(context: Context) -> CommandResult {
    let identifier = admin_client::read_number("unlock")?;
    let reply = admin_client::run_command(context, &AdminCommand::Unlock { identifier }).await?;
    admin_client::print_reply(reply)
}
