//! `latchkey sandbox`, and the sandbox of `latchkey serve --sandbox`.

use std::io;
use std::process::ExitCode;

use latchkey::server::settings::{Secret, Settings};
use latchkey::server::system::io_error::is_temporary;
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxOptions, TENANT_ID};

use crate::cli::command_error::CommandError;
use crate::cli::context::{CommandResult, Context, print_message};
use crate::cli::signal::stop_signal;

/// Runs the sandbox alone, until a stop signal.
pub async fn run(context: &Context) -> CommandResult {
    let sandbox = start(&context.settings).await?;
    let base_url = sandbox.base_url();
    print_message(&format!(
        "\n  Sandbox   {base_url}   (the phone that receives the messages)\n\n  \
         LATCHKEY_TRANSMIT__BASE_URL={base_url}\n  LATCHKEY_TRANSMIT__ISSUER={base_url}\n  \
         LATCHKEY_TRANSMIT__TENANT_ID={TENANT_ID}\n  LATCHKEY_TRANSMIT__CLIENT_ID={CLIENT_ID}\n  \
         LATCHKEY_TRANSMIT__CLIENT_SECRET={CLIENT_SECRET}\n"
    ));
    stop_signal().await;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Starts the sandbox for a server in this process, and points the settings at it.
pub async fn start_for_server(settings: &mut Settings) -> Result<Sandbox, CommandError> {
    if !settings.server.is_loopback() {
        return Err(CommandError::Fault(format!(
            "the sandbox is for loopback only, and server.public_url is {}",
            settings.server.public_url()
        )));
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

async fn start(settings: &Settings) -> Result<Sandbox, CommandError> {
    let options = SandboxOptions {
        address: settings.sandbox.address,
        application_url: Some(settings.server.public_url().to_string()),
        app_name: settings.brand.name.clone(),
    };
    latchkey_sandbox::start(options).await.map_err(|error| {
        let cause = std::error::Error::source(&error);
        let may_pass = cause
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .is_none_or(is_temporary);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        let message = format!("{error}{cause}; LATCHKEY_SANDBOX__ADDRESS moves it");
        CommandError::new(message, may_pass)
    })
}
