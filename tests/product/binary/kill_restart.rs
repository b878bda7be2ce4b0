//! `kill -9` at random moments under whole journeys: what browsers were told stands.
//!
//! Every round starts a server, lets people sign up, sign in, sign out, be signed out by the
//! operator and guess codes, and kills it. Upstream lives on. Then the store's file must hold what
//! was counted, and a new server must agree with everything that was told: in this round, and at
//! the end in all of them.

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

use crate::binary::process::{Person, Place, Process, run};
use crate::support::{different_code, wait_until};

/// People at once.
const PEOPLE: u32 = 6;
/// Longest life of a server after its first answer, in microseconds.
const LONGEST: u64 = 2_500_000;

/// What a browser was told of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    In,
    Out,
    /// It asked for something and has no answer.
    Nothing,
}

/// What became of a code that was typed.
struct Typed {
    /// The browser as it was before.
    before: Person,
    counted: Option<bool>,
}

/// Somebody who guesses, and the tries that were left by the last answer.
struct Guesser {
    person: Person,
    wrong: String,
    left: u64,
}

/// Everything that was told.
#[derive(Default)]
struct Record {
    sessions: Vec<(Person, Told)>,
    codes: Vec<Typed>,
    guessers: Vec<Guesser>,
    sends: u32,
}

impl Record {
    fn append(&mut self, mut other: Self) {
        self.sessions.append(&mut other.sessions);
        self.codes.append(&mut other.codes);
        self.sends += other.sends;
    }

    fn count(&self, what: Told) -> usize {
        self.sessions
            .iter()
            .filter(|(_, told)| *told == what)
            .count()
    }
}

/// The world of all rounds.
struct World {
    place: Place,
    numbers: AtomicU32,
    random: Random,
}

impl World {
    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.place.upstream_variables();
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

