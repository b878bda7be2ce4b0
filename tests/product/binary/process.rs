//! Child processes of the binary, their environment, and a browser that talks to them over the
//! network.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use http::header::{ACCEPT, COOKIE, HOST, ORIGIN, SET_COOKIE};
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use latchkey_testkit::stub_site::{self, create_stub_site};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::upstream::client_without_keep_alive;
use crate::support::wait_until;
use latchkey_testkit::sandbox_client::{http_client, percent_encode_plus};

/// A folder and free addresses.
pub struct TestEnvironment {
    pub folder: TempDir,
    pub application: SocketAddr,
    pub operations: SocketAddr,
    sandbox: SocketAddr,
    /// Nothing listens here unless the gateway is configured.
    pub gateway: SocketAddr,
}

/// The first of a hundred ports that no other test process uses. A server that restarts finds its
/// address free.
fn own_ports() -> u16 {
    static OWN: OnceLock<(u16, File)> = OnceLock::new();
    let (first, _lock) = OWN.get_or_init(|| {
        let found = (0..100_u16).find_map(|number| {
            let name = format!("latchkey-test-ports-{number}");
            let lock = File::create(std::env::temp_dir().join(name)).ok()?;
            lock.try_lock().ok()?;
            Some((20_000 + number * 100, lock))
        });
        found.expect("no ports are left")
    });
    *first
}

/// A free address below the system's ephemeral ports, so that no outgoing connection takes it
/// first.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = own_ports() + NEXT.fetch_add(1, Ordering::Relaxed);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener.local_addr().unwrap();
        }
    }
}

impl TestEnvironment {
    pub fn new() -> Self {
        let [application, operations, sandbox, gateway] = [(); 4].map(|()| free_address());
        let folder = tempfile::tempdir().unwrap();
        create_stub_site(folder.path()).unwrap();
        Self {
            folder,
            application,
            operations,
            sandbox,
            gateway,
        }
    }

    fn variables(&self) -> Vec<(String, String)> {
        let store = format!("redb:{}", self.store_path().display());
        [
            ("SERVER__ADDRESS", self.application.to_string()),
            ("OPERATIONS__ADDRESS", self.operations.to_string()),
            ("SANDBOX__ADDRESS", self.sandbox.to_string()),
            ("STORE__URL", store),
            ("SERVER__DRAIN", "0s".to_owned()),
            ("SIGN_IN__ANSWER_AFTER", "100ms".to_owned()),
            ("SIGN_IN__REFUSE_AFTER", "200ms,1s,5s".to_owned()),
        ]
        .map(|(name, value)| (format!("LATCHKEY_{name}"), value))
        .to_vec()
    }

    /// Variables that point a server or a command at this environment's sandbox.
    pub fn upstream_variables(&self) -> Vec<(String, String)> {
        let base = format!("http://{}", self.sandbox);
        [
            ("BASE_URL", base.as_str()),
            ("ISSUER", &base),
            ("TENANT_ID", TENANT_ID),
            ("CLIENT_ID", CLIENT_ID),
            ("CLIENT_SECRET", CLIENT_SECRET),
        ]
        .map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), value.to_owned()))
        .to_vec()
    }

    /// The path of the store's file.
    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("data/latchkey.redb")
    }

    pub fn command(&self, arguments: &[&str], variables: &[(String, String)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        let inherited: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| name == "PATH")
            .collect();
        command
            .env_clear()
            .envs(inherited)
            .env(stub_site::VARIABLE, self.folder.path().join("site"))
            .envs(self.variables())
            .envs(variables.iter().cloned());
        command.args(arguments).current_dir(self.folder.path());
        command
    }

    async fn read(&self, url: String, host: Option<&str>) -> Option<(u16, String)> {
        let mut request = http_client().get(url);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let response = request.send().await.ok()?;
        Some((response.status().as_u16(), response.text().await.ok()?))
    }

    pub async fn is_up(&self) -> bool {
        self.read(format!("http://{}/livez", self.operations), None)
            .await
            .is_some_and(|(status, _)| status == 200)
    }

    pub async fn get_operations(&self, path: &str) -> (u16, String) {
        self.read(format!("http://{}{path}", self.operations), None)
            .await
            .unwrap()
    }

    pub async fn get_operations_as_host(&self, host: &str, path: &str) -> u16 {
        self.read(format!("http://{}{path}", self.operations), Some(host))
            .await
            .unwrap()
            .0
    }

    /// A JSON response of the sandbox, if it is running.
    pub async fn get_sandbox(&self, path: &str) -> Option<Value> {
        let (_, body) = self
            .read(format!("http://{}{path}", self.sandbox), None)
            .await?;
        serde_json::from_str(&body).ok()
    }

    pub async fn put_control(&self, path: &str, body: Value) {
        let url = format!("http://{}/control/{path}", self.sandbox);
        let response = http_client().put(url).json(&body).send().await.unwrap();
        assert!(response.status().is_success());
    }

    pub async fn call_count(&self, operation: &str) -> u64 {
        self.get_sandbox("/control/calls").await.unwrap()[operation]
            .as_u64()
            .unwrap()
    }
}

