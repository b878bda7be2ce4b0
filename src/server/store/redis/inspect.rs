//! Findings about the servers, for `latchkey check`.

use std::collections::HashMap;

use redis::{Value, pipe};

use crate::server::finding::Finding;
use crate::server::store::StoreError;
use crate::server::store::redis::RedisStore;
use crate::server::store::redis::connection::MasterNode;
use crate::server::store::redis::error::parse;
use crate::server::store::redis::handshake::{ServerInfo, hello_command};

impl RedisStore {
    /// Checks version, memory, persistence and replication of every master.
    pub async fn inspect(&self) -> Vec<Finding> {
        let replies = match self.connection.send_to_all_masters(&hello_command()).await {
            Ok(replies) => replies,
            Err(error) => return vec![Finding::Fail(error.to_string())],
        };
        let mut findings = Vec::new();
        for (node, reply) in replies {
            match self.inspect_node(&node, reply).await {
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(Finding::Fail(error.to_string())),
            }
        }
        if let Err(error) = self.check_servers().await {
            findings.push(Finding::Fail(error.to_string()));
        }
        findings
    }

    async fn inspect_node(
        &self,
        node: &MasterNode,
        reply: Value,
    ) -> Result<Vec<Finding>, StoreError> {
        let version = ServerInfo::parse(reply)?.version;
        let prefix = match node {
            MasterNode::Single => String::new(),
            MasterNode::Address { host, port } => format!("{host}:{port}: "),
        };
        let mut commands = pipe();
        commands
            .cmd("INFO")
            .arg(&["memory", "persistence", "replication"]);
        commands
            .cmd("CONFIG")
            .arg("GET")
            .arg(&["save", "appendfsync"]);
        let mut replies = self
            .connection
            .send_to_master(node, &commands)
            .await?
            .into_iter();
        let mut findings = vec![Finding::Pass(format!("{prefix}version {version}"))];
        // The user may not be allowed to read the server's configuration.
        let config = replies
            .next_back()
            .and_then(|config| parse::<HashMap<String, String>>(config.extract_error().ok()?).ok());
        match replies
            .next()
            .and_then(|info| parse::<String>(info.extract_error().ok()?).ok())
        {
            Some(info) => findings.extend(evaluate_info(
                &prefix,
                &fields(&info),
                &config.unwrap_or_default(),
            )),
            None => findings.push(Finding::Warn(format!(
                "{prefix}INFO is not allowed to this user: check that maxmemory-policy is \
                 noeviction and that AOF is on"
            ))),
        }
        Ok(findings)
    }
}

fn fields(info: &str) -> HashMap<&str, &str> {
    info.lines()
        .filter_map(|line| line.trim().split_once(':'))
        .collect()
}

fn evaluate_info(
    prefix: &str,
    info: &HashMap<&str, &str>,
    config: &HashMap<String, String>,
) -> Vec<Finding> {
    let field = |name| info.get(name).copied().unwrap_or_default();
    let setting = |name| config.get(name).map(String::as_str);
    let mut findings = Vec::new();
    if field("maxmemory_policy") != "noeviction" {
        findings.push(Finding::Fail(format!(
            "{prefix}maxmemory-policy is {}: sessions and counters would be thrown away when \
             memory runs out, and with them \
             every limit; it must be noeviction",
            field("maxmemory_policy")
        )));
    }
    if field("maxmemory") == "0" {
        findings.push(Finding::Warn(format!(
            "{prefix}maxmemory is 0: when memory runs out the system kills the server; set it \
             below the machine's memory"
        )));
    }
    findings.push(
        match (
            field("aof_enabled"),
            setting("save"),
            setting("appendfsync"),
        ) {
            ("1", _, Some("always")) => {
                Finding::Pass(format!("{prefix}AOF is on, written before every answer"))
            }
            ("1", ..) => Finding::Pass(format!(
                "{prefix}AOF is on: a crash can lose about the last \
            second"
            )),
            (_, Some(""), _) => Finding::Warn(format!(
                "{prefix}neither AOF nor RDB is on: a restart forgets sessions, locks and budgets; \
             set appendonly yes"
            )),
            _ => Finding::Warn(format!(
                "{prefix}AOF is off: a crash forgets everything since the last snapshot, locks and \
             budgets too; set appendonly yes"
            )),
        },
    );
    if field("connected_slaves") != "0" {
        findings.push(Finding::Warn(format!(
            "{prefix}has {} replicas, which follow after the reply: a fail-over can lose the last \
             moments, that is a sign-in just \
             made (again), a sign-out or revocation just made (undone), or counts just made (one \
             more try); \
             min-replicas-to-write and min-replicas-max-lag bound it",
            field("connected_slaves")
        )));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: &str = "# Memory\r\nmaxmemory:1000000\r\nmaxmemory_policy:noeviction\r\n\
        aof_enabled:1\r\nconnected_slaves:0\r\n";

    fn levels(info: &str, save: &str) -> Vec<&'static str> {
        let config = HashMap::from([("save".to_owned(), save.to_owned())]);
        let findings = evaluate_info("", &fields(info), &config);
        let level = |finding| match finding {
            &Finding::Pass(_) => "ok",
            Finding::Warn(_) => "warning",
            Finding::Fail(_) => "error",
        };
        findings.iter().map(level).collect()
    }

    #[test]
    fn findings_follow_from_info_and_config() {
        assert_eq!(levels(HEALTHY, ""), ["ok"]);
        assert_eq!(
            levels(&HEALTHY.replace("noeviction", "allkeys-lru"), ""),
            ["error", "ok"]
        );
        assert_eq!(
            levels(&HEALTHY.replace("maxmemory:1000000", "maxmemory:0"), ""),
            ["warning", "ok"]
        );
        assert_eq!(
            levels(&HEALTHY.replace("aof_enabled:1", "aof_enabled:0"), "3600 1"),
            ["warning"]
        );
        assert_eq!(
            levels(&HEALTHY.replace("slaves:0", "slaves:2"), ""),
            ["ok", "warning"]
        );
    }
}
