//! django-allauth with sign-in by a code to a phone, on SQLite, behind gunicorn. The project is in
//! `benches/peers/allauth`.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, ensure};

use super::http_client::{HttpClient, Request};
use super::process::{ServerProcess, empty_folder, free_address};
use super::product::{FORM, Product, Setting, Upstream, form_field, post};
use super::sms_receiver::SmsReceiver;
use super::text::pinned_version;
use crate::setup::python;
use crate::tools;

const SOURCES: &str = "benches/peers/allauth";
const CODE_PAGE: &str = "/accounts/login/code/confirm/";

pub struct Allauth {
    python: PathBuf,
    /// Where Python looks for modules: the project, and what it needs.
    modules: String,
    data: PathBuf,
    versions: String,
    address: SocketAddr,
    receiver: SmsReceiver,
}

/// Installs the packages as they are pinned, and makes the users.
pub fn install(setting: &Setting<'_>) -> Result<Allauth> {
    let (workspace, tools) = (setting.workspace, setting.tools);
    python::install(workspace, tools, python::ALLAUTH)?;
    let list = fs::read_to_string(workspace.root().join(SOURCES).join("requirements.txt"))?;
    let version = |name| pinned_version(&list, name).with_context(|| format!("no {name}"));
    // The program itself: what the search path finds may be a script that starts it.
    let print = "import sys; print(sys.executable)";
    let python = tools::output(tools.command("python3").args(["-c", print]))?;
    let folders = [
        workspace.root().join(SOURCES),
        python::ALLAUTH.folder(workspace),
    ];
    let product = Allauth {
        versions: format!(
            "django-allauth {}, Django {}, gunicorn {}, Python {}",
            version("django-allauth")?,
            version("django")?,
            version("gunicorn")?,
            tools.version("python3").unwrap_or_default()
        ),
        python: PathBuf::from(python),
        modules: folders.map(|folder| folder.display().to_string()).join(":"),
        data: empty_folder(&setting.data.join("allauth"))?,
        address: free_address()?,
        receiver: SmsReceiver::start()?,
    };
    let mut prepare = product.module("peer.prepare");
    tools::run(prepare.arg(setting.users.to_string()))?;
    Ok(product)
}

impl Allauth {
    fn module(&self, name: &str) -> Command {
        let mut python = Command::new(&self.python);
        python
            .args(["-m", name])
            .current_dir(&self.data)
            .env("PYTHONPATH", &self.modules)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env(
                "SECRET",
                "a secret of the benchmark, which protects nothing",
            )
            .env("DATABASE", self.data.join("allauth.sqlite"))
            .env("SMS_URL", self.receiver.url());
        python
    }

    /// Posts a form with the token that Django asks for, and expects to be sent on.
    fn call(&self, client: &mut HttpClient, path: &str, form: &str) -> Result<()> {
        let token = client.cookie("csrftoken").unwrap_or_default().to_owned();
        // As a browser: scripts, which ask for JSON, are answered otherwise.
        let headers = [("X-CSRFToken", token.as_str()), ("Accept", "text/html")];
        post(client, path, FORM, &headers, form)?.expect_status(302)?;
        Ok(())
    }
}

impl Product for Allauth {
    fn versions(&self) -> String {
        self.versions.clone()
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn page(&self) -> &'static str {
        "/accounts/login/code/"
    }

    fn start_server(&self) -> Result<ServerProcess> {
        // A process for each core, as gunicorn advises, and threads for those that wait upstream.
        let workers = available_parallelism()?.to_string();
        let mut gunicorn = self.module("gunicorn");
        gunicorn.args([
            "--workers",
            &workers,
            "--threads",
            "16",
            "--keep-alive",
            "75",
        ]);
        gunicorn.args(["--no-control-socket", "--bind", &self.address.to_string()]);
        gunicorn.arg("peer.wsgi:application");
        let log = self.data.join("server.log");
        ServerProcess::start(&mut gunicorn, &log, self.address, self.page())
    }

    fn upstream(&self) -> &dyn Upstream {
        &self.receiver
    }

    fn send(&self, client: &mut HttpClient, phone: &str) -> Result<()> {
        self.call(client, self.page(), &form_field("phone", phone))
    }

    fn take_code(&self, phone: &str) -> Result<Option<String>> {
        Ok(self.receiver.take_code(phone))
    }

    fn code_page(&self) -> Option<&'static str> {
        Some(CODE_PAGE)
    }

    fn verify(&self, client: &mut HttpClient, _phone: &str, code: &str) -> Result<()> {
        self.call(client, CODE_PAGE, &form_field("code", code))
    }

    fn check(&self, client: &mut HttpClient) -> Result<()> {
        client.send(&Request::get("/session"))?.expect_status(200)?;
        Ok(())
    }

    fn sign_out(&self, client: &mut HttpClient) -> Result<()> {
        self.call(client, "/accounts/logout/", "")?;
        ensure!(
            client.cookie("sessionid").is_none(),
            "the session's cookie is left"
        );
        Ok(())
    }
}
