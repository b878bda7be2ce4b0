//! `latchkey client-jwks`: the public half of the key that proves this client (`private_key_jwt`).

use std::process::ExitCode;

use latchkey::server::settings::Settings;
use latchkey::server::wiring;

use crate::cli::{Done, say};

/// Prints a JWKS document.
pub fn print(settings: &Settings) -> Done {
    let key = wiring::client_key(&settings.transmit).map_err(|error| error.to_string())?;
    let key = key.ok_or(
        "transmit.private_key_file: needed; with a client secret there is no key to register",
    )?;
    say(&format!("{:#}", key.jwks()));
    Ok(ExitCode::SUCCESS)
}
