//! `latchkey check`: it finds what `serve` would refuse, and more.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output};

use latchkey_sandbox::TENANT_ID;
use latchkey_testkit::redis_server::RedisServer;

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};

fn table(output: Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[tokio::test]
async fn k10_check_finds_what_serve_would_refuse() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let sound = table(run_command(
        &env,
        &["check"],
        &env.upstream_variables_with(&[]),
        "",
    ));
    assert_eq!(sound.0, Some(0), "{}", sound.1);
    for part in [
        "OK    listener     server.address",
        "OK    listener     operations.address",
        "OK    files        the data directory",
        &format!("OK    tenant       {TENANT_ID}"),
    ] {
        assert!(sound.1.contains(part), "{part}: {}", sound.1);
    }
    assert!(
        !env.folder.path().join("data").exists(),
        "nothing is created"
    );

    std::fs::write(env.folder.path().join("file"), "").unwrap();
    let application = env.application.to_string();
    for (settings, row) in [
        (
            ("OPERATIONS__ADDRESS", application.as_str()),
            "is taken by server.address",
        ),
        (("TELEMETRY__LOG", "latchkey=loud"), "telemetry.log"),
        (
            ("TELEMETRY__AUDIT_FILE", "file/audit.jsonl"),
            "FAIL  files        telemetry.audit_file",
        ),
        (("TRANSMIT__TENANT_ID", "another"), "FAIL  tenant"),
        (
            ("BRAND__ACCENT", "#ffff00"),
            "FAIL  settings     brand.accent: `#ffff00` has a contrast",
        ),
        (
            ("SIGN_IN__IDENTIFIER", "username_"),
            "FAIL  settings     sign_in.identifier: `username_` would be",
        ),
        (("SERVER__TRUSTED_PROXIES", "10.0.0.7"), "FAIL  proxies"),
        (
            ("STORE__URL", "redb:file/data/latchkey.redb"),
            "FAIL  files        the data directory",
        ),
    ] {
        let (code, found) = table(run_command(
            &env,
            &["check"],
            &env.upstream_variables_with(&[settings]),
            "",
        ));
        assert!(
            code == Some(1) && found.contains(row),
            "{settings:?}: {found}"
        );
        assert!(!found.contains("OK    brand"), "{settings:?}: {found}");
    }
    let taken = TcpListener::bind(env.application).unwrap();
    let (code, found) = table(run_command(
        &env,
        &["check"],
        &env.upstream_variables_with(&[]),
        "",
    ));
    assert!(
        code == Some(1) && found.contains("FAIL  listener     server.address"),
        "{found}"
    );
    drop(taken);
    // What Kubernetes sets for Services of this name is no setting.
    let services = [
        ("SERVICE_HOST", "10.0.0.1"),
        ("SERVICE_PORT", "3000"),
        ("PORT", "tcp://10.0.0.1:3000"),
        ("PORT_3000_TCP_ADDR", "10.0.0.1"),
        ("STORE_SERVICE_HOST", "10.0.0.2"),
    ];
    let (code, found) = table(run_command(
        &env,
        &["check"],
        &env.upstream_variables_with(&services),
        "",
    ));
    assert_eq!(code, Some(0), "{found}");
}

#[tokio::test]
async fn check_says_that_sign_up_is_closed_for_other_identifiers_than_numbers() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let identifier = ("SIGN_IN__IDENTIFIER", "employee_number");
    for (mode, expected, part) in [
        (
            "auto",
            0,
            "WARN  identifier   sign_in.identifier is employee_number",
        ),
        (
            "closed",
            0,
            "users are created in Transmit, each with a phone number",
        ),
        (
            "open",
            1,
            "FAIL  settings     sign_up.mode: cannot be `open`",
        ),
    ] {
        let variables = env.upstream_variables_with(&[identifier, ("SIGN_UP__MODE", mode)]);
        let (code, found) = table(run_command(&env, &["check"], &variables, ""));
        assert_eq!(code, Some(expected), "{mode}: {found}");
        assert!(found.contains(part), "{mode}: {found}");
    }
}

#[tokio::test]
async fn t3_a_missing_tenant_id_refuses_the_start_and_check_finds_it() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let mut variables =
        env.upstream_variables_with(&[("TRANSMIT__ISSUER", "https://userid.security")]);
    variables.retain(|(name, _)| name != "LATCHKEY_TRANSMIT__TENANT_ID");
    let output = run_command(&env, &["serve"], &variables, "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("transmit.tenant_id") && stderr.contains("latchkey check"),
        "{stderr}"
    );
    let (code, found) = table(run_command(&env, &["check"], &variables, ""));
    assert_eq!(code, Some(1), "{found}");
    for part in [
        "FAIL  settings     transmit.tenant_id",
        &format!("is of the tenant {TENANT_ID}: set it to that"),
        "encrypted ones (JWE) are refused",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    // An issuer of the application's own names the tenant by itself.
    let mut own = env.upstream_variables();
    own.retain(|(name, _)| name != "LATCHKEY_TRANSMIT__TENANT_ID");
    let (code, found) = table(run_command(&env, &["check"], &own, ""));
    assert_eq!(code, Some(0), "{found}");
}

