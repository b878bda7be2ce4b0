//! What a server says of itself before it is used: version, role, and the layout of what lies in
//! it.

use std::collections::HashMap;

use redis::{Cmd, RedisError, Value, cmd};

use crate::server::store::StoreError;
use crate::server::store::redis::error::{Failure, read};
use crate::server::store::redis::keyspace::{Keyspace, SCHEMA};

/// Sends a command without a key, or with one.
pub(super) trait Asks {
    async fn ask(&mut self, command: Cmd) -> Result<Value, RedisError>;
}

/// What `HELLO` answers.
pub(super) struct ServerInfo {
    pub(super) version: String,
    role: String,
    mode: String,
}

/// Oldest version that knows what is asked of it (`SET … NX GET`, `#!lua`).
const OLDEST: u32 = 7;

impl ServerInfo {
    pub(super) fn read(answer: Value) -> Result<Self, StoreError> {
        let mut fields: HashMap<String, Value> = read(answer)?;
        let mut text = |name| {
            fields
                .remove(name)
                .map_or(Ok(String::new()), read::<String>)
        };
        Ok(Self {
            version: text("version")?,
            role: text("role")?,
            mode: text("mode")?,
        })
    }

    /// Whether it can be written to.
    pub(super) fn is_master(&self) -> Result<(), StoreError> {
        match self.role.as_str() {
            "master" => Ok(()),
            role => Err(StoreError::Unavailable(format!(
                "Redis is a read-only {role}; store.url must name the master"
            ))),
        }
    }

    fn is_of_use(&self, cluster: bool) -> Result<(), StoreError> {
        let unfit = |text: String| Err(StoreError::Unavailable(text));
        let major = self
            .version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < OLDEST) {
            return unfit(format!(
                "Redis {} is too old: {OLDEST} or newer is needed, or Valkey",
                self.version
            ));
        }
        match (self.mode.as_str(), cluster) {
            ("cluster", true) | ("standalone", false) => Ok(()),
            ("cluster", false) => unfit(
                "Redis is a node of a Cluster: store.url must be redis+cluster://…".to_owned(),
            ),
            ("sentinel", _) => {
                unfit("this is a Sentinel, and store.url must name the master itself".to_owned())
            }
            (mode, _) => unfit(format!(
                "Redis runs in mode {mode}: store.url must be redis://… or rediss://…"
            )),
        }
    }
}

pub(super) fn hello() -> Cmd {
    cmd("HELLO")
}

/// Sees that the server is one that we can use, and that what lies there is ours to read. Gives its
/// version.
pub(super) async fn exchange(
    server: &mut impl Asks,
    names: &Keyspace,
    cluster: bool,
) -> Result<String, Failure> {
    let hello = ServerInfo::read(server.ask(hello()).await?)?;
    hello.is_of_use(cluster)?;
    if !cluster {
        hello.is_master()?;
    }
    // Read first: reading works, too, when there is no memory to write.
    let mut get = cmd("GET");
    get.arg(names.schema());
    let mut found: Option<String> = read(server.ask(get).await?)?;
    if found.is_none() {
        let mut set = cmd("SET");
        set.arg(names.schema()).arg(SCHEMA).arg("NX").arg("GET");
        found = read(server.ask(set).await?)?;
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
