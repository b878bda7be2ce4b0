//! Redis servers, started by the tests and gone with them.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::Duration;

use latchkey::server::settings::{Engine, HumanDuration, StoreSettings as Settings};
use latchkey::server::store::redis::{RedisOptions, RedisStore};
use latchkey::server::system::clock::Clock;
use redis::{FromRedisValue, RedisResult};
use tempfile::TempDir;

/// How long a server may take for anything.
const TRIES: u32 = 2000;

/// A server of its own port and folder.
pub struct Server {
    pub port: u16,
    pub folder: TempDir,
    arguments: Vec<String>,
    child: Child,
}

/// A port that nobody uses, below those that the system gives to connections: none of them can take
/// it meanwhile.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Other runs of the tests on the machine begin elsewhere.
    let first = 12_000 + u16::try_from(std::process::id() % 160).unwrap() * 50;
    loop {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Asks until the answer is yes.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..TRIES {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("{what} did not come");
}

/// The same for what must be awaited.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..TRIES {
        if is_so().await {
            return;
        }
        Clock::system().sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} did not come");
}

impl Server {
    /// On loopback, without persistence.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// With arguments of the test's own.
    pub fn with(arguments: &[&str]) -> Self {
        let port = free_port();
        let own = ["--port".to_owned(), port.to_string()];
        Self::on(
            port,
            own.into_iter()
                .chain(arguments.iter().map(|part| (*part).to_owned()))
                .collect(),
        )
    }

    /// At a port that the arguments name.
    pub fn on(port: u16, arguments: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(&folder, &arguments);
        let mut server = Self {
            port,
            folder,
            arguments,
            child,
        };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let port = self.port;
        until("a Redis server", || {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "redis-server {:?} ended at once",
                self.arguments
            );
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends a command beside the store, as an operator would.
    pub fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_ask(words).unwrap()
    }

    pub fn try_ask<T: FromRedisValue>(&self, words: &[&str]) -> RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]).query(&mut connection)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again: same port, same folder.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, &self.arguments);
        self.wait();
        until(
            "its data",
            || !matches!(self.try_ask::<String>(&["PING"]), Err(error) if error.code() == Some("LOADING")),
        );
    }

    /// `STOP` freezes it, `CONT` lets it go on.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `LATCHKEY_TEST_REDIS` names another server that speaks as Redis does: `valkey-server`.
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
pub struct Cluster(pub Vec<Server>);

impl Cluster {
    pub fn start() -> Self {
        let nodes: Vec<Server> = (0..3).map(|_| node(&[])).collect();
        let ports: Vec<u16> = nodes.iter().map(|node| node.port).collect();
        Self::of(nodes, &ports)
    }

    /// Of nodes that know each other by these ports.
    pub fn of(nodes: Vec<Server>, ports: &[u16]) -> Self {
        for (node, slots) in
            nodes
                .iter()
                .zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]])
        {
            node.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
        }
        for (other, port) in nodes.iter().zip(ports).skip(1) {
            let bus: Vec<String> = other.ask(&["CONFIG", "GET", "cluster-port"]);
            nodes[0].ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port.to_string(), &bus[1]]);
        }
        let cluster = Self(nodes);
        cluster.settle();
        cluster
    }

    /// A replica for each master.
    pub fn replicas(&self) -> Vec<Server> {
        let replicas = self.0.iter().map(|master| {
            let replica = node(&[]);
            let bus: Vec<String> = replica.ask(&["CONFIG", "GET", "cluster-port"]);
            master.ask::<()>(&[
                "CLUSTER",
                "MEET",
                "127.0.0.1",
                &replica.port.to_string(),
                &bus[1],
            ]);
            let id: String = master.ask(&["CLUSTER", "MYID"]);
            until("the meeting", || {
                replica
                    .try_ask::<()>(&["CLUSTER", "REPLICATE", &id])
                    .is_ok()
            });
            replica
        });
        let replicas: Vec<Server> = replicas.collect();
        until("the replicas", || {
            let follows = |server: &Server| {
                server
                    .ask::<String>(&["INFO", "replication"])
                    .contains("master_link_status:up")
            };
            replicas.iter().all(follows)
                && self.0.iter().all(|node| is_whole(node, 2 * self.0.len()))
        });
        replicas
    }

    /// Waits until every node knows all others and finds the Cluster whole.
    pub fn settle(&self) {
        until("the Cluster", || {
            self.0.iter().all(|node| is_whole(node, self.0.len()))
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

    /// The node that serves a slot, and another.
    pub fn owner_of(&self, slot: u16) -> (&Server, &Server) {
        let index = usize::from(slot / 5461).min(2);
        (&self.0[index], &self.0[(index + 1) % 3])
    }
}

fn is_whole(node: &Server, nodes: usize) -> bool {
    let information: String = node.ask(&["CLUSTER", "INFO"]);
    information.contains("cluster_state:ok")
        && information.contains(&format!("cluster_known_nodes:{nodes}"))
}

/// A node of a Cluster that is not one yet.
pub fn node(more: &[String]) -> Server {
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
    Server::with(
        &own.chain(more.iter().map(String::as_str))
            .collect::<Vec<_>>(),
    )
}

/// Settings that name a server, with a prefix of the test's own.
pub fn settings(url: &str, prefix: &str) -> Settings {
    Settings {
        url: url.to_owned(),
        prefix: prefix.to_owned(),
        timeout: HumanDuration::seconds(5),
        ..Settings::default()
    }
}

pub fn open(settings: &Settings) -> RedisStore {
    let Ok(Engine::Redis(servers)) = settings.engine() else {
        panic!("{settings:?}")
    };
    RedisStore::open(&RedisOptions::read(settings, servers).unwrap()).unwrap()
}

/// A client of a server, under the usual prefix.
pub fn client(url: &str) -> RedisStore {
    open(&settings(url, "latchkey:"))
}

/// The same, that waits only so long.
pub fn impatient(url: &str, millis: u64) -> RedisStore {
    open(&Settings {
        timeout: HumanDuration::millis(millis),
        ..settings(url, "latchkey:")
    })
}
