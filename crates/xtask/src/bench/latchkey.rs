//! Latchkey itself: the real binary on redb, and the sandbox as its upstream in another process.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use latchkey_benchmark::RAISED_LIMITS;

use super::http_client::{HttpClient, Request};
use super::process::{ServerProcess, empty_folder, free_address};
use super::product::{FORM, JSON, Product, Setting, Upstream, form_field, post};
use super::text::{json_text, metric_sum};

/// The operations of the sandbox that a journey calls.
const OPERATIONS: [&str; 3] = ["otp_send", "otp_authenticate", "session_logout"];

/// What the sandbox prints last.
const LAST_VARIABLE: &str = "LATCHKEY_TRANSMIT__CLIENT_SECRET";
/// How often, and how many times, it is looked for.
const POLL: Duration = Duration::from_millis(10);
const POLLS: usize = 1000;

pub struct Latchkey {
    binary: PathBuf,
    folder: PathBuf,
    version: String,
    address: SocketAddr,
    operations: SocketAddr,
    sandbox_address: SocketAddr,
    /// The tenant, as the sandbox prints it.
    tenant: Vec<(String, String)>,
    is_guarded: bool,
    _sandbox: ServerProcess,
}

/// Starts the sandbox. `is_guarded` says whether the limits of sends and requests are on.
pub fn install(setting: &Setting<'_>, is_guarded: bool) -> Result<Latchkey> {
    let name = if is_guarded { "latchkey" } else { "guard-off" };
    let folder = empty_folder(&setting.data.join(name))?;
    let sandbox_address = free_address()?;
    let mut command = isolated(&setting.server, &folder);
    command
        .arg("sandbox")
        .env("LATCHKEY_SANDBOX__ADDRESS", sandbox_address.to_string());
    let log = folder.join("sandbox.log");
    let sandbox = ServerProcess::start(&mut command, &log, sandbox_address, "/control/calls")?;
    Ok(Latchkey {
        binary: setting.server.clone(),
        tenant: tenant(&log)?,
        folder,
        version: setting.workspace.locked_version("latchkey")?,
        address: free_address()?,
        operations: free_address()?,
        sandbox_address,
        is_guarded,
        _sandbox: sandbox,
    })
}

/// A call that no variable of the developer reaches.
fn isolated(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().current_dir(folder);
    command
}

/// Waits until the sandbox has printed the tenant: it may answer before that.
fn tenant(log: &Path) -> Result<Vec<(String, String)>> {
    for _ in 0..POLLS {
        let tenant = variables(&fs::read_to_string(log)?);
        if tenant.iter().any(|(name, _)| name == LAST_VARIABLE) {
            return Ok(tenant);
        }
        thread::sleep(POLL);
    }
    bail!("the sandbox did not print {LAST_VARIABLE}")
}

