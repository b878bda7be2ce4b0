//! Commands and Lua scripts. A script works on keys of one slot, and is atomic.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use redis::{Cmd, cmd};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::to_hex;

pub(super) static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("put.lua")));
pub(super) static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));
pub(super) static INDEX: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("index.lua")));
pub(super) static RESERVE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("reserve.lua")));
pub(super) static SETTLE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("settle.lua")));
pub(super) static USAGE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("usage.lua")));

/// A script and the hash by which the server caches it.
pub(super) struct Script {
    code: &'static str,
    sha1: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, code.as_bytes());
        Self {
            code,
            sha1: to_hex(hash.as_ref()),
        }
    }

    /// A call of the script with keys of one slot.
    pub(super) fn call<K: Into<Vec<u8>>>(
        &'static self,
        keys: impl IntoIterator<Item = K>,
    ) -> ScriptCall {
        let keys = keys.into_iter().map(Into::into).collect();
        ScriptCall {
            body: CallBody::Script {
                script: self,
                keys,
                arguments: Vec::new(),
            },
            repeatable: false,
        }
    }
}

/// A command or script that is sent to the node that holds its key.
pub(super) struct ScriptCall {
    body: CallBody,
    /// Whether it may be sent again if it may have been executed: idempotent.
    pub(super) repeatable: bool,
}

enum CallBody {
    Command(Cmd),
    Script {
        script: &'static Script,
        keys: Vec<Vec<u8>>,
        arguments: Vec<Vec<u8>>,
    },
}

impl ScriptCall {
    /// A command on one key.
    pub(super) fn command(name: &str, key: &str) -> Self {
        let mut command = cmd(name);
        command.arg(key);
        Self {
            body: CallBody::Command(command),
            repeatable: false,
        }
    }

    /// Adds an argument.
    pub(super) fn arg(mut self, argument: impl Into<Vec<u8>>) -> Self {
        match &mut self.body {
            CallBody::Command(command) => drop(command.arg(argument.into())),
            CallBody::Script { arguments, .. } => arguments.push(argument.into()),
        }
        self
    }

    /// Adds a number, as text.
    pub(super) fn arg_number(self, number: impl Into<u64>) -> Self {
        self.arg(number.into().to_string())
    }

    /// Adds a time, in milliseconds since the Unix epoch.
    pub(super) fn arg_time(self, time: Timestamp) -> Self {
        self.arg_number(time.as_millis())
    }

    /// Marks the call as idempotent.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The command to send; a script by its hash (`EVALSHA`).
    pub(super) fn to_evalsha(&self) -> Cmd {
        match &self.body {
            CallBody::Command(command) => command.clone(),
            CallBody::Script {
                script,
                keys,
                arguments,
            } => evaluate("EVALSHA", &script.sha1, keys, arguments),
        }
    }

    /// The script in full (`EVAL`), for a server that does not have it cached; none for a command.
    pub(super) fn to_eval(&self) -> Option<Cmd> {
        match &self.body {
            CallBody::Command(_) => None,
            CallBody::Script {
                script,
                keys,
                arguments,
            } => Some(evaluate("EVAL", script.code, keys, arguments)),
        }
    }
}

fn evaluate(name: &str, script: &str, keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = cmd(name);
    command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
    command
}
