//! Two nodes over one file, and one sandbox: restarts, and clocks that agree.

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
use crate::support::{Browser, KNOWN, Upstream, World, minutes};

/// The product as two nodes see it.
pub struct House {
    pub nodes: [Arc<World>; 2],
    pub upstream: Arc<Upstream>,
    store: Arc<RedbStore>,
    rules: Rules,
    folder: TempDir,
    /// Alerts that nodes of before put on record.
    alerts: usize,
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("latchkey.redb")
}

/// The limits under test are those of the number and of the flow.
fn set(settings: &mut Settings, rules: &Rules) {
    let many = 1_000_000;
    let limit = |count: usize| u32::try_from(count).unwrap();
    let (transmit, guard) = (&mut settings.transmit, &mut settings.guard);
    transmit.otp_max_failures = limit(rules.maximum);
    transmit.otp_lockout = HumanDuration(LOCK);
    transmit.otp_failure_memory = rules.memory_minutes.map(HumanDuration::minutes);
    guard.delay_after = limit(rules.delay_after);
    guard.delays = DELAYS.map(HumanDuration).to_vec();
    guard.alert_failures = limit(rules.alert);
    guard.stranger_failures = limit(rules.strangers);
    guard.max_failures = limit(rules.everybody);
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

impl House {
    pub async fn build(rules: &Rules) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Arc::new(Upstream::start().await);
        // Codes outlive those of the settings, so that the product alone ends them.
        upstream
            .policy(json!({ "max_failures": rules.maximum, "otp_lifetime": "2h" }))
            .await;
        upstream.user(KNOWN, "Active").await;
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
    ) -> [Arc<World>; 2] {
        let node = || {
            World::later(store.clone(), upstream.clone(), ahead, |settings| {
                set(settings, rules)
            })
        };
        let nodes = [node(), node()];
        nodes[0].catch_up(&nodes[1]);
        nodes[1].catch_up(&nodes[0]);
        nodes
    }

    pub fn now(&self) -> Timestamp {
        self.nodes[0].now()
    }

    /// Lets the clocks agree after one of them was moved.
    pub fn agree(&self) {
        self.nodes[0].catch_up(&self.nodes[1]);
        self.nodes[1].catch_up(&self.nodes[0]);
    }

    pub async fn wait(&self, by: Duration) {
        self.nodes[0].keep_up();
        self.nodes[0].advance(by).await;
        self.agree();
    }

    /// The node that a browser is not at.
    pub fn other(&self, browser: &Browser) -> Arc<World> {
        let [first, second] = &self.nodes;
        if Arc::ptr_eq(&browser.world, first) {
            second.clone()
        } else {
            first.clone()
        }
    }

    /// Ends both nodes and begins them again on the same file, swept as servers do.
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

    /// How often a run of failures was put on record.
    pub fn alerts(&self) -> usize {
        self.alerts
            + self
                .nodes
                .iter()
                .map(|node| node.audit.count("authn_login_fail_max"))
                .sum::<usize>()
    }

    /// How many failures the tenant counted: those of which it did not say that it is locked.
    pub fn counted_by_the_tenant(&self) -> usize {
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
