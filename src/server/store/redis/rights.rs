//! Checks the rights of the user, command by command, for `latchkey check`.
//!
//! Each command is executed on keys of its own, because asking the server (`ACL DRYRUN`) needs a
//! right that the user should not have.

use crate::server::finding::Finding;
use crate::server::store::StoreError;
use crate::server::store::redis::RedisStore;
use crate::server::store::redis::script::ScriptCall;

/// Every command that the store sends, with arguments that follow the key. The key lives for 10
/// seconds, if it is not deleted.
const COMMANDS: [(&str, &[&str]); 12] = [
    ("ZADD", &["0", "member"]),
    ("ZRANGE", &["0", "-1"]),
    // Leaves an empty set, which is no key.
    ("ZREMRANGEBYSCORE", &["-inf", "+inf"]),
    ("HSET", &["field", "1"]),
    ("HGET", &["field"]),
    ("HMGET", &["field"]),
    ("HKEYS", &[]),
    ("PEXPIRE", &["10000"]),
    // Replaces a value of any type.
    ("SET", &["1", "PX", "10000"]),
    ("GET", &[]),
    ("SCAN", &[]),
    ("DEL", &[]),
];
/// The commands of scripts, whose key follows the script and the number of keys.
const SCRIPT_COMMANDS: [&str; 2] = ["EVAL", "EVALSHA"];

impl RedisStore {
    /// The commands that the user may not execute.
    pub async fn check_rights(&self) -> Finding {
        let key = self.keyspace.check_key();
        let mut refused = Vec::new();
        for (name, arguments) in COMMANDS {
            let call = if name == "SCAN" {
                ScriptCall::command(name, "0")
            } else {
                arguments
                    .iter()
                    .fold(ScriptCall::command(name, &key), |call, argument| {
                        call.arg(*argument)
                    })
            };
            refused.extend(self.refusal(name, call).await);
        }
        for name in SCRIPT_COMMANDS {
            // A script that is not cached is an error of the script, not of the right.
            let script = match name {
                "EVAL" => "return 1".to_owned(),
                _ => "0".repeat(40),
            };
            let call = ScriptCall::command(name, &script).arg("1").arg(key.clone());
            refused.extend(self.refusal(name, call).await);
        }
        if refused.is_empty() {
            return Finding::Pass("its user may execute every command that is needed".to_owned());
        }
        Finding::Fail(format!(
            "its user may not execute {} on keys {key}: grant what the documentation lists",
            refused.join(", ")
        ))
    }

    /// The name of the command, if the server refuses it to this user.
    async fn refusal(&self, name: &'static str, call: ScriptCall) -> Option<&'static str> {
        match self.connection.call(call).await {
            Err(StoreError::Unavailable(cause)) if is_refusal(&cause) => Some(name),
            _ => None,
        }
    }
}

fn is_refusal(cause: &str) -> bool {
    let cause = cause.to_ascii_lowercase();
    cause.contains("noperm") || cause.contains("no permission")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_grants_every_command_that_is_sent() {
        let docs = include_str!("../../../../docs/operators/redis.md");
        let names = COMMANDS.map(|(name, _)| name).into_iter();
        for name in names.chain(SCRIPT_COMMANDS) {
            let right = format!("+{}", name.to_lowercase());
            assert!(docs.split_whitespace().any(|word| word == right), "{right}");
        }
    }
}
