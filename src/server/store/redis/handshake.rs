//! Checks a server before it is used: its version, its role and the schema of its data.

use std::collections::HashMap;

use redis::{Cmd, RedisError, Value, cmd};

use crate::server::store::StoreError;
use crate::server::store::redis::error::{CommandError, parse};
use crate::server::store::redis::keyspace::{Keyspace, SCHEMA};

/// Sends a command with one key or none.
pub(super) trait SendCommand {
    async fn send_command(&mut self, command: Cmd) -> Result<Value, RedisError>;
}

/// The reply to `HELLO`.
pub(super) struct ServerInfo {
    pub(super) version: String,
    role: String,
    mode: String,
}

/// The oldest version with the features used (`SET … NX GET`, `#!lua`).
const MIN_MAJOR_VERSION: u32 = 7;

impl ServerInfo {
    pub(super) fn parse(answer: Value) -> Result<Self, StoreError> {
        let mut fields: HashMap<String, Value> = parse(answer)?;
        let mut text = |name| {
            fields
                .remove(name)
                .map_or(Ok(String::new()), parse::<String>)
        };
        Ok(Self {
            version: text("version")?,
            role: text("role")?,
            mode: text("mode")?,
        })
    }

    /// Checks that the server accepts writes.
    pub(super) fn check_master(&self) -> Result<(), StoreError> {
        match self.role.as_str() {
            "master" => Ok(()),
            role => Err(StoreError::Unavailable(format!(
                "Redis is a read-only {role}; store.url must name the master"
            ))),
        }
    }

    fn check_usable(&self, cluster: bool) -> Result<(), StoreError> {
        let unusable = |text: String| Err(StoreError::Unavailable(text));
        let major = self
            .version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < MIN_MAJOR_VERSION) {
            return unusable(format!(
                "Redis {} is too old: {MIN_MAJOR_VERSION} or newer is needed, or Valkey",
                self.version
            ));
        }
        match (self.mode.as_str(), cluster) {
            ("cluster", true) | ("standalone", false) => Ok(()),
            ("cluster", false) => unusable(
                "Redis is a node of a Cluster: store.url must be redis+cluster://…".to_owned(),
            ),
            ("sentinel", _) => {
                unusable("this is a Sentinel, and store.url must name the master itself".to_owned())
            }
            (mode, _) => unusable(format!(
                "Redis runs in mode {mode}: store.url must be redis://… or rediss://…"
            )),
        }
    }
}

pub(super) fn hello_command() -> Cmd {
    cmd("HELLO")
}

/// Checks that the server is usable and that its data has our schema. Returns the server's version.
pub(super) async fn check_server(
    server: &mut impl SendCommand,
    keyspace: &Keyspace,
    cluster: bool,
) -> Result<String, CommandError> {
    let hello = ServerInfo::parse(server.send_command(hello_command()).await?)?;
    hello.check_usable(cluster)?;
    if !cluster {
        hello.check_master()?;
    }
    // Read first, because reading works even when there is no memory to write.
    let mut get = cmd("GET");
    get.arg(keyspace.schema());
    let mut found: Option<String> = parse(server.send_command(get).await?)?;
    if found.is_none() {
        let mut set = cmd("SET");
        set.arg(keyspace.schema()).arg(SCHEMA).arg("NX").arg("GET");
        found = parse(server.send_command(set).await?)?;
    }
    match found {
        Some(found) if found != SCHEMA.to_string() => {
            let text = format!(
                "it has schema {found}, and this program knows schema {SCHEMA}; run the version that wrote it"
            );
            Err(StoreError::Corrupt(text).into())
        }
        _ => Ok(hello.version),
    }
}
