//! What the store does in a second, on both engines: `cargo bench --bench store --features ssr`.
//!
//! The figures of redb depend on the disk above all: every change is on it before it is answered. Redis is started here
//! (`redis-server`), on loopback: with nothing on the disk, and with everything on it before it is answered.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::clock::{Clock, Stopwatch, Timestamp};
use latchkey::server::keys::sha256;
use latchkey::server::settings::{Servers, Store as Settings};
use latchkey::server::store::redb::{self, RedbStore};
use latchkey::server::store::redis::{self, RedisStore};
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
    async fn run(self, store: &dyn Store, number: u32) -> Result<(), StoreError> {
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
async fn measure(
    store: &Arc<impl Store + 'static>,
    work: Work,
    callers: u32,
    numbers: Range<u32>,
) -> Result<(), Box<dyn Error>> {
    let watch = Stopwatch::start();
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (store, own) = (store.clone(), numbers.clone().skip(caller as usize).step_by(callers as usize));
        tasks.spawn(async move {
            for number in own {
                work.run(&*store, number).await?;
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

async fn measure_all(store: &Arc<impl Store + 'static>) -> Result<(), Box<dyn Error>> {
    for work in [Work::Put, Work::Reserve, Work::Get] {
        measure(store, work, 1, 0..1_000).await?;
        measure(store, work, 64, 1_000..10_000).await?;
    }
    measure(store, Work::Put, 512, 10_000..100_000).await
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn report(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}

async fn embedded() -> Result<(), Box<dyn Error>> {
    report(format_args!("redb"));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.redb");
    let store = Arc::new(RedbStore::open(&path, redb::Options::default())?);
    measure_all(&store).await?;
    store.close()?;
    drop(store);

    let watch = Stopwatch::start();
    let store = RedbStore::open(&path, redb::Options::default())?;
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

/// A server that ends with the measurement.
struct Server(Child);

impl Server {
    fn start(port: u16, folder: &Path, durability: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string(), "--dir"]).arg(folder);
        let child = command.args(durability).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("redis-server: {error}"))?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn shared(durability: &[&str]) -> Result<(), Box<dyn Error>> {
    report(format_args!("Redis {}", durability.join(" ")));
    let folder = tempfile::tempdir()?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let _server = Server::start(port, folder.path(), durability)?;
    let options = redis::Options::read(&Settings::default(), Servers::parse(&format!("redis://127.0.0.1:{port}"))?)?;
    let store = Arc::new(RedisStore::open(&options)?);
    while store.ready().await.is_err() {
        Clock::system().sleep(Duration::from_millis(10)).await;
    }
    measure_all(&store).await?;
    let watch = Stopwatch::start();
    let found = store.scan(Kind::Session, usize::MAX, NOW).await?.len();
    report(format_args!("listing {found} records: {} ms", watch.elapsed().as_millis()));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    embedded().await?;
    shared(&["--appendonly", "no"]).await?;
    shared(&["--appendonly", "yes", "--appendfsync", "always"]).await
}
