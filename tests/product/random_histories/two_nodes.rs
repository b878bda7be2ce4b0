//! Two nodes with one file and one sandbox: restarts, and clocks that agree.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::settings::{HumanDuration, Settings};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::random_histories::model::{DELAYS, LOCK, Rules};
use crate::support::{Browser, KNOWN_PHONE, TestApp, Upstream, minutes};

/// Two nodes with one store.
pub struct TwoNodes {
    pub nodes: [Arc<TestApp>; 2],
    pub upstream: Arc<Upstream>,
    store: Arc<RedbStore>,
    rules: Rules,
    folder: TempDir,
    /// Alerts that earlier nodes logged.
    alerts: usize,
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("latchkey.redb")
}

/// Sets the limits under test: those of the number and of the flow.
fn apply_rules(settings: &mut Settings, rules: &Rules) {
    let many = 1_000_000;
    let limit = |count: usize| u32::try_from(count).unwrap();
    let (transmit, guard) = (&mut settings.transmit, &mut settings.guard);
    transmit.otp_max_failures = Some(limit(rules.maximum));
    transmit.otp_lockout = Some(HumanDuration(LOCK));
    transmit.otp_failure_memory = rules.memory_minutes.map(HumanDuration::minutes);
    guard.delay_after = limit(rules.delay_after);
    guard.delays = DELAYS.map(HumanDuration).to_vec();
    guard.alert_failures = limit(rules.alert);
    guard.stranger_failures = limit(rules.unrecognised_limit);
    guard.max_failures = limit(rules.maximum_failures);
    guard.browser_failures = limit(rules.demoted_after);
    (
        guard.address_hourly,
        guard.address_daily_total,
        guard.address_tries_hourly,
    ) = (many, many, many);
    if !rules.few_sends {
        (
            guard.number_hourly,
            guard.number_daily,
            guard.number_daily_total,
        ) = (many, many, many);
        (
            guard.prefix_hourly,
            guard.prefix_daily,
            guard.prefix_daily_total,
        ) = (many, many, many);
    }
}

impl TwoNodes {
    pub async fn start(rules: &Rules) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Arc::new(Upstream::start().await);
        // Codes live longer upstream than in the settings, so that only the product expires them.
        upstream
            .set_policy(json!({ "max_failures": rules.maximum, "otp_lifetime": "2h" }))
            .await;
        upstream.set_user_status(KNOWN_PHONE, "Active").await;
        let store = Arc::new(RedbStore::open(&file(&folder), RedbOptions::default()).unwrap());
        let nodes = Self::nodes(&store, &upstream, rules, Duration::ZERO);
        Self {
            nodes,
            upstream,
            store,
            rules: rules.clone(),
            folder,
            alerts: 0,
        }
    }

    fn nodes(
        store: &Arc<RedbStore>,
        upstream: &Arc<Upstream>,
        rules: &Rules,
        ahead: Duration,
    ) -> [Arc<TestApp>; 2] {
        let node = || {
            TestApp::with_clock_ahead(store.clone(), upstream.clone(), ahead, |settings| {
                apply_rules(settings, rules)
            })
        };
        let nodes = [node(), node()];
        nodes[0].catch_up_with(&nodes[1]);
        nodes[1].catch_up_with(&nodes[0]);
        nodes
    }

    pub fn now(&self) -> Timestamp {
        self.nodes[0].now()
    }

    /// Synchronises the clocks after one of them was advanced.
    pub fn synchronise_clocks(&self) {
        self.nodes[0].catch_up_with(&self.nodes[1]);
        self.nodes[1].catch_up_with(&self.nodes[0]);
    }

    pub async fn wait(&self, by: Duration) {
        self.nodes[0].follow_real_time();
        self.nodes[0].advance(by).await;
        self.synchronise_clocks();
    }

    /// The node that the browser does not use.
    pub fn other_node(&self, browser: &Browser) -> Arc<TestApp> {
        let [first, second] = &self.nodes;
        if Arc::ptr_eq(&browser.app, first) {
            second.clone()
        } else {
            first.clone()
        }
    }

    /// Stops both nodes, sweeps the store as servers do, and starts them again with the same file.
    pub async fn restart(&mut self) {
        self.alerts = self.alerts();
        for node in &self.nodes {
            node.product.close().await;
        }
        self.store
            .sweep(self.now().saturating_sub(minutes(5)), 10_000)
            .await
            .unwrap();
        self.store.close().unwrap();
        let ahead = self.now().since(Clock::system().now());
        self.store =
            Arc::new(RedbStore::open(&file(&self.folder), RedbOptions::default()).unwrap());
        self.nodes = Self::nodes(&self.store, &self.upstream, &self.rules, ahead);
    }

    /// How often a run of failures was alerted.
    pub fn alerts(&self) -> usize {
        self.alerts
            + self
                .nodes
                .iter()
                .map(|node| node.audit.count("authn_login_fail_max"))
                .sum::<usize>()
    }

    /// How many failures the tenant counted: those without a report of a lock.
    pub fn tenant_failure_count(&self) -> usize {
        let counted = |event: &Value| {
            event["reason"] == "refused"
                && !event["detail"]
                    .as_str()
                    .is_some_and(|why| why.contains("auth_locked"))
        };
        self.nodes
            .iter()
            .map(|node| node.audit.count_matching(counted))
            .sum()
    }
}
