//! Operator commands in the audit log: who ran which, with a server and without (requirement L1).

use std::fs;
use std::os::unix::fs::MetadataExt;

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;

#[tokio::test]
async fn l1_every_operator_command_is_audited_with_its_user() {
    let env = TestEnvironment::new();
    let path = env.folder.path().join("audit.jsonl");
    let audit_file = path.display().to_string();
    let variables = env.upstream_variables_with(&[("TELEMETRY__AUDIT_FILE", &audit_file)]);
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &variables, [None, None]);
    env.wait_until_up().await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    let input = format!("{KNOWN_PHONE}\n");
    let run = |arguments: &[&str]| {
        run_command(&env, arguments, &variables, &input)
            .status
            .code()
    };
    assert_eq!(run(&["sessions", "list"]), Some(0));
    assert_eq!(run(&["sessions", "revoke", "--all"]), Some(0));
    assert_eq!(run(&["unlock"]), Some(0));
    assert_eq!(run(&["export"]), Some(0));
    assert_eq!(run(&["export", "--user"]), Some(1), "no such user");
    assert_eq!(run(&["erase"]), Some(0));
    assert_eq!(
        run(&["erase", KNOWN_PHONE]),
        Some(2),
        "not on the command line"
    );
    assert_eq!(run(&["backup", "copy.redb"]), Some(0));
    assert_ne!(run(&["backup", "copy.redb"]), Some(0), "the file exists");
    assert_ne!(run(&["test-code"]), Some(0), "no test number");
    assert_eq!(server.terminate(), Some(0));
    for (arguments, code) in [
        (&["sessions", "list"][..], 0),
        (&["backup", "second.redb"][..], 0),
        (&["restore", "copy.redb"][..], 2),
        (&["restore", "copy.redb", "--replace"][..], 0),
        (&["compact"][..], 0),
    ] {
        assert_eq!(run(arguments), Some(code), "{arguments:?}");
    }
    let text = fs::read_to_string(&path).unwrap();
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let uid = fs::metadata(&path).unwrap().uid();
    let commands: Vec<String> = events
        .iter()
        .filter(|event| event["event"] == "authz_admin")
        .map(|event| {
            assert_eq!(event["uid"], uid, "{event}");
            format!(
                "{} {}",
                event["command"].as_str().unwrap(),
                event["succeeded"]
            )
        })
        .collect();
    assert_eq!(
        commands,
        [
            "sessions_list true",
            "sessions_revoke true",
            "unlock true",
            "export true",
            "export false",
            "erase true",
            "backup true",
            "backup false",
            "test_code false",
            "sessions_list true",
            "backup true",
            "restore false",
            "restore true",
            "compact true",
        ]
    );
    for (name, field) in [("session_ended", "by"), ("authn_login_unlock", "subject")] {
        let event = events.iter().find(|event| event["event"] == name).unwrap();
        assert!(event["uid"] == uid && event.get(field).is_some(), "{event}");
    }
}
