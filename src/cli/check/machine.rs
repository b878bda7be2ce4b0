//! Checks the machine: addresses to listen on, files and folders to write to, and the proxies that
//! can reach the listener.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::Duration;

use latchkey::server::audit::chain;
use latchkey::server::finding::Finding::{self, Fail, Pass, Warn};
use latchkey::server::settings::{Settings, StoreEngine};
use latchkey::server::system::private_files;
use latchkey::server::wiring;
use rustix::fs::{Access, access};
use tokio::net::TcpListener;

use crate::cli::context::Context;
use crate::cli::operations_client::{self, ProbeKind};

/// How long a listener that is in use may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// The rows about the machine.
pub async fn rows(context: &Context) -> Vec<(&'static str, Finding)> {
    let settings = &context.settings;
    let mut rows = listeners(context).await;
    rows.extend(files(settings).into_iter().map(|found| ("files", found)));
    rows.extend(proxies(settings).map(|found| ("proxies", found)));
    rows
}

/// Whether the addresses are free, or used by a server with these settings.
async fn listeners(context: &Context) -> Vec<(&'static str, Finding)> {
    let mut rows = Vec::new();
    let is_running = is_running(context).await;
    let tokens = operations_tokens(&context.settings);
    rows.extend(tokens.into_iter().map(|found| ("operations", found)));
    for (key, address) in context.settings.listeners() {
        let found = match TcpListener::bind(address).await {
            Ok(_) => Pass(format!("{key}: {address} is free")),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_running => Pass(format!(
                "{key}: {address} is in use, and a server is running"
            )),
            Err(error) => Fail(format!("{key}: cannot listen on {address}: {error}")),
        };
        rows.push(("listener", found));
    }
    rows
}

/// Whether a server answers as ours does at `operations.address`.
async fn is_running(context: &Context) -> bool {
    let asked =
        operations_client::ask(&context.settings, ProbeKind::Live, PATIENCE, &context.clock).await;
    asked.is_ok_and(|reply| reply.is_positive)
}

/// Whether the tokens of the operations listener can be read and differ, if there are any.
fn operations_tokens(settings: &Settings) -> Vec<Finding> {
    let tokens = match wiring::read_operations_tokens(&settings.operations) {
        Ok(tokens) => tokens,
        Err(error) => return vec![Fail(error.to_string())],
    };
    let named = [
        ("the bearer token", tokens.bearer),
        ("the token of the admin API", tokens.admin),
    ];
    let is_set = named.into_iter().filter(|(_, token)| token.is_some());
    is_set
        .map(|(name, _)| Pass(format!("{name} is set")))
        .collect()
}

/// Files and folders that the server must be able to write to. Nothing is created.
fn files(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |what: String, result: io::Result<()>| {
        findings.push(match result {
            Ok(()) => Pass(format!("{what}: can be written")),
            Err(error) => Fail(format!("{what}: {error}")),
        });
    };
    if let Ok(StoreEngine::Redb(_)) = settings.store.engine() {
        let folder = settings.data_directory();
        let what = format!("the data directory {}", folder.display());
        add(what, can_create_in(&folder));
    }
    if let Some(file) = &settings.telemetry.audit_file {
        let what = format!("telemetry.audit_file: {}", file.display());
        add(what, can_append(file));
        let checkpoint = chain::checkpoint_path(file);
        let what = format!("the checkpoint of the audit log {}", checkpoint.display());
        add(what, can_append(&checkpoint));
    }
    findings
}

/// Whether a file can be appended to, or created.
fn can_append(file: &Path) -> io::Result<()> {
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            can_create_in(private_files::parent_folder(file))
        }
        Err(error) => Err(error),
        // To open a named pipe waits for its reader.
        Ok(found) if found.file_type().is_fifo() => Ok(access(file, Access::WRITE_OK)?),
        Ok(_) => OpenOptions::new().append(true).open(file).map(drop),
    }
}

/// Whether a file can be created in a folder, which may have to be created itself.
fn can_create_in(folder: &Path) -> io::Result<()> {
    let absolute = std::path::absolute(folder)?;
    let existing = absolute.ancestors().find(|folder| folder.exists());
    let existing = existing.unwrap_or(&absolute);
    if !existing.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(existing, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Whether the trusted proxies can be those that connect.
fn proxies(settings: &Settings) -> Option<Finding> {
    let (address, trusted) = (settings.server.address, &settings.server.trusted_proxies);
    if trusted.is_empty() {
        let is_public = !settings.server.is_loopback();
        let text = "server.trusted_proxies is empty: the peer of each connection counts as the \
            client. Behind a proxy every limit by address applies to all clients together";
        return is_public.then(|| Warn(text.to_owned()));
    }
    let can_connect = !address.ip().is_loopback()
        || trusted
            .iter()
            .any(|net| net.contains(&address.ip()) || net.addr().is_loopback());
    Some(if can_connect {
        Pass(format!("{} trusted", list(trusted)))
    } else {
        Fail(format!(
            "server.address {address} can be reached from this machine alone, and \
             server.trusted_proxies ({}) names no address of it: every client counts as the proxy",
            list(trusted)
        ))
    })
}

fn list(networks: &[ipnet::IpNet]) -> String {
    let texts: Vec<String> = networks.iter().map(ToString::to_string).collect();
    texts.join(", ")
}