/// The variables in what the sandbox prints.
fn variables(said: &str) -> Vec<(String, String)> {
    let lines = said.lines().map(str::trim);
    let pairs = lines.filter(|line| line.starts_with("LATCHKEY_"));
    pairs
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

impl Latchkey {
    fn control(&self, path: &str, json: &str) -> Result<()> {
        let request = Request {
            method: "PUT",
            path,
            headers: &[("Content-Type", JSON)],
            body: json,
        };
        let answer = self.sandbox().send(&request)?;
        ensure!(
            answer.status < 300,
            "the sandbox refused: {}",
            answer.text()
        );
        Ok(())
    }

    fn sandbox(&self) -> HttpClient {
        HttpClient::new(self.sandbox_address, Ipv4Addr::LOCALHOST)
    }

    fn call(&self, client: &mut HttpClient, function: &str, form: &str) -> Result<()> {
        let headers = [("Accept", JSON)];
        let path = format!("/api/{function}");
        post(client, &path, FORM, &headers, form)?.expect_status(200)?;
        Ok(())
    }
}

/// The sandbox.
impl Upstream for Latchkey {
    fn set_delay(&self, milliseconds: u64) -> Result<()> {
        for operation in OPERATIONS {
            let body = format!(r#"{{"operation":"{operation}","ms":{milliseconds}}}"#);
            self.control("/control/latency", &body)?;
        }
        Ok(())
    }

    fn calls(&self) -> Result<f64> {
        let mut client = HttpClient::new(self.operations, Ipv4Addr::LOCALHOST);
        let metrics = client.send(&Request::get("/metrics"))?.expect_status(200)?;
        Ok(metric_sum(&metrics.text(), "latchkey_upstream_calls_total"))
    }
}

impl Product for Latchkey {
    fn versions(&self) -> String {
        format!("Latchkey {}, redb", self.version)
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn page(&self) -> &'static str {
        "/sign-in"
    }

    fn start_server(&self) -> Result<ServerProcess> {
        let mut command = isolated(&self.binary, &self.folder);
        command.arg("serve");
        let guard = self.is_guarded.to_string();
        let store = format!("redb:{}", self.folder.join("latchkey.redb").display());
        for (name, value) in [
            ("SERVER__ADDRESS", self.address.to_string().as_str()),
            ("SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
            ("SERVER__CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
            ("OPERATIONS__ADDRESS", &self.operations.to_string()),
            ("STORE__URL", &store),
            ("SIGN_IN__ANSWER_AFTER", "100ms"),
            ("GUARD__ENABLED", &guard),
        ] {
            command.env(format!("LATCHKEY_{name}"), value);
        }
        for limit in RAISED_LIMITS {
            command.env(format!("LATCHKEY_GUARD__{limit}"), "100000000");
        }
        command.envs(self.tenant.iter().map(|(name, value)| (name, value)));
        let log = self.folder.join("server.log");
        ServerProcess::start(&mut command, &log, self.address, self.page())
    }

    fn upstream(&self) -> &dyn Upstream {
        self
    }

    fn create_user(&self, phone: &str) -> Result<()> {
        let path = format!("/control/users/{}", phone.replace('+', "%2B"));
        self.control(&path, r#"{"status":"Active"}"#)
    }

    fn send(&self, client: &mut HttpClient, phone: &str) -> Result<()> {
        self.call(client, "send-code", &form_field("phone", phone))
    }

    fn take_code(&self, phone: &str) -> Result<Option<String>> {
        let path = format!("/inbox.json?{}", form_field("phone", phone));
        let inbox = self.sandbox().send(&Request::get(&path))?;
        Ok(json_text(&inbox.expect_status(200)?.text(), "code"))
    }

    fn code_page(&self) -> Option<&'static str> {
        Some("/code")
    }

    fn verify(&self, client: &mut HttpClient, _phone: &str, code: &str) -> Result<()> {
        self.call(client, "verify-code", &form_field("code", code))
    }

    fn check(&self, client: &mut HttpClient) -> Result<()> {
        client
            .send(&Request::get("/api/session"))?
            .expect_status(200)?;
        Ok(())
    }

    fn sign_out(&self, client: &mut HttpClient) -> Result<()> {
        self.call(client, "sign-out", "")?;
        ensure!(
            client.cookie("latchkey").is_none(),
            "the session's cookie is left"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_is_read_from_what_the_sandbox_prints() {
        let said = "\n  Sandbox   http://127.0.0.1:1   (the phone)\n\n  LATCHKEY_A=http://x?y=z\n";
        assert_eq!(
            variables(said),
            [("LATCHKEY_A".to_owned(), "http://x?y=z".to_owned())]
        );
    }

    #[test]
    fn every_raised_limit_is_a_setting() {
        let docs = include_str!("../../../../docs/operators/settings.md");
        for limit in RAISED_LIMITS {
            assert!(docs.contains(&limit.to_lowercase()), "{limit}");
        }
    }
}
