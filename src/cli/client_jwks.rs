//! `latchkey client-jwks`: prints the public key of this client, to be registered at Transmit
//! (`private_key_jwt`).

use std::process::ExitCode;

use latchkey::server::settings::Settings;
use latchkey::server::wiring;

use crate::cli::context::{CommandResult, print_line};

/// Prints a JWKS document.
pub fn print_jwks(settings: &Settings) -> CommandResult {
    let key = wiring::read_client_key(&settings.transmit)?;
    let key = key.ok_or(
        "transmit.private_key_file: needed; with a client secret there is no key to register",
    )?;
    print_line(&format!("{:#}", key.jwks()))?;
    Ok(ExitCode::SUCCESS)
}
