//! `latchkey check`: what an operator should know about the servers.

use std::collections::HashMap;

use redis::{Value, pipe};

use crate::server::store::StoreError;
use crate::server::store::redis::RedisStore;
use crate::server::store::redis::connection::Node;
use crate::server::store::redis::error::read;
use crate::server::store::redis::handshake::{ServerInfo, hello};

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisFinding {
    /// As it should be.
    Fine(String),
    /// Works, and the operator should know.
    Mind(String),
    /// Must not stay so.
    Wrong(String),
}

use RedisFinding::{Fine, Mind, Wrong};

impl RedisStore {
    /// Connects, and looks at version, memory, persistence and replication of every master.
    pub async fn inspect(&self) -> Vec<RedisFinding> {
        let answers = match self.link.everywhere(&hello()).await {
            Ok(answers) => answers,
            Err(error) => return vec![Wrong(error.to_string())],
        };
        let mut remarks = Vec::new();
        for (node, answer) in answers {
            match self.look(&node, answer).await {
                Ok(found) => remarks.extend(found),
                Err(error) => remarks.push(Wrong(error.to_string())),
            }
        }
        if let Err(error) = self.is_ready().await {
            remarks.push(Wrong(error.to_string()));
        }
        remarks
    }

    async fn look(&self, node: &Node, answer: Value) -> Result<Vec<RedisFinding>, StoreError> {
        let version = ServerInfo::read(answer)?.version;
        let place = match node {
            Node::Only => String::new(),
            Node::At { host, port } => format!("{host}:{port}: "),
        };
        let mut questions = pipe();
        questions
            .cmd("INFO")
            .arg(&["memory", "persistence", "replication"]);
        questions
            .cmd("CONFIG")
            .arg("GET")
            .arg(&["save", "appendfsync"]);
        let mut answers = self.link.at(node, &questions).await?.into_iter();
        let mut remarks = vec![Fine(format!("{place}version {version}"))];
        // An operator's rights may not reach as far as the settings of the server.
        let config = answers
            .next_back()
            .and_then(|config| read::<HashMap<String, String>>(config.extract_error().ok()?).ok());
        match answers.next().and_then(|info| read::<String>(info.extract_error().ok()?).ok()) {
            Some(info) => remarks.extend(judge(&place, &fields(&info), &config.unwrap_or_default())),
            None => remarks.push(Mind(format!(
                "{place}INFO is not allowed to this user: see yourself that maxmemory-policy is noeviction and that AOF is on"
            ))),
        }
        Ok(remarks)
    }
}

fn fields(info: &str) -> HashMap<&str, &str> {
    info.lines()
        .filter_map(|line| line.trim().split_once(':'))
        .collect()
}

fn judge(
    place: &str,
    info: &HashMap<&str, &str>,
    config: &HashMap<String, String>,
) -> Vec<RedisFinding> {
    let field = |name| info.get(name).copied().unwrap_or_default();
    let setting = |name| config.get(name).map(String::as_str);
    let mut remarks = Vec::new();
    if field("maxmemory_policy") != "noeviction" {
        remarks.push(Wrong(format!(
            "{place}maxmemory-policy is {}: sessions and counters would be thrown away when memory runs out, and with them \
             every limit; it must be noeviction",
            field("maxmemory_policy")
        )));
    }
    if field("maxmemory") == "0" {
        remarks.push(Mind(format!(
            "{place}maxmemory is 0: when memory runs out the system ends the server; set it below what the machine has"
        )));
    }
    remarks.push(match (field("aof_enabled"), setting("save"), setting("appendfsync")) {
        ("1", _, Some("always")) => Fine(format!("{place}AOF is on, written before every answer")),
        ("1", ..) => Fine(format!("{place}AOF is on: a crash can lose about the last second")),
        (_, Some(""), _) => Mind(format!(
            "{place}neither AOF nor RDB is on: a restart forgets sessions, locks and budgets; set appendonly yes"
        )),
        _ => Mind(format!(
            "{place}AOF is off: a crash forgets everything since the last snapshot, locks and budgets too; set appendonly yes"
        )),
    });
    if field("connected_slaves") != "0" {
        remarks.push(Mind(format!(
            "{place}has {} replicas, which follow after the answer: a fail-over can lose the last moments, that is a sign-in just \
             made (again), a sign-out or revocation just made (undone), or counts just made (one more try); \
             min-replicas-to-write and min-replicas-max-lag bound it",
            field("connected_slaves")
        )));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: &str = "# Memory\r\nmaxmemory:1000000\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nconnected_slaves:0\r\n";

    fn marks(info: &str, save: &str) -> Vec<&'static str> {
        let config = HashMap::from([("save".to_owned(), save.to_owned())]);
        let remarks = judge("", &fields(info), &config);
        let mark = |remark| match remark {
            &Fine(_) => "fine",
            Mind(_) => "mind",
            Wrong(_) => "wrong",
        };
        remarks.iter().map(mark).collect()
    }

    #[test]
    fn servers_are_judged() {
        assert_eq!(marks(WELL, ""), ["fine"]);
        assert_eq!(
            marks(&WELL.replace("noeviction", "allkeys-lru"), ""),
            ["wrong", "fine"]
        );
        assert_eq!(
            marks(&WELL.replace("maxmemory:1000000", "maxmemory:0"), ""),
            ["mind", "fine"]
        );
        assert_eq!(
            marks(&WELL.replace("aof_enabled:1", "aof_enabled:0"), "3600 1"),
            ["mind"]
        );
        assert_eq!(
            marks(&WELL.replace("slaves:0", "slaves:2"), ""),
            ["fine", "mind"]
        );
    }
}
