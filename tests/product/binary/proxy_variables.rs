//! Variables such as `HTTPS_PROXY` are ignored (requirement T8).

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};

#[tokio::test]
async fn t8_proxy_variables_are_ignored_unless_a_setting_names_a_proxy() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::start_sandbox(&env).await;
    let mut variables = env.upstream_variables();
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        // Nothing listens on port 1.
        variables.push((name.to_owned(), "http://127.0.0.1:1".to_owned()));
    }
    let check = run_command(&env, &["check"], &variables, "");
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    variables.push((
        "LATCHKEY_TRANSMIT__PROXY".to_owned(),
        "http://127.0.0.1:1".to_owned(),
    ));
    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(table.contains("token: no connection"), "{table}");
    assert_eq!(sandbox.terminate(), Some(0));
}
