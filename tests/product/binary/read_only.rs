//! A data directory that can be read and not written any more, under a running server: as when the
//! system finds an error on the disk and lets nobody write.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::json;

use crate::binary::full_disk::limited;
use crate::binary::process::{Person, Place, Process};
use crate::support::{KNOWN, wait_until};

/// More than the server ever writes, in blocks of 512 bytes.
const PLENTY: u64 = 1 << 20;
const OTHER: &str = "+447400777888";

/// Every write fails from now on, also where the file has room already; nor can a file be made.
fn read_only(server: &Process, folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    limit(
        server,
        Rlimit {
            current: Some(0),
            ..getrlimit(Resource::Fsize)
        },
    );
}

fn writable(server: &Process, folder: &Path) {
    limit(server, getrlimit(Resource::Fsize));
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
}

fn limit(server: &Process, to: Rlimit) {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    prlimit(Some(pid), Resource::Fsize, to).unwrap();
}

#[tokio::test]
async fn nothing_is_sent_nobody_is_signed_out_and_all_comes_back_without_a_restart() {
    let place = Place::new();
    let folder = place.store().parent().unwrap().to_owned();
    let mut server = Process::spawn(&place, "serve", &mut limited(&place, PLENTY));
    wait_until("the server", async || place.is_up().await).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    place
        .control("users/%2B447400777888", json!({ "status": "Active" }))
        .await;
    let mut asked = Person::new(&place);
    assert_eq!(asked.post("send-code", &[("phone", OTHER)]).await.0, 200);
    asked.read_code(OTHER).await;
    let code = asked.code.clone();
    let sends = place.calls("otp_send").await;

    read_only(&server, &folder);
    for number in 0..20 {
        let mut new = Person::new(&place);
        let phone = format!("+4474005{number:05}");
        for (door, fields) in [
            ("send-code", ("phone", phone.as_str())),
            ("sign-up", ("phone", &phone)),
        ] {
            let (status, body) = new.post(door, &[fields]).await;
            assert!(
                status == 503 && body.contains("unavailable"),
                "{door}: {status} {body}"
            );
        }
        assert_eq!(new.get("/sign-in").await.0, 200);
        for (path, fine) in [
            ("/api/session", 200),
            ("/account", 200),
            ("/forward-auth", 200),
        ] {
            let (status, body) = person.get(path).await;
            assert!(
                status == fine || status == 503,
                "never out: {path}: {status} {body}"
            );
        }
    }
    let (status, body) = asked.post("verify-code", &[("code", &code)]).await;
    assert!(
        status == 503 && body.contains("unavailable"),
        "no try without its count: {status} {body}"
    );
    let (status, body) = person.clone().post("sign-out", &[]).await;
    assert!(
        status == 503 && body.contains("unavailable"),
        "not told to be out: {status} {body}"
    );
    assert_eq!(
        (
            place.calls("otp_send").await,
            place.calls("otp_authenticate").await
        ),
        (sends, 1)
    );

    writable(&server, &folder);
    let mut back = Person::new(&place);
    wait_until("the way back", async || {
        place.operations("/readyz").await.0 == 200
    })
    .await;
    assert_eq!(
        back.post("send-code", &[("phone", "+447400599999")])
            .await
            .0,
        200
    );
    assert_eq!(
        asked.post("verify-code", &[("code", &code)]).await.0,
        200,
        "the code is as good as before"
    );
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    assert_eq!(person.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
}
