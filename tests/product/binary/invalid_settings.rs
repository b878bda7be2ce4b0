//! Settings that no server can start with.

use crate::binary::process::{TestEnvironment, run_command};

#[tokio::test]
async fn invalid_settings_are_explained_and_nothing_starts() {
    let env = TestEnvironment::new();
    for (variables, part) in [
        (
            &[("LATCHKEY_SERVER__PUBLIC_URL", "https://id.example.com")][..],
            "the sandbox is for loopback only",
        ),
        (
            &[("LATCHKEY_SESSION__IDLE_TIMEOUT", "30")],
            "session.idle_timeout",
        ),
        (&[("LATCHKEY_SESION__IDLE_TIMEOUT", "30m")], "sesion"),
        (
            &[("LATCHKEY_TRANSMIT__OTP_LENGTH", "5")],
            "transmit.otp_length",
        ),
        (
            &[("LATCHKEY_SIGN_IN__REFUSE_AFTER", "5s,1s")],
            "sign_in.refuse_after",
        ),
        (&[("LATCHKEY_SECRETS__KEY", "c2hvcnQ=")], "secrets.key"),
        (&[("LATCHKEY_STORE__URL", "sqlite:x")], "store.url"),
        (
            &[("LATCHKEY_OPERATIONS__ADDRESS", "0.0.0.0:0")],
            "operations.bearer_token",
        ),
        (
            &[("LATCHKEY_SERVER_PUBLIC_URL", "http://127.0.0.1:1")],
            "LATCHKEY_SERVER__PUBLIC_URL",
        ),
        (&[("LATCHKEY_OPERATIONS__HOSTS", "ops:9464")], "write ops"),
        (
            &[("LATCHKEY_SERVER__TRUSTED_PROXIES", "proxy.internal")],
            "not resolved",
        ),
        (
            &[
                ("LATCHKEY_SIGN_IN__IDENTIFIER", "email"),
                ("LATCHKEY_SIGN_UP__MODE", "open"),
            ],
            "create users in Transmit, each with a phone number",
        ),
        (
            &[("LATCHKEY_SIGN_IN__IDENTIFIER", "emial")],
            "did you mean `email`?",
        ),
        (
            &[("LATCHKEY_SIGN_IN__IDENTIFIER", "e mail")],
            "the name of a type that the tenant defines",
        ),
        (
            &[("LATCHKEY_SIGN_IN__IDENTIFIER_LABEL", "Number")],
            "sign_in.identifier_label",
        ),
    ] {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let output = run_command(&env, &["serve", "--sandbox"], &variables, "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{part}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("c2hvcnQ"),
            "{stderr}"
        );
        assert!(output.stdout.is_empty(), "{part}");
    }
    // An error about the file names it and the line.
    let file = env.folder.path().join("latchkey.toml");
    for (text, part) in [
        ("[session]\nidle_timeout = 30\n", "latchkey.toml line 2"),
        ("[brand]\n\nname = \" \"\n", "latchkey.toml line 3"),
        ("[sesion]\nidle_timeout = \"1m\"\n", "latchkey.toml line 1"),
        ("[session]\nidletimeout = \"1m\"\n", "session.idle_timeout"),
        ("[session\n", "latchkey.toml: line 1"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = run_command(&env, &["serve", "--sandbox"], &[], "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{part}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
        assert!(!stderr.contains("variable"), "{stderr}");
    }
    std::fs::remove_file(&file).unwrap();
    // `check` reports all problems at once.
    let check = run_command(&env, &["check"], &[], "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1));
    for key in [
        "transmit.region",
        "transmit.client_id",
        "transmit.client_secret",
    ] {
        assert!(table.contains(key), "{key}: {table}");
    }
    let unknown = run_command(&env, &["frobnicate"], &[], "");
    assert_eq!(unknown.status.code(), Some(2));
}
