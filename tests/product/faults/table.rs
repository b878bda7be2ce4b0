//! Every call with every fault. `docs/developers/faults.md` has the expected list.

use std::fmt::Write;

use latchkey_sandbox::CLIENT_SECRET;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::faults::scenarios::{FAULTS, Observation, Scenario};
use crate::support::{KNOWN_PHONE, UNKNOWN_PHONE};
use latchkey_testkit::log_capture::thread_logs;
use tracing::level_filters::LevelFilter;

/// The entries of one call. Faults with the same observations share an entry.
async fn rows(operation: &'static str) -> String {
    let mut rows: Vec<(Vec<&str>, Observation)> = Vec::new();
    for fault in FAULTS {
        // A name is written right after a verification to the same host, so it cannot be refused
        // alone.
        if (operation, fault) == ("user_update", "refused") {
            continue;
        }
        let observation = observe(operation, fault).await;
        match rows.iter_mut().find(|(_, other)| *other == observation) {
            Some((faults, _)) => faults.push(fault),
            None => rows.push((vec![fault], observation)),
        }
    }
    let mut text = String::new();
    for (
        faults,
        Observation {
            person,
            outcome,
            requests,
            left,
        },
    ) in rows
    {
        let faults: Vec<_> = faults
            .into_iter()
            .map(|fault| format!("`{fault}`"))
            .collect();
        let faults = faults.join(", ");
        let plural = if requests == 1 { "" } else { "s" };
        writeln!(
            text,
            "- {faults}: {person}\n  - `{outcome}`, {requests} request{plural}; {left}"
        )
        .unwrap();
    }
    text
}

async fn observe(operation: &'static str, fault: &'static str) -> Observation {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let (logs, _guard) = thread_logs(LevelFilter::DEBUG);

    let scenario = Scenario::new(operation, fault, recorder.handle()).await;
    let observation = scenario.run().await;

    let written = logs.text() + &scenario.app.audit.text();
    if observation.outcome != "ok" {
        assert!(
            written.contains(&format!("operation={operation}")),
            "{operation}, {fault}: {written}"
        );
        assert!(
            written.contains(&format!("kind=\"{}\"", observation.outcome)),
            "{operation}, {fault}: {written}"
        );
    }
    for secret in [
        &KNOWN_PHONE[3..],
        &UNKNOWN_PHONE[3..],
        "eyJ",
        CLIENT_SECRET,
        "Lovelace",
    ] {
        assert!(
            !written.contains(secret),
            "{operation}, {fault}: {secret} was written"
        );
    }
    observation
}

async fn check(operation: &'static str) {
    let rows = rows(operation).await;
    let reference = include_str!("../../../docs/developers/faults.md");
    let (_, rest) = reference
        .split_once(&format!("\n### `{operation}`\n\n"))
        .unwrap_or_else(|| panic!("docs/developers/faults.md has no section `{operation}`"));
    let expected = format!("{}\n", rest.split("\n\n").next().unwrap());
    assert_eq!(
        expected, rows,
        "docs/developers/faults.md must show\n{rows}"
    );
}

#[tokio::test]
async fn t7_token_faults_match_the_table() {
    check("token").await;
}

#[tokio::test]
async fn t7_jwks_faults_match_the_table() {
    check("jwks").await;
}

#[tokio::test]
async fn t7_user_create_faults_match_the_table() {
    check("user_create").await;
}

#[tokio::test]
async fn t7_user_get_faults_match_the_table() {
    check("user_get").await;
}

#[tokio::test]
async fn t7_user_update_faults_match_the_table() {
    check("user_update").await;
}

#[tokio::test]
async fn t7_e1_otp_send_faults_match_the_table() {
    check("otp_send").await;
}

#[tokio::test]
async fn t7_e1_otp_authenticate_faults_match_the_table() {
    check("otp_authenticate").await;
}

#[tokio::test]
async fn t7_session_authenticate_faults_match_the_table() {
    check("session_authenticate").await;
}

#[tokio::test]
async fn t7_session_logout_faults_match_the_table() {
    check("session_logout").await;
}
