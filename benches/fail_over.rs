//! What an asynchronous fail-over of Redis loses: `cargo bench --bench fail_over --features ssr`.
//!
//! Sessions are written at full speed while the master dies, or is cut off from its replica and
//! goes on answering; the replica is promoted, and whatever was acknowledged and is not there is
//! counted, with the span of time in which it was acknowledged. `-- ROUNDS CALLERS` after it: 5 and
//! 16 without.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::hash::sha256;
use latchkey::server::store::redis::RedisStore;
use latchkey::server::store::{Key, Precondition, RecordKind, Store};
use latchkey::server::system::clock::{Clock, Stopwatch};
use tokio::task::JoinSet;

use latchkey_testkit::latencies::{BenchResult, load_average, numeric_arguments, print_line};
use latchkey_testkit::redis_server::RedisServer;
use latchkey_testkit::tcp_relay::TcpRelay;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
/// How long all goes well before the fault.
const CALM: Duration = Duration::from_millis(500);
/// How long a master that was cut off goes on before somebody stops it.
const CUT_OFF: Duration = Duration::from_secs(5);

/// What befalls the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// `SIGKILL`.
    Killed,
    /// The network to its replica is cut without a word; its clients still reach it, for five
    /// seconds.
    CutOff,
}

/// A write that was acknowledged, and when.
type Acknowledged = (Key, Duration);

fn key(caller: u32, number: u32) -> Key {
    Key {
        kind: RecordKind::Session,
        id: sha256(&[caller.to_be_bytes(), number.to_be_bytes()].concat()),
    }
}

async fn write(
    store: Arc<RedisStore>,
    caller: u32,
    clock: Stopwatch,
    stop: Arc<AtomicBool>,
) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = key(caller, number);
        let end = NOW + Duration::from_secs(3600);
        if store
            .put(key, None, Precondition::Any, vec![0; 400], end, NOW)
            .await
            .is_ok()
        {
            acknowledged.push((key, clock.elapsed()));
        }
    }
    acknowledged
}

/// One fail-over: how many were acknowledged in all, how many of them are lost, and within what
/// span they were acknowledged.
async fn fail_over(
    fault: Fault,
    settings: &[&str],
    callers: u32,
) -> BenchResult<(usize, usize, Duration)> {
    let master = RedisServer::start_with(settings);
    let line = TcpRelay::start(&[master.port]).await?;
    let follow = ["--replicaof", "127.0.0.1", &line.port.to_string()];
    let replica = RedisServer::start_with(&follow);
    let store = Arc::new(master.ready_store().await?);
    let probe = Key {
        kind: RecordKind::Flow,
        id: [0; 32],
    };
    // Nothing is written until the replica follows, where that is asked for; else until it says so.
    while !replica
        .command_async(&["INFO", "replication"])
        .await
        .is_ok_and(|info| info.contains("master_link_status:up"))
        || store
            .put(probe, None, Precondition::Any, Vec::new(), NOW + CALM, NOW)
            .await
            .is_err()
    {
        Clock::system().sleep(Duration::from_millis(20)).await;
    }

    let (clock, stop) = (Stopwatch::start(), Arc::new(AtomicBool::new(false)));
    let mut writers = JoinSet::new();
    for caller in 0..callers {
        writers.spawn(write(store.clone(), caller, clock, stop.clone()));
    }
    Clock::system().sleep(CALM).await;
    match fault {
        Fault::Killed => drop(master),
        Fault::CutOff => {
            line.stall();
            replica.command_async(&["REPLICAOF", "NO", "ONE"]).await?;
            Clock::system().sleep(CUT_OFF).await;
            drop(master);
        }
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    while let Some(own) = writers.join_next().await {
        acknowledged.append(&mut own?);
    }
    replica.command_async(&["REPLICAOF", "NO", "ONE"]).await?;
    let promoted = replica.ready_store().await?;
    let mut lost = Vec::new();
    for (key, time) in &acknowledged {
        if promoted.get(*key, NOW).await?.is_none() {
            lost.push(*time);
        }
    }
    let (first, last) = (
        lost.iter().min().copied().unwrap_or_default(),
        lost.iter().max().copied().unwrap_or_default(),
    );
    Ok((acknowledged.len(), lost.len(), last.saturating_sub(first)))
}

#[tokio::main]
async fn main() -> BenchResult {
    let [rounds, callers] = numeric_arguments([5, 16]);
    let callers = u32::try_from(callers)?;
    let bounded = [
        "--min-replicas-to-write",
        "1",
        "--min-replicas-max-lag",
        "1",
    ];
    for fault in [Fault::Killed, Fault::CutOff] {
        for settings in [&[][..], &bounded] {
            let name = if settings.is_empty() {
                "nothing set"
            } else {
                "min-replicas-to-write 1, min-replicas-max-lag 1"
            };
            for _ in 0..rounds {
                let (all, lost, span) = fail_over(fault, settings, callers).await?;
                print_line(format_args!(
                    "{fault:?}, {name}: {lost} of {all} acknowledged writes lost, acknowledged within {:.1} ms ({})",
                    span.as_secs_f64() * 1000.0,
                    load_average()
                ));
            }
        }
    }
    Ok(())
}
