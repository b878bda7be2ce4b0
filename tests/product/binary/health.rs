//! `latchkey health`: a container asks its server with the one program that it has (requirement
//! L6).

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};

/// The exit code and the output of a health check with these variables.
fn check(env: &TestEnvironment, arguments: &[&str], variables: &[(String, String)]) -> Checked {
    let output = run_command(env, &[&["health"], arguments].concat(), variables, "");
    Checked {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

struct Checked {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn variable(name: &str, value: impl ToString) -> (String, String) {
    (format!("LATCHKEY_{name}"), value.to_string())
}

#[tokio::test]
async fn l6_the_health_check_tells_ready_alive_stopping_and_gone_by_its_exit_code() {
    let env = TestEnvironment::new();
    for arguments in [&[][..], &["--live"]] {
        let gone = check(&env, arguments, &[]);
        assert_eq!((gone.code, gone.stdout.as_str()), (Some(3), ""));
        let address = env.operations.to_string();
        assert!(gone.stderr.contains(&address), "{}", gone.stderr);
    }
    let mut server = ChildProcess::spawn(
        &env,
        &["serve", "--sandbox"],
        &[variable("SERVER__DRAIN", "10m")],
    );
    env.wait_until_up().await;
    let ready = check(&env, &[], &[]);
    assert_eq!(ready.code, Some(0), "{}", ready.stderr);
    assert_eq!(ready.stdout, "server: ok\nstore: ok\n");
    let alive = check(&env, &["--live"], &[]);
    assert_eq!((alive.code, alive.stdout.as_str()), (Some(0), "ok\n"));

    server.send_signal("TERM");
    env.wait_for_readiness(503).await;
    let stopping = check(&env, &[], &[]);
    assert_eq!(stopping.code, Some(1), "{}", stopping.stderr);
    assert_eq!(stopping.stdout, "server: stopping\nstore: ok\n");
    assert_eq!(check(&env, &["--live"], &[]).code, Some(0), "it still runs");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn l6_the_health_check_asks_on_loopback_and_needs_no_token() {
    let env = TestEnvironment::new();
    let token = env.folder.path().join("token");
    std::fs::write(&token, "a-token-of-sixteen\n").unwrap();
    let variables = [
        variable(
            "OPERATIONS__ADDRESS",
            format!("0.0.0.0:{}", env.operations.port()),
        ),
        variable("OPERATIONS__BEARER_TOKEN_FILE", token.display()),
    ];
    let mut server = ChildProcess::spawn(&env, &["serve", "--sandbox"], &variables);
    env.wait_until_up().await;
    assert_eq!(check(&env, &[], &variables).code, Some(0));
    assert_eq!(env.get_operations("/metrics").await.0, 401);
    let metrics = latchkey_testkit::sandbox_client::http_client()
        .get(format!("http://{}/metrics", env.operations))
        .bearer_auth("a-token-of-sixteen");
    assert_eq!(metrics.send().await.unwrap().status(), 200);
    assert_eq!(server.terminate(), Some(0));

    // A token in a file is held to the same rules as one in a setting.
    for (content, part) in [("short\n", "16 characters"), ("\n", "is empty")] {
        std::fs::write(&token, content).unwrap();
        let refused = run_command(&env, &["serve", "--sandbox"], &variables, "");
        let stderr = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(part) && stderr.contains("token"),
            "{stderr}"
        );
        assert!(!stderr.contains("short\n"), "{stderr}");
        let checked = run_command(&env, &["check"], &variables, "");
        let table = String::from_utf8(checked.stdout).unwrap();
        let mut rows = table.lines().filter(|line| line.starts_with("FAIL"));
        assert!(rows.any(|line| line.contains(part)), "{table}");
    }
}

#[test]
fn another_program_at_the_address_is_not_taken_for_latchkey() {
    let env = TestEnvironment::new();
    for response in [
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi\n",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: /readyz\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\u{fffd}",
    ] {
        let other = TcpListener::bind(env.operations).unwrap();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = other.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
        });
        let checked = check(&env, &[], &[]);
        served.join().unwrap();
        assert_eq!(checked.code, Some(2), "{response}: {}", checked.stderr);
        assert_eq!(checked.stdout, "");
        assert!(
            checked.stderr.contains("operations.address"),
            "{}",
            checked.stderr
        );
    }
}
