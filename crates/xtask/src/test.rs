//! Runs all checks. The first failure stops it, and a table ends it.

mod bytes;
mod checks;
mod report;
mod stream;
mod summary;
mod watch;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::setup::{self, Needs, Ready};
use crate::tools;
use crate::ui::{self, Stopwatch};
use crate::workspace::Workspace;
use report::Report;
use summary::Runner;

/// A step, in the order in which they run: what fails most often and soonest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `cargo fmt --check`
    Fmt,
    /// `cargo clippy` for the server, the server without sandbox, and the browser
    Clippy,
    /// cargo-deny, cargo-shear and typos
    Checks,
    /// Unit and integration tests
    Unit,
    /// The optimised front end, its byte budgets, and a server that has it inside
    Build,
    /// The attack simulator, in its short form
    Attack,
    /// Playwright, with and without JavaScript
    Browser,
    /// `cargo leptos watch`, and edits that must be in the browser in time
    Watch,
    /// A short part of `cargo leptos end-to-end`, in development
    EndToEnd,
}

impl Step {
    const ALL: [(&str, Self); 9] = [
        ("fmt", Self::Fmt),
        ("clippy", Self::Clippy),
        ("checks", Self::Checks),
        ("unit", Self::Unit),
        ("build", Self::Build),
        ("attack", Self::Attack),
        ("browser", Self::Browser),
        ("watch", Self::Watch),
        ("end-to-end", Self::EndToEnd),
    ];

    pub fn named(name: &str) -> Result<Self> {
        match Self::ALL.iter().find(|(known, _)| *known == name) {
            Some((_, step)) => Ok(*step),
            None => bail!(
                "there is no step `{name}`; there are: {}",
                Self::ALL.map(|(name, _)| name).join(", ")
            ),
        }
    }

    fn needs(self) -> Needs {
        match self {
            Self::Fmt | Self::Clippy => Needs::LINTS,
            Self::Checks => Needs::CHECKS,
            Self::Unit => Needs::UNIT,
            Self::Build => Needs::BUILD,
            Self::Attack => Needs::NOTHING,
            Self::Browser => Needs::BROWSER,
            Self::Watch => Needs::WATCH,
            Self::EndToEnd => Needs::END_TO_END,
        }
    }
}

