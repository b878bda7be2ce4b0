//! What the embedded store does in a second: `cargo bench --bench store --features ssr`.
//! The figures depend on the disk above all: every change is on it before it is answered.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::clock::{Stopwatch, Timestamp};
use latchkey::server::keys::sha256;
use latchkey::server::store::redb::{Options, RedbStore};
use latchkey::server::store::{Charge, Expect, Group, Key, Kind, Reservation, Store, StoreError};
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

#[derive(Clone, Copy, Debug)]
enum Work {
    Put,
    Reserve,
    Get,
}

impl Work {
    async fn run(self, store: &RedbStore, number: u32) -> Result<(), StoreError> {
        let key = Key { kind: Kind::Session, id: sha256(&number.to_be_bytes()) };
        match self {
            Self::Put => {
                let end = NOW + Duration::from_secs(u64::from(number) + 1);
                let owner = sha256(&(number / 3).to_le_bytes());
                store.put(key, Some(owner), Expect::Any, vec![0; 400], end, NOW).await.map(drop)
            }
            Self::Reserve => {
                let window = Duration::from_secs(60);
                let charges =
                    ["hour", "day"].map(|key| Charge { key: key.to_owned(), amount: 1, limit: u32::MAX, window });
                let ticket = Reservation(u128::from(number).to_be_bytes());
                store.reserve(ticket, &Group::Service, &charges, NOW).await.map(drop)
            }
            Self::Get => store.get(key, NOW).await.map(drop),
        }
    }
}

/// Does the work once for every one of the numbers, from `callers` tasks, and prints how many a second that makes.
async fn measure(store: &Arc<RedbStore>, work: Work, callers: u32, numbers: Range<u32>) -> Result<(), Box<dyn Error>> {
    let watch = Stopwatch::start();
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (store, own) = (store.clone(), numbers.clone().skip(caller as usize).step_by(callers as usize));
        tasks.spawn(async move {
            for number in own {
                work.run(&store, number).await?;
            }
            Ok::<_, StoreError>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let rate = numbers.len() as f64 / watch.elapsed().as_secs_f64();
    report(format_args!("{work:?}, {callers} callers: {rate:.0} a second"));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn report(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.redb");
    let store = Arc::new(RedbStore::open(&path, Options::default())?);
    for work in [Work::Put, Work::Reserve, Work::Get] {
        measure(&store, work, 1, 0..1_000).await?;
        measure(&store, work, 64, 1_000..10_000).await?;
    }
    measure(&store, Work::Put, 512, 10_000..100_000).await?;
    store.close()?;
    drop(store);

    let watch = Stopwatch::start();
    let store = RedbStore::open(&path, Options::default())?;
    let megabytes = std::fs::metadata(&path)?.len() >> 20;
    report(format_args!("opening {megabytes} MiB with 100,000 records: {} ms", watch.elapsed().as_millis()));

    let watch = Stopwatch::start();
    let mut swept = 0;
    while let removed @ 1.. = store.sweep(NOW + Duration::from_secs(200_000), 1000).await? {
        swept += removed;
    }
    report(format_args!("sweeping {swept} in steps of 1000: {} ms", watch.elapsed().as_millis()));
    Ok(())
}