#[tokio::test]
async fn m2_check_warns_of_messages_that_cost_more_segments_than_they_need() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let long = format!("{{app}} {{otp}} {}", "[".repeat(120));
    let dear = format!("{{app}}’s code is {{otp}}{}", ".".repeat(115));
    for (settings, warnings) in [
        (&[("BRAND__NAME", "Acme")][..], &[][..]),
        (
            &[("BRAND__NAME", "Işık")],
            &["`en`, with brand.name as {app}: the character `ş` makes it UCS-2"],
        ),
        (
            &[("SIGN_IN__MESSAGE", "{app}: {otp}’")],
            &["sign_in.message, with brand.name as {app}: the character `’`"],
        ),
        (&[("SIGN_IN__MESSAGE", &*dear)], &["segments: 3"]),
        (&[("SIGN_IN__MESSAGE", "{app}: {otp} [ok]")], &[]),
        (&[("SIGN_IN__MESSAGE", "off"), ("BRAND__NAME", "Işık")], &[]),
        (&[("SIGN_IN__MESSAGE", &*long)], &[]),
    ] {
        let (code, found) = table(run_command(
            &env,
            &["check"],
            &env.upstream_variables_with(settings),
            "",
        ));
        assert_eq!(code, Some(0), "{found}");
        for warning in warnings {
            assert!(found.contains(warning), "{warning}: {found}");
        }
        assert_eq!(
            found.contains("WARN  message"),
            !warnings.is_empty(),
            "{found}"
        );
    }
}

#[tokio::test]
async fn k10_check_compares_with_the_running_server() {
    let env = TestEnvironment::new();
    let _server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let (code, found) = table(run_command(
        &env,
        &["check"],
        &env.upstream_variables_with(&[]),
        "",
    ));
    assert_eq!(code, Some(0), "{found}");
    assert!(
        found.contains("is in use, and a server is running") && found.contains("index key"),
        "{found}"
    );
    let key = (
        "SECRETS__KEY",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    );
    let (code, found) = table(run_command(
        &env,
        &["check"],
        &env.upstream_variables_with(&[key]),
        "",
    ));
    assert!(
        code == Some(1) && found.contains("FAIL  secrets"),
        "{found}"
    );
}

#[tokio::test]
async fn k10_check_names_every_right_that_the_user_of_redis_lacks() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let redis = RedisServer::start();
    redis.command::<()>(&["CONFIG", "SET", "maxmemory", "100mb"]);
    let url = redis.url();
    let settings = env.upstream_variables_with(&[
        ("STORE__URL", url.as_str()),
        (
            "SECRETS__KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ]);
    let (code, found) = table(run_command(&env, &["check"], &settings, ""));
    assert!(
        code == Some(0) && found.contains("may execute every command"),
        "{found}"
    );
    assert_eq!(redis.command::<i64>(&["EXISTS", "latchkey:check"]), 0);
    redis.command::<()>(&["ACL", "SETUSER", "default", "-zadd", "-hkeys", "-scan"]);
    let (code, found) = table(run_command(&env, &["check"], &settings, ""));
    assert!(
        code == Some(1) && found.contains("may not execute ZADD, HKEYS, SCAN"),
        "{found}"
    );
}

#[tokio::test]
async fn t9_the_dump_has_every_setting_with_its_source_and_no_secret() {
    let env = TestEnvironment::new();
    std::fs::write(
        env.folder.path().join("latchkey.toml"),
        "[brand]\nname = \"Acme\"\n\n[transmit]\nclient_secret = \"hunter2\"\n\
         proxy = \"http://user:hunter3@proxy.example:8080\"\n",
    )
    .unwrap();
    let mut variables = vec![(
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "aHVudGVyNA==".to_owned(),
    )];
    variables.push((
        "LATCHKEY_STORE__URL".to_owned(),
        "redis://u:hunter5@redis.example:6379".to_owned(),
    ));
    let output = run_command(&env, &["check", "--dump"], &variables, "");
    let (code, dump) = table(output);
    assert_eq!(code, Some(0), "{dump}");
    for line in [
        "brand.name = \"Acme\"  # latchkey.toml line 2",
        "transmit.client_secret = \"(redacted)\"  # latchkey.toml line 5",
        "secrets.key = \"(redacted)\"  # variable LATCHKEY_SECRETS__KEY",
        "server.drain = \"0s\"  # variable LATCHKEY_SERVER__DRAIN",
        "session.idle_timeout = \"30m\"  # default",
        "# transmit.region is not set",
    ] {
        assert!(dump.lines().any(|found| found == line), "{line}: {dump}");
    }
    for secret in ["hunter", "aHVudGVy"] {
        assert!(!dump.contains(secret), "{dump}");
    }
    toml::from_str::<toml::Table>(&dump).expect("the dump is TOML");
}

#[tokio::test]
async fn k10_check_opens_no_named_pipe_and_no_endless_file() {
    let env = TestEnvironment::new();
    let _sandbox = ChildProcess::start_sandbox(&env).await;
    let path = env.folder.path().join("audit.pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let pipe = path.display().to_string();
    let settings = env.upstream_variables_with(&[("TELEMETRY__AUDIT_FILE", &pipe)]);
    let (code, found) = table(run_command(&env, &["check"], &settings, ""));
    assert!(
        code == Some(0) && found.contains("telemetry.audit_file"),
        "{found}"
    );
    let settings = env.upstream_variables_with(&[("SECRETS__KEY_FILE", "/dev/zero")]);
    let (code, found) = table(run_command(&env, &["check"], &settings, ""));
    assert!(
        code == Some(1) && found.contains("/dev/zero: is no regular file"),
        "{found}"
    );
}

#[tokio::test]
async fn k10_a_variable_that_is_no_text_is_not_ignored() {
    let env = TestEnvironment::new();
    let mut command = env.command(&["check"], &[]);
    let output = command
        .env(
            "LATCHKEY_SERVER__PUBLIC_URL",
            OsStr::from_bytes(b"https://\xff"),
        )
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && said.contains("LATCHKEY_SERVER__PUBLIC_URL"),
        "{said}"
    );
}