/// Runs all steps, or `only` one. A failing step is in the report; an error is a machine that could
/// not be made ready.
pub fn test(workspace: &Workspace, only: Option<Step>) -> Result<ExitCode> {
    let needs = only.map_or(Needs::EVERYTHING, Step::needs);
    let mut report = Report::default();
    let watch = Stopwatch::start();
    let ready = setup::ensure(workspace, needs)?;
    report.step("set-up", watch.elapsed(), true);
    let steps = only.map_or_else(
        || Step::ALL.map(|(_, step)| step).to_vec(),
        |step| vec![step],
    );
    let mut session = Session {
        workspace,
        ready,
        report,
    };
    let outcome = steps.into_iter().try_for_each(|step| session.perform(step));
    // The failure before the table, so that the counts are the last line either way.
    if let Err(error) = &outcome {
        ui::fail(error);
    }
    session.report.print(outcome.is_ok());
    Ok(if outcome.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The profile of lints, tests and the tested server, as for development: most dependencies are
/// compiled once for all steps.
const PROFILE: &str = "quick";

/// How often a test that failed is tried again. If it passes then, its runner reports it as flaky.
/// A browser on two busy cores is now and then later than any bound.
const RETRIES: &str = "1";

/// What `cargo leptos end-to-end` runs here. It takes the line apart at spaces.
const SHORT_END_TO_END: &str =
    "npx playwright test --project=http --project=desktop tests/http tests/pages/sign-in.spec.ts";

struct Session<'a> {
    workspace: &'a Workspace,
    ready: Ready,
    report: Report,
}

impl Session<'_> {
    fn perform(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Fmt => self.check("format", &["fmt", "--all", "--check"]),
            Step::Clippy => self.lint(),
            Step::Checks => self.checks(),
            Step::Unit => self.unit(),
            Step::Build => self.build(),
            Step::Attack => self.attack(),
            Step::Browser => self.browser(),
            Step::Watch => self.watch(),
            Step::EndToEnd => self.end_to_end(),
        }
    }

    fn lint(&mut self) -> Result<()> {
        let strict = ["--", "-D", "warnings"];
        let with = |arguments: &[&'static str]| {
            [
                ["clippy", "--profile", PROFILE].as_slice(),
                arguments,
                strict.as_slice(),
            ]
            .concat()
        };
        self.check(
            "lints: all",
            &with(&["--workspace", "--all-targets", "--features", "ssr,sandbox"]),
        )?;
        self.check(
            "lints: deploy",
            &with(&[
                "--package",
                "latchkey",
                "--lib",
                "--bins",
                "--features",
                "ssr",
            ]),
        )?;
        let target = "wasm32-unknown-unknown";
        self.check(
            "lints: browser",
            &with(&[
                "--package",
                "latchkey",
                "--lib",
                "--features",
                "hydrate",
                "--target",
                target,
            ]),
        )
    }

    fn checks(&mut self) -> Result<()> {
        let Self {
            workspace,
            ready,
            report,
        } = self;
        let mut has_advisories = false;
        report.counted("dependencies and spelling", || {
            let outcome = checks::run(workspace, &ready.tools)?;
            has_advisories = outcome.has_advisories;
            Ok(outcome.passed)
        })?;
        if !has_advisories {
            report.not_run("advisories", "their database cannot be fetched");
        }
        Ok(())
    }

    fn unit(&mut self) -> Result<()> {
        let features = ["--features", "ssr,sandbox"];
        let tools = &self.ready.tools;
        let mut tests = tools.command("cargo");
        let runner = if tools.find("cargo-nextest").is_some() {
            tests.args(["nextest", "run", "--cargo-profile", PROFILE]);
            tests.args(["--retries", RETRIES]);
            Runner::Nextest
        } else {
            // On after a failing binary, so that the summary speaks of all.
            tests.args(["test", "--profile", PROFILE, "--no-fail-fast"]);
            tests.args(["--lib", "--bins", "--tests"]);
            Runner::Libtest
        };
        tests.arg("--workspace").args(features);
        let valkey = tools.find("valkey-server").map(|_| {
            let mut valkey = tools.command("cargo");
            valkey
                .args(["test", "--profile", PROFILE, "--package", "latchkey"])
                .args(["--test", "store"])
                .args(features);
            valkey.env("LATCHKEY_TEST_REDIS", "valkey-server");
            valkey
        });
        self.suite("unit tests", runner, tests)?;
        if let Some(valkey) = valkey {
            self.suite("store on Valkey", Runner::Libtest, valkey)?;
        }
        Ok(())
    }

    fn build(&mut self) -> Result<()> {
        let Self {
            workspace,
            ready,
            report,
        } = self;
        report.timed("build", || crate::build::tested(workspace, &ready.tools))?;
        report.timed("byte budgets", || bytes::check(&workspace.release_site()))
    }

    fn attack(&mut self) -> Result<()> {
        let server = self.server()?;
        let mut attacks = crate::attack::against(&server, &self.ready.tools);
        attacks.arg("--short");
        self.suite("attacks", Runner::Attack, attacks)
    }

    fn browser(&mut self) -> Result<()> {
        let server = self.server()?;
        let end2end = self.workspace.end2end();
        let mut types = self.ready.tools.command("tsc");
        types.current_dir(&end2end).arg("--noEmit");
        self.report
            .timed("browser: types", || tools::run(&mut types))?;
        let mut playwright = self.ready.tools.command("playwright");
        playwright
            .current_dir(&end2end)
            .args(["test", "--retries", RETRIES])
            .env("LATCHKEY_BIN", server);
        if let Some(chromium) = &self.ready.chromium {
            playwright.env(setup::CHROMIUM_VARIABLE, chromium);
        }
        self.suite("browser tests", Runner::Playwright, playwright)
    }

    fn watch(&mut self) -> Result<()> {
        let Self {
            workspace,
            ready,
            report,
        } = self;
        report.counted("watch", || watch::check(workspace, &ready.tools))
    }

    /// The command as a developer types it, which builds in development; of the tests those without
    /// a browser, and a sign-in with one.
    fn end_to_end(&mut self) -> Result<()> {
        let mut leptos = self.ready.tools.command("cargo-leptos");
        leptos
            .args(["leptos", "end-to-end"])
            .env("LEPTOS_END2END_CMD", SHORT_END_TO_END);
        let [application, operations, sandbox] = watch::free_ports()?;
        // Of the server that cargo-leptos starts; those of the tests have ports of their own.
        leptos.env("LEPTOS_SITE_ADDR", format!("127.0.0.1:{application}"));
        for (name, port) in [
            ("SERVER", application),
            ("OPERATIONS", operations),
            ("SANDBOX", sandbox),
        ] {
            leptos.env(
                format!("LATCHKEY_{name}__ADDRESS"),
                format!("127.0.0.1:{port}"),
            );
        }
        let store = self
            .workspace
            .target()
            .join("end-to-end")
            .join("latchkey.redb");
        leptos.env("LATCHKEY_STORE__URL", format!("redb:{}", store.display()));
        if let Some(chromium) = &self.ready.chromium {
            leptos.env(setup::CHROMIUM_VARIABLE, chromium);
        }
        self.suite("end to end: development", Runner::Playwright, leptos)
    }

    /// The server of the last step `build`.
    fn server(&self) -> Result<PathBuf> {
        let server = self.workspace.tested_server();
        ensure!(
            server.is_file(),
            "there is no {}: run `cargo xtask test --only build` first",
            server.display()
        );
        Ok(server)
    }

    /// A call of cargo that passes or does not.
    fn check(&mut self, name: &'static str, arguments: &[&str]) -> Result<()> {
        let mut command = self.ready.tools.command("cargo");
        self.report
            .timed(name, || tools::run(command.args(arguments)))
    }

    /// A call of a test runner, whose own last lines are kept for the report.
    fn suite(&mut self, name: &'static str, runner: Runner, mut command: Command) -> Result<()> {
        if ui::colour() {
            command
                .env("CARGO_TERM_COLOR", "always")
                .env("FORCE_COLOR", "1");
        }
        let mut lines = Vec::new();
        let outcome = self.report.timed(name, || {
            let (status, said) = stream::run(&mut command)?;
            lines = said;
            status
                .then_some(())
                .with_context(|| format!("`{}` failed", tools::shown(&command)))
        });
        self.report.suite(runner, &lines);
        outcome
    }
}
