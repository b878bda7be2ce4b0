//! Redis servers and clusters on loopback, which stop when they are dropped.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use latchkey::server::settings::{HumanDuration, RedisServers, StoreEngine, StoreSettings};
use latchkey::server::store::Store;
use latchkey::server::store::redis::{RedisOptions, RedisStore};
use latchkey::server::system::clock::Clock;
use redis::{FromRedisValue, RedisResult};
use tempfile::TempDir;

use crate::latencies::BenchResult;
use crate::wait::wait_until_blocking;

/// A server with its own port and folder.
pub struct RedisServer {
    pub port: u16,
    pub folder: TempDir,
    arguments: Vec<String>,
    child: Child,
}

/// A free port below the system's ephemeral range, so that no outgoing connection takes it before
/// the server does.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Other test processes on this machine start at another port.
    let first = 12_000 + u16::try_from(std::process::id() % 160).unwrap() * 50;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

impl RedisServer {
    /// Starts a server on loopback without persistence.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with additional arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let port = free_port();
        let port_arguments = ["--port".to_owned(), port.to_string()];
        Self::start_at(
            port,
            port_arguments
                .into_iter()
                .chain(arguments.iter().map(|part| (*part).to_owned()))
                .collect(),
        )
    }

    /// Starts a server at the port that the arguments name.
    pub fn start_at(port: u16, arguments: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(&folder, &arguments);
        let mut server = Self {
            port,
            folder,
            arguments,
            child,
        };
        server.wait_until_listening();
        server
    }

    fn wait_until_listening(&mut self) {
        let port = self.port;
        wait_until_blocking("redis-server to listen", || {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "redis-server {:?} ended immediately",
                self.arguments
            );
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends a command beside the store, as an operator would.
    pub fn command<T: FromRedisValue>(&self, arguments: &[&str]) -> T {
        self.try_command(arguments).unwrap()
    }

    pub fn try_command<T: FromRedisValue>(&self, arguments: &[&str]) -> RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        let mut command = redis::cmd(arguments[0]);
        command.arg(&arguments[1..]).query(&mut connection)
    }

    /// Sends a command without blocking the runtime, as a benchmark must.
    pub async fn command_async(&self, arguments: &[&str]) -> BenchResult<String> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let mut command = redis::Cmd::new();
        Ok(command.arg(arguments).query_async(&mut connection).await?)
    }

    /// A field of `INFO memory`.
    pub async fn memory_info(&self, field: &str) -> BenchResult<u64> {
        let info = self.command_async(&["INFO", "memory"]).await?;
        let value = info
            .lines()
            .find_map(|line| line.trim().strip_prefix(field)?.strip_prefix(':'));
        Ok(value.ok_or_else(|| format!("no {field}"))?.parse()?)
    }

    /// A store on this server with default settings, once the server is ready.
    pub async fn ready_store(&self) -> BenchResult<RedisStore> {
        let servers = RedisServers::parse(&self.url())?;
        let store = RedisStore::open(&RedisOptions::from_settings(
            &StoreSettings::default(),
            servers,
        )?)?;
        while store.check_ready().await.is_err() {
            Clock::system().sleep(Duration::from_millis(10)).await;
        }
        Ok(store)
    }

    /// Kills the server with SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again with the same port and folder.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, &self.arguments);
        self.wait_until_listening();
        wait_until_blocking("redis-server to load its data", || {
            let pong = self.try_command::<String>(&["PING"]);
            !pong.is_err_and(|error| error.code() == Some("LOADING"))
        });
    }

    /// Sends a signal: `STOP` freezes the server, `CONT` resumes it.
    pub fn send_signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `LATCHKEY_TEST_REDIS` names another server with the same protocol, such as `valkey-server`.
fn program() -> String {
    std::env::var("LATCHKEY_TEST_REDIS").unwrap_or_else(|_| "redis-server".to_owned())
}

