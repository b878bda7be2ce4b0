//! The stand-in for Transmit: alone, or beside the server.

use std::process::ExitCode;

use latchkey::server::settings::{Secret, Settings};
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Options, Sandbox, TENANT_ID};

use crate::cli::{Done, Outside, say_error};

/// Runs it until a signal comes.
pub async fn alone(outside: &Outside) -> Done {
    let sandbox = start(&outside.settings).await?;
    let base_url = sandbox.base_url();
    say_error(&format!(
        "\n  Sandbox   {base_url}   (the phone that receives the messages)\n\n  \
         LATCHKEY_TRANSMIT__BASE_URL={base_url}\n  LATCHKEY_TRANSMIT__ISSUER={base_url}\n  \
         LATCHKEY_TRANSMIT__TENANT_ID={TENANT_ID}\n  LATCHKEY_TRANSMIT__CLIENT_ID={CLIENT_ID}\n  \
         LATCHKEY_TRANSMIT__CLIENT_SECRET={CLIENT_SECRET}\n"
    ));
    crate::cli::serve::signal().await;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts it beside the server, and points the settings at it.
pub async fn beside(settings: &mut Settings) -> Result<Sandbox, String> {
    if !settings.server.is_loopback() {
        return Err(format!(
            "the sandbox is for loopback only, and server.public_url is {}",
            settings.server.public_url()
        ));
    }
    let sandbox = start(settings).await?;
    let base_url = sandbox.base_url();
    let transmit = &mut settings.transmit;
    transmit.region = None;
    transmit.jwks_url = None;
    transmit.other_issuers = Vec::new();
    transmit.client_secret_file = None;
    transmit.base_url = base_url.parse().ok();
    transmit.issuer = Some(base_url);
    transmit.tenant_id = Some(TENANT_ID.to_owned());
    transmit.client_id = CLIENT_ID.to_owned();
    transmit.client_secret = Some(Secret::new(CLIENT_SECRET));
    Ok(sandbox)
}

async fn start(settings: &Settings) -> Result<Sandbox, String> {
    let options = Options {
        address: settings.sandbox.address,
        application_url: Some(settings.server.public_url().to_string()),
        app_name: settings.brand.name.clone(),
    };
    latchkey_sandbox::start(options).await.map_err(|error| {
        let cause = std::error::Error::source(&error)
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        format!("{error}{cause}; LATCHKEY_SANDBOX__ADDRESS moves it")
    })
}
