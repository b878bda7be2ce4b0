//! `latchkey sessions`, `unlock` and `check`, with a running and with a stopped server.

use latchkey::server::admin::lookup::LookupReport;
use latchkey::server::session::ListedSession;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;

#[tokio::test]
async fn k10_operator_commands_work_with_a_running_and_a_stopped_server() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    let sandboxed = env.upstream_variables();

    let list = run_command(&env, &["sessions", "list"], &sandboxed, "");
    assert_eq!(list.status.code(), Some(0));
    let listed = String::from_utf8(list.stdout).unwrap();
    assert!(
        listed.contains("+44 ••• ••• 56") && listed.contains("1 live") && !listed.contains("7400"),
        "{listed}"
    );
    let json = run_command(&env, &["sessions", "list", "--json"], &sandboxed, "").stdout;
    let sessions: Vec<ListedSession> = serde_json::from_slice(&json).unwrap();
    assert!(
        sessions.len() == 1 && listed.contains(&sessions[0].id),
        "{listed}"
    );
    let mut second = NetworkBrowser::new(&env);
    second.sign_in("+447400777888").await;
    let mine = run_command(
        &env,
        &["sessions", "list", "--json", "--user", &sessions[0].user],
        &sandboxed,
        "",
    )
    .stdout;
    assert_eq!(
        serde_json::from_slice::<Vec<ListedSession>>(&mine).unwrap(),
        sessions,
        "of one user"
    );
    let id = sessions[0].id.as_str();
    for (arguments, ended, code) in [
        (&["revoke", "--json", id][..], 1, 0),
        // What does not exist was not revoked.
        (&["revoke", "--json", id], 0, 1),
        (&["revoke", "--json", "no-such-id"], 0, 1),
        (&["revoke", "--json", "--user", "nobody"], 0, 1),
    ] {
        let output = run_command(
            &env,
            &[&["sessions"][..], arguments].concat(),
            &sandboxed,
            "",
        );
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("{{\"ended\":{ended}}}\n")
        );
    }
    assert_eq!(
        (
            person.get("/api/session").await.0,
            second.get("/api/session").await.0
        ),
        (401, 200)
    );
    let both = run_command(
        &env,
        &["sessions", "revoke", "--all", &sessions[0].id],
        &sandboxed,
        "",
    );
    assert_eq!(
        both.status.code(),
        Some(2),
        "the arguments exclude each other"
    );

    // The same from the running server and from the store of the stopped one.
    let events = || {
        let output = run_command(&env, &["lookup", "--json"], &sandboxed, KNOWN_PHONE);
        assert_eq!(output.status.code(), Some(0));
        let report: LookupReport = serde_json::from_slice(&output.stdout).unwrap();
        report.recent_events
    };
    let kept = events();
    assert_eq!(kept.last().unwrap().event, "authn_login_success");
    let request = kept[0].request_id.clone().unwrap();
    let shown = run_command(&env, &["lookup", "--request"], &sandboxed, &request);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(
        text.contains("otp_send_result sent") && !text.contains("7400"),
        "{text}"
    );
    let nobody = run_command(&env, &["lookup", "--user"], &sandboxed, "nobody");
    assert_eq!(nobody.status.code(), Some(1));

    let unlock = run_command(&env, &["unlock"], &sandboxed, "+44 7400 123456\n");
    assert_eq!(
        (
            unlock.status.code(),
            String::from_utf8(unlock.stdout).unwrap().trim()
        ),
        (Some(0), "unlocked")
    );
    let nothing = run_command(&env, &["unlock"], &sandboxed, "\n");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("standard input"));
    for (input, cause) in [
        ("+447400123456\n+447400123457\n", "one number at a time"),
        ("+447400123456\r\n \n+447400123457", "one number at a time"),
        (&"0".repeat(200_000), "too long"),
    ] {
        let refused = run_command(&env, &["unlock"], &sandboxed, input);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(
            refused.status.code() == Some(2) && said.contains(cause),
            "{said}"
        );
    }
    let blank = run_command(&env, &["unlock"], &sandboxed, "+447400123456\n \n\n");
    assert_eq!(blank.status.code(), Some(0));
    let long = "0".repeat(100_000);
    let refused = run_command(&env, &["sessions", "revoke", &long], &sandboxed, "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(2) && said.contains("too long"),
        "{said}"
    );
    let nonsense = run_command(&env, &["unlock"], &sandboxed, "nonsense\n");
    assert_eq!(nonsense.status.code(), Some(2), "no number");
    let check = run_command(&env, &["check"], &sandboxed, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(0), "{table}");
    for part in [
        "settings",
        "policy",
        "store",
        "credentials",
        "keys",
        "in use by the running server",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }

    assert_eq!(server.terminate(), Some(0));
    assert_eq!(events()[..kept.len()], kept);
    let listed = run_command(&env, &["sessions", "list"], &sandboxed, "").stdout;
    assert!(String::from_utf8_lossy(&listed).contains("1 live"));
    let revoked = run_command(&env, &["sessions", "revoke", "--all"], &sandboxed, "");
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("1 ended"));
    let none_left = run_command(&env, &["sessions", "revoke", "--all"], &sandboxed, "");
    assert_eq!(none_left.status.code(), Some(0), "all of none is done");

    let server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(second.get("/api/session").await.0, 401);
    let who = run_command(&env, &["sessions", "revoke"], &sandboxed, "");
    assert_eq!(who.status.code(), Some(2), "the sessions must be named");
    drop(server);
}
