//! Checks what is there and installs what is missing, at pinned versions.
//!
//! Rust tools come from cargo, and the tools of the browser tests from npm. Neither needs special
//! rights. Programs of the operating system are installed only as root on Debian; elsewhere one
//! command is printed for them.

mod browser;
mod cargo;
mod npm;
pub mod python;
mod system;
mod wasm_opt;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};
use crate::workspace::Workspace;
use system::Package;

pub use browser::VARIABLE as CHROMIUM_VARIABLE;

/// What a task cannot do without.
#[derive(Clone, Copy)]
pub struct Needs {
    /// `rustfmt` and `clippy`.
    pub lints: bool,
    /// The compiler's target for browsers.
    pub wasm_target: bool,
    /// wasm-opt and others from npm, which make what browsers fetch small.
    pub optimisers: bool,
    /// cargo-leptos, and the wasm-bindgen that it calls.
    pub leptos: bool,
    /// Playwright and a Chromium.
    pub browser: bool,
    /// A Redis server for the tests of the store, and of two nodes in front of it.
    pub redis: bool,
    /// The proxies of `deploy/`, what makes their certificates, and what runs
    /// `examples/verify-jwt`.
    pub proxies: bool,
    /// Firefox and WebKit, and a display for the latter.
    pub engines: bool,
    /// pip, which installs the checks of dependencies and spelling, and Traefik.
    pub pip: bool,
}

impl Needs {
    pub const NOTHING: Self = Self {
        lints: false,
        wasm_target: false,
        optimisers: false,
        leptos: false,
        browser: false,
        redis: false,
        proxies: false,
        engines: false,
        pip: false,
    };
    pub const LINTS: Self = Self {
        lints: true,
        wasm_target: true,
        ..Self::NOTHING
    };
    pub const CHECKS: Self = Self {
        pip: true,
        ..Self::NOTHING
    };
    pub const UNIT: Self = Self {
        redis: true,
        ..Self::NOTHING
    };
    /// For the development build: no Node.js, no tool that has to be installed.
    pub const RUN: Self = Self {
        wasm_target: true,
        ..Self::NOTHING
    };
    pub const BUILD: Self = Self {
        optimisers: true,
        ..Self::RUN
    };
    pub const BROWSER: Self = Self {
        browser: true,
        redis: true,
        proxies: true,
        pip: true,
        ..Self::BUILD
    };
    /// A browser for one build alone, without proxies and Redis.
    pub const LIGHTHOUSE: Self = Self {
        browser: true,
        ..Self::BUILD
    };
    pub const ENGINES: Self = Self {
        engines: true,
        ..Self::BUILD
    };
    pub const WATCH: Self = Self {
        leptos: true,
        ..Self::RUN
    };
    pub const END_TO_END: Self = Self {
        leptos: true,
        ..Self::BROWSER
    };
    pub const EVERYTHING: Self = Self {
        lints: true,
        ..Self::END_TO_END
    };

    fn node(self) -> bool {
        self.optimisers || self.browser
    }
}

/// A machine on which everything that was needed is there.
pub struct Ready {
    pub tools: Tools,
    /// The browser for Playwright; `None` when none was needed, or Playwright brings its own.
    pub chromium: Option<PathBuf>,
}

/// Makes the machine ready. Quick and one line long when it already is.
pub fn ensure(workspace: &Workspace, needs: Needs) -> Result<Ready> {
    let watch = Stopwatch::start();
    let tools = Tools::new(workspace)?;
    let mut installed = Vec::new();

    let missing = missing_packages(&tools, needs)?;
    let left_to_you = system::install(&tools, &missing, &mut installed)?;
    if let Some(command) = &left_to_you {
        ui::say(&format!(
            "this machine also needs, from you (checked again at the end): {command}"
        ));
    }
    cargo::components(&tools, needs, &mut installed)?;
    if needs.node() && tools.find("npm").is_some() {
        npm::node(workspace, &tools, &mut installed)?;
        npm::packages(workspace, &tools, &mut installed)?;
    }
    if needs.proxies
        && pip_version(&tools).is_some()
        && python::install(workspace, &tools, python::TEST_TOOLS)?
    {
        installed.push("Traefik and PyJWT".to_owned());
    }
    let chromium = if needs.browser {
        browser::find(&tools)?
    } else {
        None
    };
    if needs.leptos {
        cargo::leptos_tools(workspace, &tools, &mut installed)?;
    }
    if needs.leptos && needs.optimisers {
        wasm_opt::install(&tools, &mut installed)?;
    }
    if let Some(command) = left_to_you
        && !missing_packages(&tools, needs)?.is_empty()
    {
        bail!(
            "something is missing that only you can install. \
             Please run this, then start again:\n\n    {command}\n"
        );
    }

    let done = if installed.is_empty() {
        "everything is there".to_owned()
    } else {
        format!("installed {}", installed.join(", "))
    };
    ui::say(&format!("set-up: {done} ({})", words(watch.elapsed())));
    Ok(Ready { tools, chromium })
}

