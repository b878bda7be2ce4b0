//! Programs that belong to the operating system.

use std::fs;

use anyhow::{Context, Result};

use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};

/// What a program's package is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    name: &'static str,
    debian: &'static [&'static str],
    brew: &'static str,
}

/// Its name for people, its packages on Debian, and that of Homebrew and others.
const fn package(
    name: &'static str,
    debian: &'static [&'static str],
    brew: &'static str,
) -> Package {
    Package { name, debian, brew }
}

impl Package {
    pub const NODE: Self = package("Node.js", &["nodejs", "npm"], "node");
    pub const REDIS: Self = package("Redis", &["redis-server"], "redis");
    pub const NGINX: Self = package("nginx", &["nginx"], "nginx");
    pub const CADDY: Self = package("Caddy", &["caddy"], "caddy");
    /// For the example that verifies JWTs in PHP.
    pub const PHP: Self = package("PHP", &["php-cli"], "php");
    /// For `promtool`, which tests the alert rules.
    pub const PROMETHEUS: Self = package("Prometheus", &["prometheus"], "prometheus");
    pub const OPENSSL: Self = package("OpenSSL", &["openssl"], "openssl");
    pub const PIP: Self = package("pip", &["python3-pip"], "python");
    pub const FIREFOX: Self = package("Firefox", &["firefox-esr"], "firefox");
    /// With its WebDriver and the program that that starts.
    pub const WEBKIT: Self = package("WebKitGTK", &["webkit2gtk-driver"], "webkitgtk");
    pub const XVFB: Self = package("Xvfb", &["xvfb"], "xorg-server");
    /// With a font, without which a page has no text.
    pub const CHROMIUM: Self = package("Chromium", &["chromium", "fonts-liberation"], "chromium");
}

/// Where packages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Debian,
    /// Ubuntu and others with Debian's tools. Their `chromium` may be a pointer to a snap, which is
    /// no use in a container.
    DebianLike,
    Brew,
    Other,
}

impl System {
    fn of(tools: &Tools) -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        match (id_in(&release), tools.find("apt-get")) {
            _ if cfg!(target_os = "macos") => Self::Brew,
            (Some("debian"), Some(_)) => Self::Debian,
            (_, Some(_)) => Self::DebianLike,
            _ => Self::Other,
        }
    }

    fn has(self, package: Package) -> bool {
        matches!(self, Self::Debian | Self::Brew) || package != Package::CHROMIUM
    }

    /// One line for a shell. A browser that the system does not have, Playwright can fetch.
    fn by_hand(self, missing: &[Package]) -> String {
        let (packages, browser): (Vec<Package>, Vec<Package>) =
            missing.iter().partition(|package| self.has(**package));
        let debian = packages
            .iter()
            .flat_map(|package| package.debian)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let brew = packages
            .iter()
            .map(|package| package.brew)
            .collect::<Vec<_>>()
            .join(" ");
        let install = match self {
            Self::Debian | Self::DebianLike => {
                format!(
                    "sudo apt-get update && \
                     sudo apt-get install -y --no-install-recommends {debian}"
                )
            }
            Self::Brew => format!("brew install {brew}"),
            Self::Other => format!("YOUR-PACKAGE-MANAGER install {brew}"),
        };
        let fetch = "(cd end2end && npx playwright install --with-deps chromium)".to_owned();
        let commands = [
            (!packages.is_empty()).then_some(install),
            (!browser.is_empty()).then_some(fetch),
        ];
        commands
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" && ")
    }
}

/// Installs what it may, and gives the one command with which the developer does the rest.
pub fn install(
    tools: &Tools,
    missing: &[Package],
    installed: &mut Vec<String>,
) -> Result<Option<String>> {
    if missing.is_empty() {
        return Ok(None);
    }
    let system = System::of(tools);
    let may = system != System::Brew && tools.find("apt-get").is_some() && is_root(tools);
    let (ours, yours): (Vec<Package>, Vec<Package>) = missing
        .iter()
        .partition(|package| may && system.has(**package));
    if !ours.is_empty() {
        apt_get(tools, &ours)?;
        installed.extend(ours.iter().map(|package| package.name.to_owned()));
    }
    Ok((!yours.is_empty()).then(|| system.by_hand(&yours)))
}

/// The command that installs this one.
pub fn command_for(tools: &Tools, package: Package) -> String {
    System::of(tools).by_hand(&[package])
}

fn apt_get(tools: &Tools, packages: &[Package]) -> Result<()> {
    let watch = Stopwatch::start();
    let names: Vec<_> = packages
        .iter()
        .flat_map(|package| package.debian)
        .copied()
        .collect();
    ui::say(&format!(
        "{}: installing with apt-get, about a minute, once",
        names.join(" ")
    ));
    let get = |arguments: &[&str]| {
        tools::run(
            tools
                .command("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .arg("-qq")
                .args(arguments),
        )
    };
    let install = || {
        get(&[
            ["install", "-y", "--no-install-recommends"].as_slice(),
            names.as_slice(),
        ]
        .concat())
    };
    // The lists of a fresh image are empty, those of an old one name packages that are gone.
    if !has_lists() || install().is_err() {
        get(&["update"])?;
        install().context("apt-get could not install what is missing")?;
    }
    ui::say(&format!(
        "{}: done in {}",
        names.join(" "),
        words(watch.elapsed())
    ));
    Ok(())
}

fn is_root(tools: &Tools) -> bool {
    tools::output(tools.command("id").arg("-u")).is_ok_and(|id| id == "0")
}

fn has_lists() -> bool {
    let packages = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().contains("_Packages");
    fs::read_dir("/var/lib/apt/lists")
        .is_ok_and(|entries| entries.flatten().any(|entry| packages(&entry)))
}

fn id_in(release: &str) -> Option<&str> {
    release
        .lines()
        .find_map(|line| line.strip_prefix("ID="))
        .map(|id| id.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_what_it_is() {
        assert_eq!(
            id_in("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n"),
            Some("debian")
        );
        assert_eq!(id_in("ID=\"opensuse-leap\""), Some("opensuse-leap"));
        assert_eq!(id_in("NAME=Nothing"), None);
    }

    #[test]
    fn one_command_names_all_that_is_missing() {
        let missing = [Package::REDIS, Package::CHROMIUM];
        assert_eq!(
            System::Debian.by_hand(&missing),
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends \
             redis-server chromium fonts-liberation"
        );
        assert_eq!(
            System::Brew.by_hand(&missing),
            "brew install redis chromium"
        );
        assert_eq!(System::Brew.by_hand(&[Package::NODE]), "brew install node");
    }

    #[test]
    fn where_the_browser_is_no_package_playwright_fetches_it() {
        let fetch = "(cd end2end && npx playwright install --with-deps chromium)";
        assert_eq!(System::DebianLike.by_hand(&[Package::CHROMIUM]), fetch);
        let both = System::Other.by_hand(&[Package::REDIS, Package::CHROMIUM]);
        assert_eq!(
            both,
            format!("YOUR-PACKAGE-MANAGER install redis && {fetch}")
        );
    }
}