    /// Somebody new, at an address of their own, and their number.
    fn somebody(&self) -> (Person, String) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let [_, a, b, c] = number.to_be_bytes();
        (
            Person::new(&self.place).at(format!("10.{a}.{b}.{c}")),
            format!("+447400{number:06}"),
        )
    }

    /// Asks for a code, and reads it. None if the server is gone.
    async fn ask(&self, record: &Mutex<Record>) -> Option<Person> {
        let (mut person, phone) = self.somebody();
        let (status, body) = person.try_post("sign-up", &[("phone", &phone)]).await?;
        assert_eq!(status, 200, "{body}");
        record.lock().unwrap().sends += 1;
        let inbox = async {
            person.read_code(&phone).await;
            person
        };
        // Of a server that is killed now the message never comes.
        Clock::system()
            .timeout(Duration::from_secs(5), inbox)
            .await
            .ok()
    }

    async fn sign_in(&self, record: &Mutex<Record>) -> Option<Person> {
        let mut person = self.ask(record).await?;
        let (before, code) = (person.clone(), person.code.clone());
        let answer = person.try_post("verify-code", &[("code", &code)]).await;
        let counted = answer.as_ref().map(|(status, body)| {
            assert_eq!(*status, 200, "{body}");
            true
        });
        record.lock().unwrap().codes.push(Typed { before, counted });
        answer.map(|_| person)
    }

    /// One journey; false when the server is gone.
    async fn journey(&self, record: &Mutex<Record>) -> bool {
        let Some(mut person) = self.sign_in(record).await else {
            return false;
        };
        let signed_in = person.clone();
        let told = match self.random.below(3) {
            0 => Told::In,
            1 => match person.try_post("sign-out", &[]).await {
                Some((200, _)) => Told::Out,
                Some((status, body)) => panic!("{status} {body}"),
                None => Told::Nothing,
            },
            _ => self.ended_by_the_operator(&mut person).await,
        };
        record.lock().unwrap().sessions.push((signed_in, told));
        told != Told::Nothing
    }

    async fn ended_by_the_operator(&self, person: &mut Person) -> Told {
        let Some((status, body)) = person.try_get("/api/session").await else {
            return Told::In;
        };
        assert_eq!(status, 200, "{body}");
        let session: Value = serde_json::from_str(&body).unwrap();
        let mut command = self.place.command(
            &[
                "sessions",
                "revoke",
                "--user",
                session["sub"].as_str().unwrap(),
            ],
            &self.place.upstream_variables(),
        );
        // A server that is killed before it answers leaves the command to do it by itself, or
        // without an answer.
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        if ended.status.success() {
            Told::Out
        } else {
            Told::Nothing
        }
    }

    async fn guess(&self, record: &Mutex<Record>) {
        let Some(person) = self.ask(record).await else {
            return;
        };
        let wrong = different_code(&person.code);
        let mut guesser = Guesser {
            person,
            wrong,
            left: u64::MAX,
        };
        while let Some(left) = guesser.guess().await {
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
        record.lock().unwrap().guessers.push(guesser);
    }

    /// A server's life, and what was told in it.
    async fn round(&self) -> Record {
        let mut server = Process::begin(&self.place, &["serve"], &self.variables());
        wait_until("the server", async || self.place.is_up().await).await;
        let record = Mutex::new(Record::default());
        let people = join_all((0..PEOPLE).map(async |number| {
            if number == 0 {
                self.guess(&record).await;
            }
            while self.journey(&record).await {}
        }));
        let killing = async {
            Clock::system()
                .sleep(Duration::from_micros(300_000 + self.random.below(LONGEST)))
                .await;
            server.kill();
            assert_eq!(server.wait(), None, "no exit code: killed");
        };
        tokio::join!(people, killing);
        record.into_inner().unwrap()
    }

    /// What the whole service has sent, by the store's own counter. The server is dead.
    async fn counted_sends(&self) -> u32 {
        let path: PathBuf = self.place.store();
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
    /// How many tries are left after one more; none if the server is gone.
    async fn guess(&mut self) -> Option<u64> {
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

/// Whether everything that was told of sessions holds.
async fn check_sessions(sessions: &mut [(Person, Told)]) {
    for (person, told) in sessions {
        let (status, body) = person.get("/api/session").await;
        match told {
            Told::In => assert_eq!(
                status, 200,
                "a session that a browser was told of is gone: {body}"
            ),
            Told::Out => assert_eq!(
                status, 401,
                "a session that a browser was told is over lives: {body}"
            ),
            Told::Nothing => assert!([200, 401].contains(&status), "{status} {body}"),
        }
    }
}

/// Types every code again in the browser as it was before it was typed first.
async fn check_codes(codes: Vec<Typed>) -> BTreeMap<u16, u32> {
    let mut statuses = BTreeMap::new();
    for Typed {
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

/// `LATCHKEY_KILLS` sets the number of rounds; 10 without it.
#[tokio::test]
async fn kill_9_under_whole_journeys_undoes_nothing_that_was_told() {
    let rounds: u32 = std::env::var("LATCHKEY_KILLS").map_or(10, |rounds| rounds.parse().unwrap());
    let world = World {
        place: Place::new(),
        numbers: AtomicU32::new(100_000),
        random: Random::system(),
    };
    let mut alone = Process::begin(&world.place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        world.place.sandbox("/control/calls").await.is_some()
    })
    .await;
    world
        .place
        .control("policy", json!({ "max_failures": 6 }))
        .await;

    let mut all = Record::default();
    let (mut sends, mut counted, mut guesses) = (0, 0, 0);
    let mut typed_again = BTreeMap::new();
    for round in 0..rounds {
        let mut record = world.round().await;
        sends += record.sends;
        let now_counted = world.counted_sends().await;
        assert!(
            now_counted >= sends && now_counted >= counted,
            "round {round}: {now_counted} of {sends} sends, {counted} before"
        );
        counted = now_counted;

        let mut server = Process::begin(&world.place, &["serve"], &world.variables());
        wait_until("the server", async || world.place.is_up().await).await;
        check_sessions(&mut record.sessions).await;
        for guesser in &mut record.guessers {
            let left = guesser.guess().await.unwrap();
            assert!(
                left < guesser.left || left == 0,
                "round {round}: {left} tries left, {} before",
                guesser.left
            );
            guesses += 1;
        }
        for (status, number) in check_codes(std::mem::take(&mut record.codes)).await {
            *typed_again.entry(status).or_insert(0) += number;
        }
        let list = run(
            &world.place,
            &["sessions", "list"],
            &world.place.upstream_variables(),
            "",
        );
        assert!(
            list.status.success(),
            "{}",
            String::from_utf8_lossy(&list.stderr)
        );
        server.kill();
        server.wait();
        all.append(record);
    }
    let mut server = Process::begin(&world.place, &["serve"], &world.variables());
    wait_until("the server", async || world.place.is_up().await).await;
    check_sessions(&mut all.sessions).await;
    println!(
        "{rounds} kills: {} sessions there, {} ended, {} without an answer; {sends} sends told of, {counted} counted; {guesses} \
         guessers; codes typed again: {typed_again:?}",
        all.count(Told::In),
        all.count(Told::Out),
        all.count(Told::Nothing),
    );
    assert!(
        all.count(Told::In) + all.count(Told::Out) > rounds as usize,
        "too little was under way"
    );
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(alone.terminate(), Some(0));
}