/// Installs what makes a site of the documentation.
pub fn book(workspace: &Workspace, tools: &Tools) -> Result<()> {
    cargo::book_tool(workspace, tools)
}

/// One thing that some command needs.
pub struct Finding {
    pub what: &'static str,
    /// What is there, or what is wrong with it.
    pub found: String,
    pub needed_for: &'static str,
    /// The command that mends it; `None` when nothing is missing.
    pub mend: Option<String>,
}

/// What needs a thing: [`Finding::needed_for`].
pub const RUN: &str = "`cargo xtask run`";
const RELEASE: &str = "optimised builds";
const LEPTOS: &str = "`cargo leptos`";
const TESTS: &str = "`cargo xtask test`";
const SETUP: &str = "cargo xtask setup";

/// Looks at everything, and changes nothing.
pub fn findings(workspace: &Workspace, tools: &Tools) -> Result<Vec<Finding>> {
    let mut findings = cargo::findings(workspace, tools)?;
    findings.extend(npm::findings(workspace, tools)?);
    findings.push(wasm_opt::finding(tools));
    let mut program = |what, found: Option<String>, package: Package| {
        let mend = found.is_none().then(|| system::command_for(tools, package));
        let found = found.unwrap_or_else(|| "not installed".to_owned());
        findings.push(Finding {
            what,
            found,
            needed_for: TESTS,
            mend,
        });
    };
    let path = |name: &str| tools.find(name).map(|path| path.display().to_string());
    program("Redis", path("redis-server"), Package::REDIS);
    program("nginx", path("nginx"), Package::NGINX);
    program("Caddy", path("caddy"), Package::CADDY);
    program("Prometheus", path("promtool"), Package::PROMETHEUS);
    program("OpenSSL", path("openssl"), Package::OPENSSL);
    let pip = pip_version(tools);
    program("pip", pip, Package::PIP);
    program("PHP", path("php"), Package::PHP);
    let chromium = match browser::find(tools)? {
        Some(path) => Some(path.display().to_string()),
        None => browser::is_there(tools)?.then(|| "the one that Playwright fetched".to_owned()),
    };
    program("Chromium", chromium, Package::CHROMIUM);
    Ok(findings)
}

/// `None` without Python or pip.
fn pip_version(tools: &Tools) -> Option<String> {
    let said = tools::output(tools.command("python3").args(["-m", "pip", "--version"])).ok()?;
    tools::version_in(&said).map(str::to_owned)
}

/// What the operating system lacks of it.
fn missing_packages(tools: &Tools, needs: Needs) -> Result<Vec<Package>> {
    let mut missing = Vec::new();
    if needs.node() && (tools.find("node").is_none() || tools.find("npm").is_none()) {
        missing.push(Package::NODE);
    }
    if needs.redis && tools.find("redis-server").is_none() {
        missing.push(Package::REDIS);
    }
    let engines = [
        ("firefox-esr", Package::FIREFOX),
        ("WebKitWebDriver", Package::WEBKIT),
        ("Xvfb", Package::XVFB),
    ];
    let lacks = |program: &str| needs.engines && tools.find(program).is_none();
    let lacking = engines.into_iter().filter(|(program, _)| lacks(program));
    missing.extend(lacking.map(|(_, package)| package));
    for (program, package) in [
        ("nginx", Package::NGINX),
        ("caddy", Package::CADDY),
        ("promtool", Package::PROMETHEUS),
        ("openssl", Package::OPENSSL),
        ("php", Package::PHP),
    ] {
        if needs.proxies && tools.find(program).is_none() {
            missing.push(package);
        }
    }
    if needs.pip && pip_version(tools).is_none() {
        missing.push(Package::PIP);
    }
    if needs.browser && !browser::is_there(tools)? {
        missing.push(Package::CHROMIUM);
    }
    Ok(missing)
}
