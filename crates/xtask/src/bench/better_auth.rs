//! better-auth with its phone number plugin, on SQLite, in one process of Node.js. The server is in
//! `benches/peers/better-auth`.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::http_client::{HttpClient, Request};
use super::process::{ServerProcess, empty_folder, free_address};
use super::product::{JSON, Product, Setting, Upstream, post};
use super::sms_receiver::SmsReceiver;
use super::text::json_text;
use crate::tools;
use crate::ui;

const SOURCES: &str = "benches/peers/better-auth";
const FILES: [&str; 5] = [
    "auth.mjs",
    "package-lock.json",
    "package.json",
    "prepare.mjs",
    "server.mjs",
];

pub struct BetterAuth {
    /// Where its packages and our server are.
    program: PathBuf,
    data: PathBuf,
    versions: String,
    address: SocketAddr,
    receiver: SmsReceiver,
}

/// Installs the packages as they are locked, and makes the users.
pub fn install(setting: &Setting<'_>) -> Result<BetterAuth> {
    let program = setting.workspace.target().join("peers/better-auth");
    packages(setting, &program)?;
    let manifest = fs::read_to_string(program.join("package.json"))?;
    // `engines` before them has a `node`, too.
    let (_, dependencies) = manifest.split_once("\"dependencies\"").unwrap_or_default();
    let version = |name| json_text(dependencies, name).with_context(|| format!("no {name}"));
    let product = BetterAuth {
        versions: format!(
            "better-auth {}, Node.js {} and its SQLite",
            version("better-auth")?,
            version("node")?
        ),
        data: empty_folder(&setting.data.join("better-auth"))?,
        address: free_address()?,
        receiver: SmsReceiver::start()?,
        program,
    };
    tools::run(
        product
            .node()
            .arg("prepare.mjs")
            .arg(setting.users.to_string()),
    )?;
    Ok(product)
}

/// Copies our files and installs the packages, unless it was done.
fn packages(setting: &Setting<'_>, program: &Path) -> Result<()> {
    fs::create_dir_all(program)?;
    let sources = setting.workspace.root().join(SOURCES);
    for file in FILES {
        fs::copy(sources.join(file), program.join(file))
            .with_context(|| format!("cannot copy {SOURCES}/{file}"))?;
    }
    let wanted = fs::read_to_string(program.join("package-lock.json"))?;
    // `npm ci` begins by deleting the folder, so the stamp cannot outlive what it vouches for.
    let stamp = program.join("node_modules/.xtask-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    ui::say("better-auth: installing, about a minute, once");
    let mut npm = setting.tools.command("npm");
    npm.current_dir(program);
    tools::run(npm.args(["ci", "--loglevel=error", "--no-fund", "--no-audit"]))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

impl BetterAuth {
    fn node(&self) -> Command {
        let mut node = Command::new(self.program.join("node_modules/node/bin/node"));
        node.current_dir(&self.program)
            .env("NODE_ENV", "production")
            .env("NODE_NO_WARNINGS", "1")
            .env(
                "SECRET",
                "a secret of the benchmark, which protects nothing",
            )
            .env("DATABASE", self.data.join("better-auth.sqlite"))
            .env("ADDRESS", self.address.to_string())
            .env("SMS_URL", self.receiver.url());
        node
    }

    fn call(&self, client: &mut HttpClient, path: &str, json: &str) -> Result<()> {
        post(client, &format!("/api/auth/{path}"), JSON, &[], json)?.expect_status(200)?;
        Ok(())
    }
}

impl Product for BetterAuth {
    fn versions(&self) -> String {
        self.versions.clone()
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn page(&self) -> &'static str {
        "/"
    }

    fn has_pages(&self) -> bool {
        false
    }

    fn start_server(&self) -> Result<ServerProcess> {
        let log = self.data.join("server.log");
        let mut node = self.node();
        ServerProcess::start(node.arg("server.mjs"), &log, self.address, self.page())
    }

    fn upstream(&self) -> &dyn Upstream {
        &self.receiver
    }

    fn send(&self, client: &mut HttpClient, phone: &str) -> Result<()> {
        let body = format!(r#"{{"phoneNumber":"{phone}"}}"#);
        self.call(client, "phone-number/send-otp", &body)
    }

    fn take_code(&self, phone: &str) -> Result<Option<String>> {
        Ok(self.receiver.take_code(phone))
    }

    fn code_page(&self) -> Option<&'static str> {
        None
    }

    fn verify(&self, client: &mut HttpClient, phone: &str, code: &str) -> Result<()> {
        let body = format!(r#"{{"phoneNumber":"{phone}","code":"{code}"}}"#);
        self.call(client, "phone-number/verify", &body)
    }

    fn check(&self, client: &mut HttpClient) -> Result<()> {
        let session = client.send(&Request::get("/api/auth/get-session"))?;
        let session = session.expect_status(200)?.text();
        ensure!(
            json_text(&session, "phoneNumber").is_some(),
            "nobody is signed in: {session}"
        );
        Ok(())
    }

    fn sign_out(&self, client: &mut HttpClient) -> Result<()> {
        self.call(client, "sign-out", "{}")?;
        let cookie = client.cookie("better-auth.session_token");
        ensure!(cookie.is_none(), "the session's cookie is left");
        Ok(())
    }
}
