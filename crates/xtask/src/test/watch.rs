//! Runs `cargo leptos watch`, edits one file of each kind that ends up in the program, and waits
//! until it is served. The edits are undone in any case.

mod edit;
mod served;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::project::Project;
use crate::tools::Tools;
use crate::ui::{self, Stopwatch, words};
use crate::workspace::Workspace;
use edit::{Edit, Edited};
use served::{Reload, Site};

pub use served::free_ports;

/// Longest time until the first page: all may have to be compiled.
const FIRST_PAGE: Duration = Duration::from_secs(20 * 60);
/// Longest time for a clean stop.
const STOP: Duration = Duration::from_secs(20);
/// Longest time until cargo-leptos notices edits.
const WATCHING: Duration = Duration::from_secs(120);
/// How long one edit may take to be noticed, before the next one is tried.
const NOTICED: Duration = Duration::from_secs(3);
/// How many times longer than its goal an edit may take here: the machine may be busy.
const TOLERANCE: u32 = 3;
const POLLED_EVERY: Duration = Duration::from_millis(50);
/// Nothing that anybody would write, and a name in every language of ours.
const MARK: &str = "edited-by-xtask-test";

/// Gives how many edits were seen. Fails when one is not served in time, or browsers are not told.
pub fn check(workspace: &Workspace, tools: &Tools) -> Result<usize> {
    let folder = workspace.target().join("watch");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // A run that was killed could not do so itself.
    edit::take_back_leftovers(workspace.root(), &folder)?;
    let project = Project::read(workspace.root())?;
    let site = Site::new(free_ports()?);
    let edits = edits(workspace, &project, &site)?;
    let log = folder.join("output.log");
    let mut watch = Watch::start(tools, &site, &log)?;
    let untouched = root_file(workspace, &project)?;
    let outcome = watch
        .until_served(&site)
        .and_then(|()| watch.until_watching(&site, &untouched))
        .and_then(|()| {
            edits
                .iter()
                .try_for_each(|edit| perform(workspace, edit, &site, &mut watch))
        });
    watch.stop();
    outcome.with_context(|| format!("{} has what cargo-leptos said", log.display()))?;
    Ok(edits.len())
}

/// A file that browsers see as it is.
fn root_file(workspace: &Workspace, project: &Project) -> Result<PathBuf> {
    let folder = workspace.root().join(project.assets_dir()?);
    Ok(folder.join("robots.txt"))
}

/// One of each kind, with the time in which it should be in the browser, in seconds.
fn edits(workspace: &Workspace, project: &Project, site: &Site) -> Result<Vec<Edit>> {
    let root = workspace.root();
    let [application, operations, sandbox] = [site.application, site.operations, site.sandbox];
    let page = |path: &str| (application, path.to_owned());
    let css_rule = format!("\n.{MARK} {{ color: red }}\n");
    let sheet = root.join(project.style_file()?).with_file_name("base.css");
    let stylesheet = format!("/{}/{}.css", project.pkg_dir()?, project.output_name()?);
    Ok(vec![
        Edit::new("a text", edit::find(root, "en.ftl", "\nskip = ")?, 5)
            .replacing("\nskip = ", &format!("\nskip = {MARK} "))
            .seen_at(page("/sign-in"), Reload::Page),
        Edit::new("the style sheet", sheet, 2)
            .appending(&css_rule)
            .seen_at((application, stylesheet), Reload::Style),
        Edit::new("a file of public/", root_file(workspace, project)?, 5)
            .appending(&format!("# {MARK}\n"))
            .seen_at(page("/robots.txt"), Reload::Page),
        Edit::new("the phone's style", edit::find(root, "phone.css", "")?, 5)
            .appending(&css_rule)
            .seen_at((sandbox, "/phone/phone.css".to_owned()), Reload::Page),
        Edit::new("the phone's script", edit::find(root, "phone.js", "")?, 5)
            .appending(&format!("// {MARK}\n"))
            .seen_at((sandbox, "/phone/phone.js".to_owned()), Reload::Page),
        Edit::new(
            "the phone's page",
            edit::find(root, "page.html", "</body>")?,
            5,
        )
        .replacing("</body>", &format!("<!-- {MARK} --></body>"))
        .seen_at((sandbox, "/".to_owned()), Reload::Page),
        Edit::new(
            "the dashboard's style",
            edit::find(root, "dashboard.css", "")?,
            5,
        )
        .appending(&css_rule)
        .seen_at((operations, "/console".to_owned()), Reload::Page),
        Edit::new("a page's Rust", edit::find(root, ".rs", ROBOTS)?, 15)
            .replacing(
                ROBOTS,
                &ROBOTS.replace("noindex", &format!("noindex, {MARK}")),
            )
            .seen_at(page("/sign-in"), Reload::Page),
    ])
}

