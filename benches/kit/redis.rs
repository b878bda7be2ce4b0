//! A Redis server on loopback that ends with the measurement.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use latchkey::server::settings::{RedisServers, StoreSettings as Settings};
use latchkey::server::store::Store;
use latchkey::server::store::redis::{RedisOptions, RedisStore};
use latchkey::server::system::clock::Clock;

use crate::figures::Outcome;

/// The server.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts `redis-server`, with arguments of the benchmark's own.
    pub fn start(folder: &Path, arguments: &[&str]) -> Outcome<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut command = Command::new("redis-server");
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--port",
                &port.to_string(),
                "--dir",
            ])
            .arg(folder);
        let child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Ok(Self {
            child: child.map_err(|error| format!("redis-server: {error}"))?,
            port,
        })
    }

    /// A store on it, when it is there.
    pub async fn store(&self) -> Outcome<RedisStore> {
        let servers = RedisServers::parse(&format!("redis://127.0.0.1:{}", self.port))?;
        let store = RedisStore::open(&RedisOptions::read(&Settings::default(), servers)?)?;
        while store.ready().await.is_err() {
            Clock::system().sleep(Duration::from_millis(10)).await;
        }
        Ok(store)
    }

    /// Sends a command beside the store, as an operator would.
    pub async fn ask(&self, words: &[&str]) -> Outcome<String> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port))?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let mut command = redis::Cmd::new();
        Ok(command.arg(words).query_async(&mut connection).await?)
    }

    /// A part of `INFO`.
    pub async fn info(&self, part: &str) -> Outcome<String> {
        self.ask(&["INFO", part]).await
    }

    /// A field of `INFO memory`.
    pub async fn memory(&self, field: &str) -> Outcome<u64> {
        let info = self.info("memory").await?;
        let value = info
            .lines()
            .find_map(|line| line.trim().strip_prefix(field)?.strip_prefix(':'));
        Ok(value.ok_or_else(|| format!("no {field}"))?.parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
