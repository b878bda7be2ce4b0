//! The tenant's passcode policy at the start of a server, and in `latchkey check`.

use serde_json::{Value, json};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, wait_until};

/// A sandbox with this policy.
async fn sandbox(env: &TestEnvironment, policy: Value) -> ChildProcess {
    let sandbox = ChildProcess::spawn(env, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        env.get_sandbox("/control/calls").await.is_some()
    })
    .await;
    env.put_control("policy", policy).await;
    sandbox
}

#[tokio::test]
async fn c1_short_codes_refuse_the_start_unless_they_are_allowed() {
    let env = TestEnvironment::new();
    let _sandbox = sandbox(&env, json!({ "otp_length": 4, "max_failures": 7 })).await;
    let mut variables = env.upstream_variables();
    for command in ["serve", "check"] {
        let output = run_command(&env, &[command], &variables, "");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        let code = if command == "serve" { 2 } else { 1 };
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains("transmit.allow_short_codes"), "{text}");
    }
    variables.push((
        "LATCHKEY_TRANSMIT__ALLOW_SHORT_CODES".to_owned(),
        "true".to_owned(),
    ));
    let mut server = ChildProcess::spawn(&env, &["serve"], &variables);
    env.wait_until_up().await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn k10_check_compares_settings_with_the_tenants_policy() {
    let env = TestEnvironment::new();
    let _sandbox = sandbox(&env, json!({ "max_failures": 7, "lockout": "20m" })).await;
    let check = |settings: &[(&str, &str)]| {
        let mut variables = env.upstream_variables();
        variables.extend(
            settings
                .iter()
                .map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), (*value).to_owned())),
        );
        let output = run_command(&env, &["check"], &variables, "");
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, table) = check(&[]);
    assert_eq!(code, Some(0), "{table}");
    for part in [
        "OK    policy       the tenant says: 6 digits, 5m to use, a lock of 20m after 7 failures",
        "5 attempts a code, which count for 2250s",
        "encrypted ones (JWE) are refused",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let (code, table) = check(&[("OTP_MAX_FAILURES", "3")]);
    assert_eq!(code, Some(0), "{table}");
    let part = "WARN  policy       transmit.otp_max_failures is 3, and the tenant says 7";
    assert!(table.contains(part), "{table}");

    env.put_control("policy", json!({ "is_readable": false }))
        .await;
    let (code, table) = check(&[]);
    assert!(
        code == Some(0) && table.contains("WARN  policy       the tenant does not tell"),
        "{table}"
    );
}

#[tokio::test]
async fn k10_check_says_whether_codes_are_offered_by_email_and_what_that_means() {
    let env = TestEnvironment::new();
    let _sandbox = sandbox(&env, json!({ "email_length": 8, "max_failures": 7 })).await;
    let check = |fallback: &str| {
        let mut variables = env.upstream_variables();
        let name = "LATCHKEY_SIGN_IN__FALLBACK".to_owned();
        variables.push((name, fallback.to_owned()));
        let output = run_command(&env, &["check"], &variables, "");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, table) = check("off");
    assert!(code == Some(0) && !table.contains("email"), "{table}");
    let (code, table) = check("email");
    assert_eq!(code, Some(0), "{table}");
    for part in [
        "WARN  email        codes are offered",
        "8 digits, 5m to use",
        "NIST",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    for (policy, part) in [
        (json!({ "email_length": 5 }), "have fewer than 6 digits"),
        (json!({ "email_enabled": false }), "switch the method on"),
        (json!({ "is_readable": false }), "it is not known whether"),
    ] {
        env.put_control("policy", policy).await;
        let (code, table) = check("email");
        assert!(code == Some(0) && table.contains(part), "{part}: {table}");
    }
    let (code, table) = check("fax");
    assert!(
        code != Some(0) && table.contains("sign_in.fallback"),
        "{table}"
    );
}
