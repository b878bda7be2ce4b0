//! Rolling restarts of two nodes behind the proxies of `deploy/`, under load: no request fails.
//!
//! The short form restarts each node once. The long one restarts twelve times with several waits
//! between the nodes and prints a table:
//!
//! ```sh
//! cargo test --features ssr,sandbox --test product -- --ignored --nocapture twelve_restarts
//! ```

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::{ACCEPT, ORIGIN};
use latchkey::server::system::clock::Clock;
use latchkey_testkit::redis_server::{RedisServer, free_port};
use latchkey_testkit::sandbox_client::http_client;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::binary::process::{ChildProcess, TestEnvironment};
use crate::support::wait_until;

/// The wait between a node that is ready again and the stop of the next, as `deploy/` recommends.
const RECOMMENDED_WAIT: Duration = Duration::from_secs(3);
/// Clients that send a request as soon as the last one is answered.
const CLIENTS: usize = 6;
/// The pause of a client between two requests.
const PAUSE: Duration = Duration::from_millis(15);

#[derive(Clone, Copy, Debug)]
enum Proxy {
    Nginx,
    Caddy,
}

/// A node, with its settings.
type Node = (TestEnvironment, Vec<(String, String)>, ChildProcess);

/// Two nodes that share Redis and a sandbox, behind a proxy.
struct Fleet {
    nodes: Vec<Node>,
    _sandbox: ChildProcess,
    _redis: RedisServer,
    _proxy: RunningProxy,
    url: String,
}

struct RunningProxy(Child);

impl Drop for RunningProxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn deployed(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(file);
    fs::read_to_string(path).unwrap()
}

impl Proxy {
    /// Starts the proxy with the settings of `deploy/` for these nodes.
    fn start(
        self,
        folder: &Path,
        port: u16,
        nodes: [SocketAddr; 2],
        operations: u16,
    ) -> RunningProxy {
        let [first, second] = nodes.map(|node| node.to_string());
        let mut command = match self {
            Self::Nginx => {
                let shared = deployed("nginx/conf.d/latchkey.conf")
                    .replace("127.0.0.1:3000", &first)
                    .replace("# server 10.0.0.2:3000", &format!("server {second}"));
                assert!(shared.contains(&second), "{shared}");
                let told = deployed("nginx/snippets/latchkey-upstream.conf");
                let file = folder.join("nginx.conf");
                let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|name| format!("{name}_temp_path {name};\n"))
                    .concat();
                let text = format!(
                    "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\n\
                     events {{ }}\nhttp {{\naccess_log off;\n{temporary}{shared}\n\
                     server {{ listen 127.0.0.1:{port}; location / {{\n{told}\n\
                     proxy_pass http://latchkey;\n}} }} }}\n"
                );
                fs::write(&file, text).unwrap();
                let mut command = Command::new("nginx");
                command.arg("-p").arg(folder).arg("-c").arg(file);
                command
            }
            Self::Caddy => {
                let all = deployed("caddy/Caddyfile");
                let start = all.find("(latchkey-nodes)").unwrap();
                let end = start + all[start..].find("\n}\n").unwrap() + "\n}\n".len();
                let snippet = all[start..end]
                    .replace("to 127.0.0.1:3000", &format!("to {first} {second}"))
                    .replace("health_port 9464", &format!("health_port {operations}"));
                assert!(snippet.contains(&second), "{snippet}");
                let file = folder.join("Caddyfile");
                let text = format!(
                    "{{\n\tadmin off\n\tauto_https off\n}}\n{snippet}\n\
                     http://127.0.0.1:{port} {{\n\treverse_proxy {{\n\
                     \t\timport latchkey-nodes\n\t}}\n}}\n"
                );
                fs::write(&file, text).unwrap();
                let mut command = Command::new("caddy");
                command
                    .args(["run", "--adapter", "caddyfile", "--config"])
                    .arg(file);
                command
            }
        };
        let log = fs::File::create(folder.join("proxy.log")).unwrap();
        command
            .current_dir(folder)
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        RunningProxy(command.spawn().unwrap_or_else(|error| {
            panic!("{self:?}: {error}; `cargo xtask setup` installs what tests need")
        }))
    }
}

