//! `kill -9` at random moments during complete journeys: whatever a browser was told remains true.
//!
//! Every round starts a server, lets people sign up, sign in, sign out and submit wrong codes, lets
//! the operator sign some out, and kills the server. Upstream keeps running. Then the store's file
//! must hold what was counted. A new server must agree with every response of this round, and at
//! the end with those of all rounds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Group, Store};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use serde_json::{Value, json};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::different_code;

/// Concurrent browsers.
const CONCURRENT_BROWSERS: u32 = 6;
/// The longest time from a server's first response to its end, in microseconds.
const LONGEST_RUN_MICROS: u64 = 2_500_000;

/// What a browser knows about its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reported {
    SignedIn,
    SignedOut,
    /// It sent a request and received no response.
    NoResponse,
}

/// A code that was submitted, and the result.
struct SubmittedCode {
    /// The browser as it was before.
    before: NetworkBrowser,
    counted: Option<bool>,
}

/// A browser that submits wrong codes, and the attempts left by the last response.
struct Guesser {
    person: NetworkBrowser,
    wrong: String,
    left: u64,
}

/// Everything that browsers were reported.
#[derive(Default)]
struct Observations {
    sessions: Vec<(NetworkBrowser, Reported)>,
    codes: Vec<SubmittedCode>,
    guessers: Vec<Guesser>,
    sends: u32,
}

impl Observations {
    fn append(&mut self, mut other: Self) {
        self.sessions.append(&mut other.sessions);
        self.codes.append(&mut other.codes);
        self.sends += other.sends;
    }

    fn count(&self, what: Reported) -> usize {
        self.sessions
            .iter()
            .filter(|(_, reported)| *reported == what)
            .count()
    }
}

/// What all rounds share.
struct SharedSetup {
    env: TestEnvironment,
    numbers: AtomicU32,
    random: Random,
}

impl SharedSetup {
    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.env.upstream_variables();
        let own = [
            ("TRANSMIT__OTP_MAX_FAILURES", "6"),
            ("SERVER__TRUSTED_PROXIES", "127.0.0.1/32"),
            ("SERVER__CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
            ("GUARD__SERVICE_MINUTELY", "100000"),
            ("GUARD__SERVICE_HOURLY", "100000"),
            ("GUARD__SERVICE_DAILY", "100000"),
            ("GUARD__SERVICE_HOURLY_TOTAL", "100000"),
            ("GUARD__SERVICE_DAILY_TOTAL", "100000"),
            ("GUARD__COUNTRY_HOURLY", "100000"),
            ("GUARD__COUNTRY_DAILY", "100000"),
            ("GUARD__COUNTRY_DAILY_TOTAL", "100000"),
            ("GUARD__PREFIX_HOURLY", "100000"),
            ("GUARD__PREFIX_DAILY", "100000"),
            ("GUARD__PREFIX_DAILY_TOTAL", "100000"),
            ("GUARD__SERVICE_SIGN_UPS_DAILY", "100000"),
        ];
        variables.extend(own.map(|(name, value)| (format!("LATCHKEY_{name}"), value.to_owned())));
        variables
    }

