//! `latchkey preview`: the pages with the brand of the settings, to look at.

use std::net::SocketAddr;
use std::process::ExitCode;

use latchkey::server::http::preview;
use latchkey::server::http::static_files::StaticFiles;
use tokio::net::TcpListener;

use crate::cli::command_error::CommandError;
use crate::cli::context::{CommandResult, Context, print_message};
use crate::cli::signal::stop_signal;

/// Serves the pages until a stop signal. Only what pages show must be in order: there need not be a
/// tenant, a store or a key.
pub async fn run(context: &Context, address: SocketAddr) -> CommandResult {
    if !address.ip().is_loopback() {
        return Err(CommandError::Fault(format!(
            "--address: {address} is not a loopback address, which a preview is for"
        )));
    }
    let errors = context.settings.validate(context.clock.now());
    let of_brand = errors
        .iter()
        .filter(|error| error.key.starts_with("brand."));
    let lines: Vec<String> = of_brand
        .map(|error| format!("  {}", error.describe(&context.sources)))
        .collect();
    if !lines.is_empty() {
        let text = format!("the settings need attention:\n{}", lines.join("\n"));
        return Err(CommandError::Fault(text));
    }
    StaticFiles::ensure_complete()?;
    let router = preview::router(&context.settings)
        .map_err(|error| CommandError::Fault(error.to_string()))?;
    let in_use = |error| CommandError::io(format!("cannot listen on {address}"), &error);
    let listener = TcpListener::bind(address).await.map_err(in_use)?;
    let bound = listener.local_addr().map_err(in_use)?;
    print_message(&format!(
        "\n  Preview   http://{bound}   (every page, no data)\n"
    ));
    tokio::select! {
        served = async { axum::serve(listener, router).await } => {
            served.map_err(|error| CommandError::io("the preview", &error))?;
        }
        _ = stop_signal() => {}
    }
    Ok(ExitCode::SUCCESS)
}
