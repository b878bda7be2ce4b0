//! `cargo xtask bench`: sign-ins of Latchkey, better-auth and django-allauth, by the same journeys
//! and the same client. It also starts a benchmark of `benches/`.
//!
//! | module | what it contains |
//! |---|---|
//! | `options` | the command line |
//! | `product` | what a journey needs of a product |
//! | `products`, `latchkey`, `better_auth`, `allauth` | the products, and each of them |
//! | `process`, `sms_receiver`, `http_client` | a server, a provider of SMS, a browser |
//! | `journey`, `measurement` | one journey; many of them, and what they cost |
//! | `machine`, `report`, `charts` | where it was measured; the page; its charts |
//! | `text` | single values of JSON, metrics, HTML |

mod allauth;
mod better_auth;
mod charts;
mod http_client;
mod journey;
mod latchkey;
mod machine;
mod measurement;
mod options;
mod process;
mod product;
mod products;
mod report;
mod sms_receiver;
mod text;

use std::fs;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::build;
use crate::setup::{self, Needs};
use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;
use machine::Machine;
use measurement::measure;
use options::Options;
use product::Setting;

/// Where tables and charts are written, below the folder for builds.
const FOLDER: &str = "bench";
/// Where they are published.
const DOCS: &str = "docs/developers/benchmarks";

/// Compares the products, or starts the benchmark that the first word names.
pub fn bench(workspace: &Workspace, arguments: Arguments) -> Result<()> {
    let words = arguments.all();
    if let Some((name, rest)) = words.split_first()
        && !name.starts_with('-')
    {
        return benchmark(workspace, name, rest);
    }
    let command = format!("cargo xtask bench {}", words.join(" "));
    let options = Options::read(Arguments::new(words))?;
    let server = if let Some(server) = &options.server {
        fs::canonicalize(server)?
    } else {
        let ready = setup::ensure(workspace, Needs::BUILD)?;
        build::release(workspace, &ready.tools)?;
        workspace.server()
    };
    let setting = Setting {
        workspace,
        tools: &Tools::new(workspace)?,
        server,
        data: workspace.target().join(FOLDER).join("data"),
        users: options.users(),
    };
    let machine = Machine::read();
    let (mut profiles, mut left_out) = (Vec::new(), Vec::new());
    for name in &options.products {
        ui::say(&format!("measuring {name}"));
        match measure(name, &setting, &options) {
            Ok(profile) => profiles.push(profile),
            Err(error) => {
                ui::say(&format!("{name} is left out: {error:#}"));
                left_out.push((name.clone(), format!("{error:#}")));
            }
        }
    }
    let folder = if options.docs {
        workspace.root().join(DOCS)
    } else {
        workspace.target().join(FOLDER)
    };
    let page = report::write(&folder, command.trim_end(), &machine, &profiles, &left_out)?;
    ui::plain(&page);
    ui::say(&format!(
        "this page and its charts are in {}",
        folder.display()
    ));
    if profiles.is_empty() {
        bail!("no product could be measured");
    }
    Ok(())
}

/// Runs a benchmark of `benches/` as a release build, whose compiled libraries are used again.
fn benchmark(workspace: &Workspace, name: &str, arguments: &[String]) -> Result<()> {
    let folder = workspace.target().join(FOLDER);
    fs::create_dir_all(&folder)?;
    let mut cargo = Tools::new(workspace)?.command("cargo");
    cargo.args(["bench", "--package", "latchkey", "--bench", name]);
    cargo.args(["--features", "ssr,sandbox", "--profile", "release", "--"]);
    cargo.args(arguments).env("LATCHKEY_BENCH_FOLDER", &folder);
    tools::run(&mut cargo)?;
    ui::plain(&format!(
        "Tables and charts, if it makes any, are in {}.",
        folder.display()
    ));
    Ok(())
}