impl Fleet {
    async fn start(proxy: Proxy) -> Self {
        let redis = RedisServer::start();
        let mut environments = [(); 2].map(|()| TestEnvironment::new());
        // Caddy asks every node on one port whether it is ready.
        let operations = environments[0].operations;
        for (env, address) in environments
            .iter_mut()
            .zip([[127, 0, 0, 1], [127, 0, 0, 2]])
        {
            env.application.set_ip(address.into());
            env.operations = (address, operations.port()).into();
        }
        let shared = &environments[0];
        let sandbox = ChildProcess::start_sandbox(shared).await;
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let settings = shared.upstream_variables_with(&[
            ("STORE__URL", &redis.url()),
            (
                "SECRETS__KEY",
                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            ),
            ("SERVER__PUBLIC_URL", &url),
            ("SERVER__TRUSTED_PROXIES", "127.0.0.1"),
            ("SERVER__CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
            ("SERVER__DRAIN", "5s"),
            ("GUARD__ENABLED", "false"),
        ]);
        let folder = shared.folder.path().to_owned();
        let addresses = [0, 1].map(|number: usize| environments[number].application);
        let mut nodes = Vec::new();
        for env in environments {
            let process = ChildProcess::spawn(&env, &["serve"], &settings);
            nodes.push((env, settings.clone(), process));
        }
        for (env, ..) in &nodes {
            wait_until_ready(env).await;
        }
        let running = proxy.start(&folder, port, addresses, operations.port());
        let http = http_client();
        wait_until("the proxy", async || {
            let page = http.get(format!("{url}/sign-in")).send().await;
            page.is_ok_and(|page| page.status() == 200)
        })
        .await;
        Self {
            nodes,
            _sandbox: sandbox,
            _redis: redis,
            _proxy: running,
            url,
        }
    }

    /// Stops a node, starts it again and waits until it is ready.
    async fn restart(&mut self, number: usize) {
        let (env, settings, process) = &mut self.nodes[number];
        process.send_signal("TERM");
        let pid = process.id();
        // Waiting for the process would block the clients.
        wait_until("the node to end", async || has_ended(pid)).await;
        assert_eq!(process.wait(), Some(0), "{}", process.stderr());
        *process = ChildProcess::spawn(env, &["serve"], settings);
        wait_until_ready(env).await;
    }

    fn logs(&self) -> Vec<PathBuf> {
        self.nodes
            .iter()
            .map(|(env, ..)| env.folder.path().to_owned())
            .collect()
    }
}

async fn wait_until_ready(env: &TestEnvironment) {
    env.wait_until_up().await;
    env.wait_for_readiness(200).await;
}

/// Whether a child process has ended and waits to be collected.
fn has_ended(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let state = stat.rsplit_once(") ").map(|(_, rest)| rest);
        state.is_some_and(|rest| rest.starts_with('Z'))
    })
}

/// Clients that send requests until they are stopped.
struct Load {
    stop: CancellationToken,
    sent: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(url: &str) -> Self {
        let (stop, sent) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let clients = (0..CLIENTS).map(|number| {
            let (url, stop, sent) = (url.to_owned(), stop.clone(), sent.clone());
            tokio::spawn(async move { send_requests(number, &url, &stop, &sent).await })
        });
        let clients = clients.collect();
        Self {
            stop,
            sent,
            clients,
        }
    }

    /// Stops the clients. Returns how many requests were sent, and those that failed.
    async fn stop(self) -> (usize, Vec<String>) {
        self.stop.cancel();
        let mut failures = Vec::new();
        for client in self.clients {
            failures.extend(client.await.unwrap());
        }
        (self.sent.load(Ordering::Relaxed), failures)
    }
}

/// Reads pages and posts forms. A refusal is a response; a gateway error is a failure.
async fn send_requests(
    number: usize,
    url: &str,
    stop: &CancellationToken,
    sent: &AtomicUsize,
) -> Vec<String> {
    let (http, clock, mut failures) = (http_client(), Clock::system(), Vec::new());
    for round in 0_usize.. {
        if stop.is_cancelled() {
            break;
        }
        let request = if (round + number).is_multiple_of(3) {
            http.post(format!("{url}/api/verify-code"))
                .header(ORIGIN, url)
                .header(ACCEPT, "application/json")
                .form(&[("code", "123456")])
        } else {
            http.get(format!("{url}/sign-in"))
        };
        sent.fetch_add(1, Ordering::Relaxed);
        match request.send().await {
            Ok(response) if response.status().as_u16() < 500 => {
                let _ = response.bytes().await;
            }
            Ok(response) => failures.push(format!("round {round}: {}", response.status())),
            Err(error) => failures.push(format!("round {round}: {error:?}")),
        }
        clock.sleep(PAUSE).await;
    }
    failures
}

/// Restarts nodes in turn under load. Returns how many requests were sent, and those that failed.
async fn roll(proxy: Proxy, restarts: usize, wait: Duration) -> (usize, Vec<String>) {
    let mut fleet = Fleet::start(proxy).await;
    let load = Load::start(&fleet.url);
    for number in 0..restarts {
        fleet.restart(number % 2).await;
        Clock::system().sleep(wait).await;
    }
    let (sent, failures) = load.stop().await;
    if !failures.is_empty() {
        for folder in fleet.logs() {
            for file in ["proxy.log", "error.log", "serve.err"] {
                let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
                println!("{}/{file}:\n{text}", folder.display());
            }
        }
    }
    (sent, failures)
}

async fn assert_no_failure(proxy: Proxy) {
    let (sent, failures) = roll(proxy, 2, RECOMMENDED_WAIT).await;
    assert!(sent > 100, "{sent}");
    assert_eq!(failures, Vec::<String>::new(), "of {sent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l6_rolling_restarts_behind_nginx_fail_no_request() {
    assert_no_failure(Proxy::Nginx).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l6_rolling_restarts_behind_caddy_fail_no_request() {
    assert_no_failure(Proxy::Caddy).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes; the short form is part of every run"]
async fn l6_twelve_restarts_behind_each_proxy_fail_no_request() {
    let mut failed = 0;
    for proxy in [Proxy::Nginx, Proxy::Caddy] {
        for wait in [RECOMMENDED_WAIT, Duration::ZERO] {
            let (sent, failures) = roll(proxy, 12, wait).await;
            println!(
                "| {proxy:?} | wait {} s | {sent} requests | {} failed |",
                wait.as_secs(),
                failures.len()
            );
            failures.iter().for_each(|failure| println!("  {failure}"));
            if wait == RECOMMENDED_WAIT {
                failed += failures.len();
            }
        }
    }
    assert_eq!(failed, 0);
}