/// A part of every page, written in the Rust of one file.
const ROBOTS: &str = "<meta name=\"robots\" content=\"noindex\"/>";

/// Makes an edit, waits for it, takes it back, and waits for that, too.
fn perform(workspace: &Workspace, edit: &Edit, site: &Site, watch: &mut Watch) -> Result<()> {
    let mut browser = site.browser()?;
    let clock = Stopwatch::start();
    let edited = Edited::make(edit, &workspace.target().join("watch"))?;
    let patience = edit.within * TOLERANCE;
    let served = watch.wait(patience, || Ok(site.get(&edit.at)?.contains(MARK)));
    served.with_context(|| format!("{} was edited, and not served", edit.what))?;
    let told = watch.wait(patience, || browser.was_told(edit.reload));
    told.with_context(|| {
        format!(
            "{} was edited, and no browser was told to reload",
            edit.what
        )
    })?;
    ui::say(&format!(
        "{}: in the browser after {} (goal: {} s)",
        edit.what,
        words(clock.elapsed()),
        edit.within.as_secs()
    ));
    edited.take_back()?;
    let gone = watch.wait(patience * 2, || Ok(!site.get(&edit.at)?.contains(MARK)));
    gone.with_context(|| format!("{} was as before, and still served as edited", edit.what))
}

/// `cargo leptos watch`.
struct Watch(Child);

impl Watch {
    fn start(tools: &Tools, site: &Site, log: &Path) -> Result<Self> {
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = tools.command("cargo-leptos");
        command
            .args(["leptos", "watch"])
            .envs(site.variables(log))
            .stdin(Stdio::null());
        command.stdout(output.try_clone()?).stderr(output);
        Ok(Self(command.spawn().context("cannot start cargo-leptos")?))
    }

    fn until_served(&mut self, site: &Site) -> Result<()> {
        let clock = Stopwatch::start();
        self.wait(FIRST_PAGE, || {
            Ok(!site
                .get(&(site.application, "/sign-in".to_owned()))?
                .is_empty())
        })
        .context("there was no page")?;
        ui::say(&format!(
            "cargo leptos watch: the first page after {}",
            words(clock.elapsed())
        ));
        Ok(())
    }

    /// Waits until edits are noticed. cargo-leptos starts the server while it still reads the
    /// folders that it will watch, `target` among them; what is edited until then is lost. So a
    /// file is written again as it is until a browser is told.
    fn until_watching(&mut self, site: &Site, file: &Path) -> Result<()> {
        let clock = Stopwatch::start();
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        loop {
            let mut browser = site.browser()?;
            fs::write(file, &content)
                .with_context(|| format!("cannot write {}", file.display()))?;
            let told = self.wait(NOTICED, || browser.was_told(Reload::Page));
            if told.is_ok() {
                break;
            }
            ensure!(
                clock.elapsed() < WATCHING,
                "no edit was noticed for {}",
                words(clock.elapsed())
            );
        }
        ui::say(&format!(
            "cargo leptos watch: notices edits {} after that",
            words(clock.elapsed())
        ));
        Ok(())
    }

    /// Waits for something to become true. An answer that cannot be had is none yet: the server
    /// restarts.
    fn wait(
        &mut self,
        patience: Duration,
        mut is_true: impl FnMut() -> Result<bool>,
    ) -> Result<()> {
        let clock = Stopwatch::start();
        loop {
            if let Some(status) = self.0.try_wait()? {
                bail!("cargo leptos watch ended ({status})");
            }
            if is_true().unwrap_or(false) {
                return Ok(());
            }
            ensure!(
                clock.elapsed() < patience,
                "waited {}",
                words(clock.elapsed())
            );
            thread::sleep(POLLED_EVERY);
        }
    }

    /// As Ctrl-C does, so that cargo-leptos stops the server, too.
    fn stop(&mut self) {
        let interrupted = Command::new("kill")
            .args(["-INT", &self.0.id().to_string()])
            .status();
        let clock = Stopwatch::start();
        while interrupted.is_ok() && clock.elapsed() < STOP {
            if self.0.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(POLLED_EVERY);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.0.try_wait().is_ok_and(|status| status.is_none()) {
            self.stop();
        }
    }
}
