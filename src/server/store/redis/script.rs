//! What is asked of Redis: a command, or a script with its keys. A script reads and then writes on
//! keys of one slot, and is atomic.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use redis::{Cmd, cmd};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::hexadecimal;

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

/// A script, and the name under which the server remembers it.
pub(super) struct Script {
    code: &'static str,
    sha1: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, code.as_bytes());
        Self {
            code,
            sha1: hexadecimal(hash.as_ref()),
        }
    }

    /// A call of it, on keys of one slot.
    pub(super) fn call<K: Into<Vec<u8>>>(
        &'static self,
        keys: impl IntoIterator<Item = K>,
    ) -> ScriptCall {
        let keys = keys.into_iter().map(Into::into).collect();
        ScriptCall {
            what: What::Script {
                script: self,
                keys,
                arguments: Vec::new(),
            },
            repeatable: false,
        }
    }
}

/// A call that goes to where its key is.
pub(super) struct ScriptCall {
    what: What,
    /// Whether it may be sent again when nobody knows if it was carried out.
    pub(super) repeatable: bool,
}

enum What {
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
            what: What::Command(command),
            repeatable: false,
        }
    }

    /// With one more argument.
    pub(super) fn arg(mut self, argument: impl Into<Vec<u8>>) -> Self {
        match &mut self.what {
            What::Command(command) => drop(command.arg(argument.into())),
            What::Script { arguments, .. } => arguments.push(argument.into()),
        }
        self
    }

    /// With a number, as text: Redis has no other.
    pub(super) fn number(self, number: impl Into<u64>) -> Self {
        self.arg(number.into().to_string())
    }

    /// With a time, in milliseconds since the Unix epoch.
    pub(super) fn time(self, time: Timestamp) -> Self {
        self.number(time.as_millis())
    }

    /// Twice is as good as once.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The command to send; a script by its hash.
    pub(super) fn by_hash(&self) -> Cmd {
        match &self.what {
            What::Command(command) => command.clone(),
            What::Script {
                script,
                keys,
                arguments,
            } => evaluate("EVALSHA", &script.sha1, keys, arguments),
        }
    }

    /// The command to send when the server does not know the script; nothing if this is none.
    pub(super) fn in_full(&self) -> Option<Cmd> {
        match &self.what {
            What::Command(_) => None,
            What::Script {
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