    /// A new browser with its own address, and its number.
    fn new_browser(&self) -> (NetworkBrowser, String) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let [_, a, b, c] = number.to_be_bytes();
        (
            NetworkBrowser::new(&self.env).with_address(format!("10.{a}.{b}.{c}")),
            format!("+447400{number:06}"),
        )
    }

    /// Requests a code and reads it; `None` if the server is gone.
    async fn request_code(&self, observations: &Mutex<Observations>) -> Option<NetworkBrowser> {
        let (mut person, phone) = self.new_browser();
        let (status, body) = person.try_post("sign-up", &[("phone", &phone)]).await?;
        assert_eq!(status, 200, "{body}");
        observations.lock().unwrap().sends += 1;
        let inbox = async {
            person.read_code(&phone).await;
            person
        };
        // The message of a killed server never arrives.
        Clock::system()
            .timeout(Duration::from_secs(5), inbox)
            .await
            .ok()
    }

    async fn sign_in(&self, observations: &Mutex<Observations>) -> Option<NetworkBrowser> {
        let mut person = self.request_code(observations).await?;
        let (before, code) = (person.clone(), person.code.clone());
        let response = person.try_post("verify-code", &[("code", &code)]).await;
        let counted = response.as_ref().map(|(status, body)| {
            assert_eq!(*status, 200, "{body}");
            true
        });
        observations
            .lock()
            .unwrap()
            .codes
            .push(SubmittedCode { before, counted });
        response.map(|_| person)
    }

    /// One journey; false when the server is gone.
    async fn run_journey(&self, observations: &Mutex<Observations>) -> bool {
        let Some(mut person) = self.sign_in(observations).await else {
            return false;
        };
        let signed_in = person.clone();
        let reported = match self.random.below(3) {
            0 => Reported::SignedIn,
            1 => match person.try_post("sign-out", &[]).await {
                Some((200, _)) => Reported::SignedOut,
                Some((status, body)) => panic!("{status} {body}"),
                None => Reported::NoResponse,
            },
            _ => self.revoke_by_operator(&mut person).await,
        };
        observations
            .lock()
            .unwrap()
            .sessions
            .push((signed_in, reported));
        reported != Reported::NoResponse
    }

    async fn revoke_by_operator(&self, person: &mut NetworkBrowser) -> Reported {
        let Some((status, body)) = person.try_get("/api/session").await else {
            return Reported::SignedIn;
        };
        assert_eq!(status, 200, "{body}");
        let session: Value = serde_json::from_str(&body).unwrap();
        let mut command = self.env.command(
            &[
                "sessions",
                "revoke",
                "--user",
                session["sub"].as_str().unwrap(),
            ],
            &self.env.upstream_variables(),
        );
        // When the server is killed before it responds, the command works on the store itself, or
        // fails.
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        if ended.status.success() {
            Reported::SignedOut
        } else {
            Reported::NoResponse
        }
    }

    async fn submit_wrong_code(&self, observations: &Mutex<Observations>) {
        let Some(person) = self.request_code(observations).await else {
            return;
        };
        let wrong = different_code(&person.code);
        let mut guesser = Guesser {
            person,
            wrong,
            left: u64::MAX,
        };
        while let Some(left) = guesser.submit_wrong_code().await {
            assert!(
                left < guesser.left || left == 0,
                "{left} after {}",
                guesser.left
            );
            guesser.left = left;
            if left == 0 {
                break;
            }
        }
        observations.lock().unwrap().guessers.push(guesser);
    }

    /// One server from start to kill, and what it reported browsers.
    async fn run_round(&self) -> Observations {
        let mut server =
            ChildProcess::start_server_with(&self.env, &["serve"], &self.variables()).await;
        let observations = Mutex::new(Observations::default());
        let people = join_all((0..CONCURRENT_BROWSERS).map(async |number| {
            if number == 0 {
                self.submit_wrong_code(&observations).await;
            }
            while self.run_journey(&observations).await {}
        }));
        let killing = async {
            Clock::system()
                .sleep(Duration::from_micros(
                    300_000 + self.random.below(LONGEST_RUN_MICROS),
                ))
                .await;
            server.kill();
            assert_eq!(server.wait(), None, "no exit code: killed");
        };
        tokio::join!(people, killing);
        observations.into_inner().unwrap()
    }

    /// All sends of the service by the store's own counter. The server is dead.
    async fn counted_sends(&self) -> u32 {
        let path: PathBuf = self.env.store_path();
        let store = RedbStore::open(&path, RedbOptions::default()).unwrap();
        let usage = store
            .usage(&Group::Service, &["sends_day_total"], Clock::system().now())
            .await
            .unwrap();
        store.close().unwrap();
        usage[0].used
    }
}

impl Guesser {
    /// The attempts left after one more wrong code; `None` if the server is gone.
    async fn submit_wrong_code(&mut self) -> Option<u64> {
        let (status, body) = self
            .person
            .try_post("verify-code", &[("code", &self.wrong)])
            .await?;
        let problem: Value = serde_json::from_str(&body).unwrap();
        match status {
            401 => Some(problem["tries_left"].as_u64().unwrap()),
            429 => Some(0),
            _ => panic!("{status} {body}"),
        }
    }
}

