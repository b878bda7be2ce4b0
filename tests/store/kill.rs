//! Acknowledged changes survive `SIGKILL`, and no change is half done.
//!
//! A child process runs several tasks. Each executes a script on keys of its own, and prints on
//! standard error what was acknowledged. The process is killed at a random moment. The store must
//! then contain, for each task, the state after its last acknowledged step or after the next one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{
    Charge, Precondition, PutOutcome, ReservationOutcome, SettleMode, Store,
};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;

use crate::builders::{at, charge, flow, person, ticket};

const PATH: &str = "LATCHKEY_TEST_KILL_PATH";
const ROUND: &str = "LATCHKEY_TEST_KILL_ROUND";
const TASKS: u32 = 6;

/// What a task leaves in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    version: u64,
    used: u32,
    ticket_waits: bool,
}

impl State {
    fn after(steps: u32) -> Self {
        let mut state = Self::default();
        for step in 0..steps {
            match step % 5 {
                0 => state.version += 1,
                1 => state.used += 1,
                2 => state.used -= u32::from(is_refunded(step)),
                3 => state.ticket_waits = true,
                _ => state.ticket_waits = false,
            }
        }
        state
    }

    async fn found(store: &dyn Store, task: u32) -> Self {
        let record = store.get(flow(&format!("{task}")), at(1)).await.unwrap();
        let usage = store
            .usage(&person(&format!("{task}")), &["x"], at(1))
            .await
            .unwrap();
        let ticket_waits = store
            .get(flow(&format!("{task} once")), at(1))
            .await
            .unwrap()
            .is_some();
        Self {
            version: record.map_or(0, |record| record.version),
            used: usage[0].used,
            ticket_waits,
        }
    }
}

fn is_refunded(step: u32) -> bool {
    (step / 5).is_multiple_of(3)
}

async fn perform(store: &dyn Store, task: u32, step: u32) {
    let group = person(&format!("{task}"));
    let once = flow(&format!("{task} once"));
    let end = at(1_000_000);
    match step % 5 {
        0 => {
            store
                .put(
                    flow(&format!("{task}")),
                    None,
                    Precondition::Any,
                    vec![7; 300],
                    end,
                    at(0),
                )
                .await
                .unwrap();
        }
        1 => {
            let charges = [Charge {
                window: Duration::from_secs(1_000_000),
                ..charge("x", 1, u32::MAX)
            }];
            let reserved = store
                .reserve(ticket(step.into()), &group, &charges, at(0))
                .await
                .unwrap();
            assert_eq!(reserved, ReservationOutcome::Granted);
        }
        2 => {
            let how = if is_refunded(step) {
                SettleMode::Refund
            } else {
                SettleMode::Keep
            };
            store
                .settle(ticket((step - 1).into()), &group, how, at(0))
                .await
                .unwrap();
        }
        3 => assert_eq!(
            store
                .put(once, None, Precondition::Absent, vec![], end, at(0))
                .await
                .unwrap(),
            PutOutcome::Stored(1)
        ),
        _ => assert!(store.take(once, at(0)).await.unwrap().is_some()),
    }
}

/// The child's part: runs for ever when the parent below asks for it, and is nothing otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(path), Ok(round)) = (std::env::var(PATH), std::env::var(ROUND)) else {
        return;
    };
    let first = round.parse::<u32>().unwrap() * TASKS;
    let store = Arc::new(RedbStore::open(&PathBuf::from(path), RedbOptions::default()).unwrap());
    let tasks: Vec<_> = (first..first + TASKS)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for step in 0.. {
                    perform(&*store, task, step).await;
                    std::io::stderr()
                        .lock()
                        .write_all(format!("ack {task} {step}\n").as_bytes())
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Starts the child, kills it, and returns how many steps of each task were acknowledged.
async fn killed(path: &Path, round: u32, random: &Random) -> BTreeMap<u32, u32> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::child", "--exact", "--nocapture"])
        .env(PATH, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (begun, first) = tokio::sync::oneshot::channel();
    let reader = std::thread::spawn(move || {
        let mut begun = Some(begun);
        let mut acknowledged = BTreeMap::new();
        for line in lines {
            let line = line.unwrap();
            let words: Vec<_> = line.split(' ').collect();
            let ["ack", task, step] = words[..] else {
                panic!("the child says: {line}")
            };
            acknowledged.insert(task.parse().unwrap(), step.parse::<u32>().unwrap() + 1);
            begun.take().map(|begun| begun.send(()));
        }
        acknowledged
    });
    first.await.unwrap();
    Clock::system()
        .sleep(Duration::from_micros(random.below(250_000)))
        .await;
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

async fn check(path: &Path, acknowledged: &BTreeMap<u32, u32>) {
    let store = RedbStore::open(path, RedbOptions::default()).unwrap();
    for (task, steps) in acknowledged {
        let found = State::found(&store, *task).await;
        let either = [State::after(*steps), State::after(*steps + 1)];
        assert!(
            either.contains(&found),
            "task {task}: {found:?} after {steps} acknowledged steps, not in {either:?}"
        );
    }
    // What a torn transaction would leave: an index that does not fit. Sweeping to the end of time
    // walks all of it.
    assert_eq!(store.sweep(at(0), usize::MAX).await, Ok(0));
}

/// `LATCHKEY_KILLS` sets the number of rounds; 10 without it.
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let rounds = std::env::var("LATCHKEY_KILLS").map_or(10, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let random = Random::system();
    let mut acknowledged = BTreeMap::new();
    for round in 0..rounds {
        acknowledged.append(&mut killed(&path, round, &random).await);
        check(&path, &acknowledged).await;
    }
    let steps: u32 = acknowledged.values().sum();
    println!("{rounds} kills, {steps} acknowledged steps, none lost");
    assert!(
        steps > rounds * TASKS,
        "too little was under way: {steps} steps in {rounds} rounds"
    );
}
