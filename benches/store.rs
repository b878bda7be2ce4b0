//! What the store does in a second, on both engines: `cargo bench --bench store --features ssr`.
//!
//! The figures of redb depend on the disk above all: every change is on it before it is answered.
//! Redis is started here (`redis-server`), on loopback: with nothing on the disk, and with
//! everything on it before it is answered.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::hash::sha256;
use latchkey::server::store::redb::{self, RedbStore};
use latchkey::server::store::{
    Charge, Group, Key, Precondition, RecordKind, ReservationId, Store, StoreError,
};
use latchkey::server::system::clock::Stopwatch;
use tokio::task::JoinSet;

use latchkey_testkit::latencies::{BenchResult, Latencies, load_average, print_line};
use latchkey_testkit::redis_server::RedisServer;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

#[derive(Clone, Copy, Debug)]
enum Work {
    Put,
    Reserve,
    Get,
    /// The three records of a session check.
    GetAll,
    Take,
}

impl Work {
    async fn run(self, store: &dyn Store, number: u32) -> Result<(), StoreError> {
        let key = Key {
            kind: RecordKind::Session,
            id: sha256(&number.to_be_bytes()),
        };
        match self {
            Self::Put => {
                let end = NOW + Duration::from_secs(u64::from(number) + 1);
                let owner = sha256(&(number / 3).to_le_bytes());
                store
                    .put(key, Some(owner), Precondition::Any, vec![0; 400], end, NOW)
                    .await
                    .map(drop)
            }
            Self::Reserve => {
                let window = Duration::from_secs(60);
                let charges = ["hour", "day"].map(|key| Charge {
                    key: key.to_owned(),
                    amount: 1,
                    limit: u32::MAX,
                    window,
                    renews: false,
                });
                let ticket = ReservationId(u128::from(number).to_be_bytes());
                store
                    .reserve(ticket, &Group::Service, &charges, NOW)
                    .await
                    .map(drop)
            }
            Self::Get => store.get(key, NOW).await.map(drop),
            Self::GetAll => {
                let marker = Key {
                    kind: RecordKind::RevokedBefore,
                    ..key
                };
                store.get_all(&[key, marker, marker], NOW).await.map(drop)
            }
            Self::Take => store.take(key, NOW).await.map(drop),
        }
    }
}

/// Does the work once for every one of the numbers, from `callers` tasks, and prints how many a
/// second that makes.
async fn measure(
    store: &Arc<impl Store + 'static>,
    work: Work,
    callers: u32,
    numbers: Range<u32>,
) -> BenchResult {
    let watch = Stopwatch::start();
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (store, own) = (
            store.clone(),
            numbers
                .clone()
                .skip(caller as usize)
                .step_by(callers as usize),
        );
        tasks.spawn(async move {
            let mut latencies = Latencies::default();
            for number in own {
                let watch = Stopwatch::start();
                work.run(&*store, number).await?;
                latencies.record(watch.elapsed());
            }
            Ok::<_, StoreError>(latencies)
        });
    }
    let mut latencies = Latencies::default();
    while let Some(own) = tasks.join_next().await {
        latencies.merge(own??);
    }
    let rate = latencies.count() as f64 / watch.elapsed().as_secs_f64();
    print_line(format_args!(
        "{work:?}, {callers} callers: {rate:.0} a second, {}",
        latencies.summary()
    ));
    Ok(())
}

async fn measure_all(store: &Arc<impl Store + 'static>) -> BenchResult {
    for work in [
        Work::Put,
        Work::Reserve,
        Work::Get,
        Work::GetAll,
        Work::Take,
    ] {
        measure(store, work, 1, 0..1_000).await?;
        measure(store, work, 64, 1_000..10_000).await?;
    }
    measure(store, Work::Put, 512, 10_000..100_000).await
}

async fn embedded() -> BenchResult {
    print_line(format_args!("redb"));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.redb");
    let store = Arc::new(RedbStore::open(&path, redb::RedbOptions::default())?);
    measure_all(&store).await?;
    store.close()?;
    drop(store);

    let watch = Stopwatch::start();
    let store = RedbStore::open(&path, redb::RedbOptions::default())?;
    let megabytes = std::fs::metadata(&path)?.len() >> 20;
    print_line(format_args!(
        "opening {megabytes} MiB with 100,000 records: {} ms",
        watch.elapsed().as_millis()
    ));

    let watch = Stopwatch::start();
    let mut swept = 0;
    while let removed @ 1.. = store
        .sweep(NOW + Duration::from_secs(200_000), 1000)
        .await?
    {
        swept += removed;
    }
    print_line(format_args!(
        "sweeping {swept} in steps of 1000: {} ms",
        watch.elapsed().as_millis()
    ));
    Ok(())
}

async fn shared(durability: &[&str]) -> BenchResult {
    print_line(format_args!("Redis {}", durability.join(" ")));
    let server = RedisServer::start_with(durability);
    let store = Arc::new(server.ready_store().await?);
    measure_all(&store).await?;
    let watch = Stopwatch::start();
    let found = store
        .scan(RecordKind::Session, usize::MAX, NOW)
        .await?
        .len();
    print_line(format_args!(
        "listing {found} records: {} ms",
        watch.elapsed().as_millis()
    ));
    Ok(())
}

#[tokio::main]
async fn main() -> BenchResult {
    print_line(format_args!("{}", load_average()));
    embedded().await?;
    shared(&["--appendonly", "no"]).await?;
    shared(&["--appendonly", "yes", "--appendfsync", "always"]).await
}
