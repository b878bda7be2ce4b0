//! `latchkey sandbox`.

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};
use crate::support::wait_until;

#[tokio::test]
async fn the_sandbox_command_prints_the_settings_for_using_it() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::start_sandbox(&env).await;
    for (name, value) in env.upstream_variables() {
        wait_until(&name, async || {
            sandbox.stderr().contains(&format!("{name}={value}"))
        })
        .await;
    }
    let check = run_command(&env, &["check"], &env.upstream_variables(), "");
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );

    let mut wrong = env.upstream_variables();
    wrong.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    wrong.push((
        "LATCHKEY_TRANSMIT__CLIENT_SECRET".to_owned(),
        "wrong-secret-wrong".to_owned(),
    ));
    let check = run_command(&env, &["check"], &wrong, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("FAIL") && line.contains("credentials")),
        "{table}"
    );
    assert!(!table.contains("wrong-secret"), "{table}");
    assert_eq!(sandbox.terminate(), Some(0));
}