/// Runs a command to its end.
pub fn run_command(
    env: &TestEnvironment,
    arguments: &[&str],
    variables: &[(String, String)],
    input: &str,
) -> Output {
    let mut command = env.command(arguments, variables);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A running child process, which is killed when it is dropped.
pub struct ChildProcess {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl ChildProcess {
    /// Starts a server and waits until it is up.
    pub async fn start_server(env: &TestEnvironment, arguments: &[&str]) -> Self {
        let process = Self::spawn(env, arguments, &[]);
        wait_until("the server", async || env.is_up().await).await;
        process
    }

    pub fn spawn(
        env: &TestEnvironment,
        arguments: &[&str],
        variables: &[(String, String)],
    ) -> Self {
        Self::spawn_command(
            env,
            arguments.first().unwrap_or(&"none"),
            &mut env.command(arguments, variables),
        )
    }

    /// Runs a given command; `name` is used for the files of its output.
    pub fn spawn_command(env: &TestEnvironment, name: &str, command: &mut Command) -> Self {
        let (stdout, stderr) = (
            env.folder.path().join(format!("{name}.out")),
            env.folder.path().join(format!("{name}.err")),
        );
        let file = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
        command.stdin(Stdio::null());
        command.stdout(file(&stdout)).stderr(file(&stderr));
        Self {
            child: command.spawn().unwrap(),
            stdout,
            stderr,
        }
    }

    /// Starts a server with outputs of the caller's own; `None` stands for a file.
    pub fn spawn_server_with_outputs(
        env: &TestEnvironment,
        variables: &[(String, String)],
        [out, err]: [Option<Stdio>; 2],
    ) -> Self {
        let [stdout, stderr] = ["serve.out", "serve.err"].map(|name| env.folder.path().join(name));
        let file = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
        // The command closes its copies of the outputs when it is dropped.
        let mut command = env.command(&["serve", "--sandbox"], variables);
        command.stdin(Stdio::null());
        command.stdout(out.unwrap_or_else(|| file(&stdout)));
        command.stderr(err.unwrap_or_else(|| file(&stderr)));
        Self {
            child: command.spawn().unwrap(),
            stdout,
            stderr,
        }
    }

    /// The exit code, once the process has ended.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child
            .try_wait()
            .unwrap()
            .and_then(|status| status.code())
    }

    pub fn stdout(&self) -> String {
        std::fs::read_to_string(&self.stdout).unwrap()
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn send_signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end. Returns the exit code, or `None` if a signal ended it.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub fn terminate(&mut self) -> Option<i32> {
        self.send_signal("TERM");
        self.wait()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser that talks to the server over the network.
#[derive(Clone)]
pub struct NetworkBrowser {
    http: reqwest::Client,
    base: String,
    sandbox: String,
    cookies: BTreeMap<String, String>,
    /// The client address in the header of a proxy.
    address: Option<String>,
    /// The code that was read last.
    pub code: String,
}

impl NetworkBrowser {
    pub fn new(env: &TestEnvironment) -> Self {
        let (base, sandbox) = (
            format!("http://{}", env.application),
            format!("http://{}", env.sandbox),
        );
        Self {
            http: http_client(),
            base,
            sandbox,
            cookies: BTreeMap::new(),
            address: None,
            code: String::new(),
        }
    }

    pub fn with_address(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// The same with a new connection for each request, so that a load balancer sends each to
    /// another node.
    pub fn without_keep_alive(env: &TestEnvironment) -> Self {
        Self {
            http: client_without_keep_alive(),
            ..Self::new(env)
        }
    }

    pub fn cookie_values(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// `None` if the server is gone, or ends before it has responded.
    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Option<(u16, String)> {
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, pairs.join("; ")).send().await.ok()?;
        for line in response.headers().get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Some((response.status().as_u16(), response.text().await.ok()?))
    }

    pub async fn get(&mut self, path: &str) -> (u16, String) {
        self.try_get(path).await.unwrap()
    }

    /// `None` if the server is gone.
    pub async fn try_get(&mut self, path: &str) -> Option<(u16, String)> {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    pub async fn post(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> (u16, String) {
        self.try_post(endpoint, fields).await.unwrap()
    }

    /// `None` if the server is gone or ends before it has responded. It may have executed the
    /// request.
    pub async fn try_post(
        &mut self,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Option<(u16, String)> {
        let request = self
            .http
            .post(format!("{}/api/{endpoint}", self.base))
            .form(fields);
        let request = request
            .header(ORIGIN, &self.base)
            .header(ACCEPT, "application/json");
        self.send(request).await
    }

    /// Signs up, which also signs in existing users.
    pub async fn sign_in(&mut self, phone: &str) {
        assert_eq!(self.post("sign-up", &[("phone", phone)]).await.0, 200);
        self.read_code(phone).await;
        let code = self.code.clone();
        let (status, body) = self.post("verify-code", &[("code", &code)]).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Waits for the newest message on the phone.
    pub async fn read_code(&mut self, phone: &str) {
        let inbox = format!(
            "{}/inbox.json?phone={}",
            self.sandbox,
            percent_encode_plus(phone)
        );
        let http = self.http.clone();
        let mut messages = Value::Null;
        wait_until("the message", async || {
            let text = http.get(&inbox).send().await.unwrap().text().await.unwrap();
            messages = serde_json::from_str(&text).unwrap();
            messages
                .as_array()
                .is_some_and(|messages| !messages.is_empty())
        })
        .await;
        self.code = messages.as_array().unwrap().last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned();
    }
}
