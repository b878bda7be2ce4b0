//! A process of ours, the place it runs in, and somebody who talks to it.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use http::header::{ACCEPT, COOKIE, HOST, ORIGIN, SET_COOKIE};
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use latchkey_testkit::stub_site::{self, create_stub_site};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::upstream::{client, encoded, forgetful_client};
use crate::support::wait_until;

/// A folder and free addresses.
pub struct Place {
    pub folder: TempDir,
    pub application: SocketAddr,
    operations: SocketAddr,
    sandbox: SocketAddr,
    /// Nobody listens here unless told to.
    pub gateway: SocketAddr,
}

/// An address that nobody uses, below the ports that the system gives to connections: none of those
/// can take it meanwhile.
fn free_address() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Other runs of the tests on the machine begin elsewhere.
    let first = 20_000 + u16::try_from(std::process::id() % 100).unwrap() * 100;
    loop {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener.local_addr().unwrap();
        }
    }
}

impl Place {
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
        let store = format!("redb:{}", self.store().display());
        [
            ("SERVER__ADDRESS", self.application.to_string()),
            ("OPERATIONS__ADDRESS", self.operations.to_string()),
            ("SANDBOX__ADDRESS", self.sandbox.to_string()),
            ("STORE__URL", store),
            ("SIGN_IN__ANSWER_AFTER", "100ms".to_owned()),
            ("SIGN_IN__REFUSE_AFTER", "200ms,1s,5s".to_owned()),
        ]
        .map(|(name, value)| (format!("LATCHKEY_{name}"), value))
        .to_vec()
    }

    /// What points a server, or a command, at this place's sandbox.
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

    /// Where the store's file is.
    pub fn store(&self) -> PathBuf {
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
        let mut request = client().get(url);
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

    pub async fn operations(&self, path: &str) -> (u16, String) {
        self.read(format!("http://{}{path}", self.operations), None)
            .await
            .unwrap()
    }

    pub async fn operations_as(&self, host: &str, path: &str) -> u16 {
        self.read(format!("http://{}{path}", self.operations), Some(host))
            .await
            .unwrap()
            .0
    }

    /// What the sandbox says, if it is there.
    pub async fn sandbox(&self, path: &str) -> Option<Value> {
        let (_, body) = self
            .read(format!("http://{}{path}", self.sandbox), None)
            .await?;
        serde_json::from_str(&body).ok()
    }

    pub async fn control(&self, path: &str, body: Value) {
        let url = format!("http://{}/control/{path}", self.sandbox);
        let response = client().put(url).json(&body).send().await.unwrap();
        assert!(response.status().is_success());
    }

    pub async fn calls(&self, operation: &str) -> u64 {
        self.sandbox("/control/calls").await.unwrap()[operation]
            .as_u64()
            .unwrap()
    }
}

/// Runs a command to its end.
pub fn run(
    place: &Place,
    arguments: &[&str],
    variables: &[(String, String)],
    input: &str,
) -> Output {
    let mut command = place.command(arguments, variables);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A process that goes on; killed when dropped.
pub struct Process {
    child: Child,
    output: PathBuf,
    complaints: PathBuf,
}

impl Process {
    /// Starts a server and waits until it is up.
    pub async fn start(place: &Place, arguments: &[&str]) -> Self {
        let process = Self::begin(place, arguments, &[]);
        wait_until("the server", async || place.is_up().await).await;
        process
    }

    pub fn begin(place: &Place, arguments: &[&str], variables: &[(String, String)]) -> Self {
        Self::spawn(
            place,
            arguments.first().unwrap_or(&"none"),
            &mut place.command(arguments, variables),
        )
    }

    /// A command of the test's own; `name` names the files of what it writes.
    pub fn spawn(place: &Place, name: &str, command: &mut Command) -> Self {
        let (output, complaints) = (
            place.folder.path().join(format!("{name}.out")),
            place.folder.path().join(format!("{name}.err")),
        );
        let file = |path: &PathBuf| Stdio::from(std::fs::File::create(path).unwrap());
        let child = command
            .stdin(Stdio::null())
            .stdout(file(&output))
            .stderr(file(&complaints))
            .spawn()
            .unwrap();
        Self {
            child,
            output,
            complaints,
        }
    }

    /// What it wrote to standard output.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap()
    }

    /// What it wrote to standard error.
    pub fn complaints(&self) -> String {
        std::fs::read_to_string(&self.complaints).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; the exit code, or none if a signal ended it.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody with a browser, over the network.
#[derive(Clone)]
pub struct Person {
    http: reqwest::Client,
    base: String,
    sandbox: String,
    cookies: BTreeMap<String, String>,
    /// What a proxy says of where they are.
    address: Option<String>,
    /// The last code that was typed.
    pub code: String,
}

impl Person {
    pub fn new(place: &Place) -> Self {
        let (base, sandbox) = (
            format!("http://{}", place.application),
            format!("http://{}", place.sandbox),
        );
        Self {
            http: client(),
            base,
            sandbox,
            cookies: BTreeMap::new(),
            address: None,
            code: String::new(),
        }
    }

    pub fn at(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// The same, with a connection for each request: a balancer sends each to another node.
    pub fn hopping(place: &Place) -> Self {
        Self {
            http: forgetful_client(),
            ..Self::new(place)
        }
    }

    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// None if the server is gone, or goes before it has answered.
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

    /// None if the server is gone.
    pub async fn try_get(&mut self, path: &str) -> Option<(u16, String)> {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    pub async fn post(&mut self, door: &str, fields: &[(&str, &str)]) -> (u16, String) {
        self.try_post(door, fields).await.unwrap()
    }

    /// None if the server is gone, or goes before it has answered: it may have done what was asked.
    pub async fn try_post(&mut self, door: &str, fields: &[(&str, &str)]) -> Option<(u16, String)> {
        let request = self
            .http
            .post(format!("{}/api/{door}", self.base))
            .form(fields);
        let request = request
            .header(ORIGIN, &self.base)
            .header(ACCEPT, "application/json");
        self.send(request).await
    }

    /// Signs up, which signs in who is a user already.
    pub async fn sign_in(&mut self, phone: &str) {
        assert_eq!(self.post("sign-up", &[("phone", phone)]).await.0, 200);
        self.read_code(phone).await;
        let code = self.code.clone();
        let (status, body) = self.post("verify-code", &[("code", &code)]).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Waits for the newest message on the phone.
    pub async fn read_code(&mut self, phone: &str) {
        let inbox = format!("{}/inbox.json?phone={}", self.sandbox, encoded(phone));
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
