//! The end of the process: what it completes, and what survives `SIGKILL`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, wait_until};

#[tokio::test]
async fn kill_9_loses_no_reported_session() {
    let env = TestEnvironment::new();
    let mut people = Vec::new();
    for round in 0..2 {
        let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
        let mut person = NetworkBrowser::new(&env);
        person.sign_in(&format!("+44740012345{round}")).await;
        people.push(person);
        server.kill();
        assert_eq!(server.wait(), None, "no exit code: killed");
    }
    // The socket of the killed server does not prevent the start.
    assert!(env.folder.path().join("data/control.sock").exists());
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    for person in &mut people {
        assert_eq!(person.get("/api/session").await.0, 200);
    }
    let list = run_command(&env, &["sessions", "list"], &env.upstream_variables(), "");
    assert!(String::from_utf8_lossy(&list.stdout).contains("2 live"));
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn shutdown_waits_for_requests_and_queued_sends() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::start_sandbox(&env).await;
    let variables = env.upstream_variables_with(&[("SIGN_IN__ANSWER_AFTER", "900ms")]);
    let mut server = ChildProcess::start_server_with(&env, &["serve"], &variables).await;
    env.put_control("users/%2B447400123456", json!({ "status": "Active" }))
        .await;
    env.put_control("latency", json!({ "operation": "otp_send", "ms": 1200 }))
        .await;
    let mut person = NetworkBrowser::new(&env);
    let pending_call =
        tokio::spawn(async move { person.post("send-code", &[("phone", KNOWN_PHONE)]).await.0 });
    wait_until("the send", async || env.call_count("otp_send").await == 1).await;
    server.send_signal("TERM");
    assert_eq!(
        pending_call.await.unwrap(),
        200,
        "a started response is completed"
    );
    assert_eq!(server.wait(), Some(0));
    assert!(
        server.stdout().contains("\"event\":\"otp_send_result\""),
        "the send was completed"
    );
    assert!(server.stdout().contains("\"sent\":true"));
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn shutdown_completes_every_accepted_send() {
    const SENDS: usize = 80;
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::start_sandbox(&env).await;
    let variables = env.upstream_variables_with(&[("GUARD__ENABLED", "false")]);
    let mut server = ChildProcess::start_server_with(&env, &["serve"], &variables).await;
    // 64 sends run at once; the others wait in the queue when the signal arrives.
    let phones: Vec<_> = (0..SENDS)
        .map(|number| format!("+44740012{number:04}"))
        .collect();
    for phone in &phones {
        env.put_control(
            &format!("users/{}", phone.replace('+', "%2B")),
            json!({ "status": "Active" }),
        )
        .await;
    }
    env.put_control("latency", json!({ "operation": "otp_send", "ms": 3000 }))
        .await;
    let mut pending_call = Vec::new();
    for phone in phones {
        let mut person = NetworkBrowser::new(&env);
        pending_call.push(tokio::spawn(async move {
            person.post("send-code", &[("phone", &phone)]).await.0
        }));
    }
    for response in pending_call {
        assert_eq!(response.await.unwrap(), 200);
    }
    assert!(
        env.call_count("otp_send").await < SENDS as u64,
        "some sends must still be queued"
    );
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(server.stdout().matches("\"sent\":true").count(), SENDS);
    let inbox = env.get_sandbox("/inbox.json").await.unwrap();
    let numbers: BTreeSet<_> = inbox
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["to"].to_string())
        .collect();
    assert_eq!(
        (inbox.as_array().unwrap().len(), numbers.len()),
        (SENDS, SENDS),
        "each number once"
    );
    assert_eq!(sandbox.terminate(), Some(0));
}