fn spawn(folder: &TempDir, arguments: &[String]) -> Child {
    let mut command = Command::new(program());
    command
        .args(["--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder.path())
        .args(arguments);
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    child.expect("these tests need redis-server in the PATH: `cargo xtask setup` installs it")
}

/// Three masters that share all slots.
pub struct RedisCluster(pub Vec<RedisServer>);

impl RedisCluster {
    pub fn start() -> Self {
        let nodes: Vec<RedisServer> = (0..3).map(|_| start_cluster_node(&[])).collect();
        let ports: Vec<u16> = nodes.iter().map(|node| node.port).collect();
        Self::form(nodes, &ports)
    }

    /// Forms a cluster of nodes that reach each other at these ports.
    pub fn form(nodes: Vec<RedisServer>, ports: &[u16]) -> Self {
        for (node, slots) in
            nodes
                .iter()
                .zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]])
        {
            node.command::<()>(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
        }
        for (other, port) in nodes.iter().zip(ports).skip(1) {
            let bus: Vec<String> = other.command(&["CONFIG", "GET", "cluster-port"]);
            nodes[0].command::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port.to_string(), &bus[1]]);
        }
        let cluster = Self(nodes);
        cluster.wait_until_healthy();
        cluster
    }

    /// Starts a replica of each master.
    pub fn start_replicas(&self) -> Vec<RedisServer> {
        let replicas = self.0.iter().map(|master| {
            let replica = start_cluster_node(&[]);
            let bus: Vec<String> = replica.command(&["CONFIG", "GET", "cluster-port"]);
            master.command::<()>(&[
                "CLUSTER",
                "MEET",
                "127.0.0.1",
                &replica.port.to_string(),
                &bus[1],
            ]);
            let id: String = master.command(&["CLUSTER", "MYID"]);
            wait_until_blocking("the replica to join", || {
                replica
                    .try_command::<()>(&["CLUSTER", "REPLICATE", &id])
                    .is_ok()
            });
            replica
        });
        let replicas: Vec<RedisServer> = replicas.collect();
        wait_until_blocking("the replicas to follow", || {
            let is_following = |server: &RedisServer| {
                server
                    .command::<String>(&["INFO", "replication"])
                    .contains("master_link_status:up")
            };
            replicas.iter().all(is_following)
                && self.0.iter().all(|node| is_healthy(node, 2 * self.0.len()))
        });
        replicas
    }

    /// Waits until every node knows all others and reports a healthy cluster.
    pub fn wait_until_healthy(&self) {
        wait_until_blocking("a healthy cluster", || {
            self.0.iter().all(|node| is_healthy(node, self.0.len()))
        });
    }

    pub fn url(&self) -> String {
        let nodes: Vec<String> = self
            .0
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// The node that serves a slot, and another node.
    pub fn owner_of(&self, slot: u16) -> (&RedisServer, &RedisServer) {
        let index = usize::from(slot / 5461).min(2);
        (&self.0[index], &self.0[(index + 1) % 3])
    }
}

fn is_healthy(node: &RedisServer, nodes: usize) -> bool {
    let info: String = node.command(&["CLUSTER", "INFO"]);
    info.contains("cluster_state:ok") && info.contains(&format!("cluster_known_nodes:{nodes}"))
}

/// Starts a server in cluster mode that has not joined a cluster.
pub fn start_cluster_node(extra_arguments: &[String]) -> RedisServer {
    let bus = free_port().to_string();
    let own = [
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        &bus,
        "--cluster-node-timeout",
        "2000",
    ];
    let own = own.into_iter().chain(["--appendonly", "yes"]);
    RedisServer::start_with(
        &own.chain(extra_arguments.iter().map(String::as_str))
            .collect::<Vec<_>>(),
    )
}

/// StoreSettings that name a server, with a key prefix.
pub fn store_settings(url: &str, prefix: &str) -> StoreSettings {
    StoreSettings {
        url: url.to_owned(),
        prefix: prefix.to_owned(),
        timeout: HumanDuration::seconds(5),
        ..StoreSettings::default()
    }
}

pub fn open_store(settings: &StoreSettings) -> RedisStore {
    let Ok(StoreEngine::Redis(servers)) = settings.engine() else {
        panic!("{settings:?}")
    };
    RedisStore::open(&RedisOptions::from_settings(settings, servers).unwrap()).unwrap()
}

/// A store on a server with the default key prefix.
pub fn open_default(url: &str) -> RedisStore {
    open_store(&store_settings(url, "latchkey:"))
}

/// A store with the default key prefix and a short timeout.
pub fn open_with_timeout(url: &str, millis: u64) -> RedisStore {
    open_store(&StoreSettings {
        timeout: HumanDuration::millis(millis),
        ..store_settings(url, "latchkey:")
    })
}