/// Asserts that everything that browsers were reported about sessions holds.
async fn check_sessions(sessions: &mut [(NetworkBrowser, Reported)]) {
    for (person, reported) in sessions {
        let (status, body) = person.get("/api/session").await;
        match reported {
            Reported::SignedIn => assert_eq!(
                status, 200,
                "a session that a browser knows is gone: {body}"
            ),
            Reported::SignedOut => assert_eq!(
                status, 401,
                "a session that ended for a browser is active: {body}"
            ),
            Reported::NoResponse => assert!([200, 401].contains(&status), "{status} {body}"),
        }
    }
}

/// Submits every code again with the browser's cookies from before the first submission.
async fn check_codes(codes: Vec<SubmittedCode>) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    for SubmittedCode {
        mut before,
        counted,
    } in codes
    {
        let code = before.code.clone();
        let (first, body) = before.clone().post("verify-code", &[("code", &code)]).await;
        if counted == Some(true) {
            assert_ne!(first, 200, "a code counted twice: {body}");
        }
        let (second, body) = before.post("verify-code", &[("code", &code)]).await;
        assert_ne!(second, 200, "a code counted twice after {first}: {body}");
        *statuses.entry(first).or_insert(0) += 1;
    }
    statuses
}

/// `LATCHKEY_KILLS` sets the number of rounds; the default is 10.
#[tokio::test]
async fn kill_9_during_journeys_undoes_nothing_that_was_reported() {
    let rounds: u32 = std::env::var("LATCHKEY_KILLS").map_or(10, |rounds| rounds.parse().unwrap());
    let setup = SharedSetup {
        env: TestEnvironment::new(),
        numbers: AtomicU32::new(100_000),
        random: Random::system(),
    };
    let mut sandbox = ChildProcess::start_sandbox(&setup.env).await;
    setup
        .env
        .put_control("policy", json!({ "max_failures": 6 }))
        .await;

    let mut all = Observations::default();
    let (mut sends, mut counted, mut guesses) = (0, 0, 0);
    let mut repeated = BTreeMap::new();
    for round in 0..rounds {
        let mut observations = setup.run_round().await;
        sends += observations.sends;
        let now_counted = setup.counted_sends().await;
        assert!(
            now_counted >= sends && now_counted >= counted,
            "round {round}: {now_counted} of {sends} sends, {counted} before"
        );
        counted = now_counted;

        let mut server =
            ChildProcess::start_server_with(&setup.env, &["serve"], &setup.variables()).await;
        check_sessions(&mut observations.sessions).await;
        for guesser in &mut observations.guessers {
            let left = guesser.submit_wrong_code().await.unwrap();
            assert!(
                left < guesser.left || left == 0,
                "round {round}: {left} attempts left, {} before",
                guesser.left
            );
            guesses += 1;
        }
        for (status, number) in check_codes(std::mem::take(&mut observations.codes)).await {
            *repeated.entry(status).or_insert(0) += number;
        }
        let list = run_command(
            &setup.env,
            &["sessions", "list"],
            &setup.env.upstream_variables(),
            "",
        );
        assert!(
            list.status.success(),
            "{}",
            String::from_utf8_lossy(&list.stderr)
        );
        server.kill();
        server.wait();
        all.append(observations);
    }
    let mut server =
        ChildProcess::start_server_with(&setup.env, &["serve"], &setup.variables()).await;
    check_sessions(&mut all.sessions).await;
    println!(
        "{rounds} kills: {} sessions there, {} ended, {} without a response; {sends} sends \
         reported, {counted} counted; {guesses} guessers; codes submitted again: {repeated:?}",
        all.count(Reported::SignedIn),
        all.count(Reported::SignedOut),
        all.count(Reported::NoResponse),
    );
    assert!(
        all.count(Reported::SignedIn) + all.count(Reported::SignedOut) > rounds as usize,
        "too few sessions"
    );
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(sandbox.terminate(), Some(0));
}
