//! Updates the data about phone numbers, and says which ranges of numbers changed.
//!
//! The data is Google's libphonenumber's. It comes with the package `rlibphonenumber`, which
//! follows the releases of libphonenumber within days. `phone_data/ranges.txt` lists the ranges of
//! the data in use, so that a change of a package's version shows what it changes for people: which
//! numbers are accepted, and which are premium-rate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;

mod metadata;

const PACKAGE: &str = "rlibphonenumber";
const RANGES: &str = "crates/xtask/src/phone_data/ranges.txt";
/// What stands before the release of libphonenumber in the package's README and in the list.
const RELEASE_IN_README: &str = "**Used metadata version:** `v";
const RELEASE_IN_LIST: &str = "libphonenumber ";
const REPOSITORY: &str = "https://github.com/google/libphonenumber";
/// How many releases of libphonenumber the data may be behind.
const MAX_BEHIND: u32 = 1;

/// The data of one release of libphonenumber.
#[derive(Debug, PartialEq, Eq)]
struct PhoneData {
    /// Such as `9.0.42`.
    release: String,
    /// Lengths and pattern of the national numbers, by region and type.
    ranges: BTreeMap<String, String>,
}

/// Updates the package and the list, says what changed, and fails if a newer release of
/// libphonenumber has been out for longer than one release.
pub fn phone_data(workspace: &Workspace) -> Result<()> {
    let tools = Tools::new(workspace)?;
    tools::run(
        tools
            .command("cargo")
            .args(["update", "--package", PACKAGE]),
    )?;
    let list = workspace.root().join(RANGES);
    let (listed, locked) = (PhoneData::listed(&list)?, PhoneData::locked(workspace)?);
    for line in locked.changes_since(&listed) {
        ui::plain(&line);
    }
    fs::write(&list, locked.to_list()).with_context(|| format!("cannot write {RANGES}"))?;
    ui::say(&format!(
        "the data is that of libphonenumber {}; it was {}",
        locked.release, listed.release
    ));
    match newest_release(&tools) {
        Ok(newest) => {
            let behind = releases_between(&locked.release, &newest)?;
            ui::say(&format!(
                "the newest release is {newest}, {behind} after that"
            ));
            ensure!(
                behind <= MAX_BEHIND,
                "{PACKAGE} has no release with newer data yet; ask for one where it is developed"
            );
        }
        Err(error) => ui::say(&format!(
            "whether libphonenumber has a newer release was not checked: {error}"
        )),
    }
    Ok(())
}

impl PhoneData {
    /// The data of the package in `Cargo.lock`.
    fn locked(workspace: &Workspace) -> Result<Self> {
        let folder = package_folder(workspace)?;
        let readme = read_text(&folder.join("Readme.md"))?;
        let release = readme
            .split_once(RELEASE_IN_README)
            .and_then(|(_, rest)| rest.split_once('`'))
            .map(|(release, _)| release.to_owned());
        let release = release.context("the package does not say which data it has")?;
        let file = folder.join("src/generated/metadata/metadata.bin");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let ranges = metadata::ranges(&bytes).context("the package's data cannot be read")?;
        Ok(Self { release, ranges })
    }

    /// The data in the list.
    fn listed(list: &Path) -> Result<Self> {
        Self::from_list(&read_text(list)?)
    }

    fn from_list(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let release = lines
            .next()
            .and_then(|line| line.strip_prefix(RELEASE_IN_LIST))
            .with_context(|| format!("{RANGES} begins with no release"))?;
        let ranges = lines.map(|line| {
            let (range, numbers) = line
                .split_once(": ")
                .with_context(|| format!("{RANGES} has a line without a range"))?;
            Ok((range.to_owned(), numbers.to_owned()))
        });
        Ok(Self {
            release: release.to_owned(),
            ranges: ranges.collect::<Result<_>>()?,
        })
    }

    fn to_list(&self) -> String {
        let lines = self
            .ranges
            .iter()
            .map(|(range, numbers)| format!("{range}: {numbers}\n"));
        format!(
            "{RELEASE_IN_LIST}{}\n{}",
            self.release,
            lines.collect::<String>()
        )
    }

    /// One line for each range that is new, gone or different.
    fn changes_since(&self, old: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.ranges.keys().chain(old.ranges.keys()).collect();
        let change = |name: &String| match (old.ranges.get(name), self.ranges.get(name)) {
            (Some(old), Some(new)) if old != new => {
                Some(format!("{name} changed\n  from {old}\n  to   {new}"))
            }
            (Some(old), None) => Some(format!("{name} is gone: {old}")),
            (None, Some(new)) => Some(format!("{name} is new: {new}")),
            _ => None,
        };
        names.into_iter().filter_map(change).collect()
    }
}

/// Where cargo keeps the sources of the locked package.
fn package_folder(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = Tools::new(workspace)?.command("cargo");
    // `cargo tree` needs no parser of JSON, and downloads what is missing.
    let tree = tools::output(cargo.args([
        "tree",
        "--locked",
        "--package",
        PACKAGE,
        "--depth",
        "0",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let version = tree
        .split_whitespace()
        .nth(1)
        .with_context(|| format!("{PACKAGE} is not in Cargo.lock"))?;
    let name = format!("{PACKAGE}-{}", version.trim_start_matches('v'));
    let sources = tools::cargo_home()
        .context("there is no home of cargo")?
        .join("registry/src");
    let registries =
        fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))?;
    for registry in registries {
        let folder = registry?.path().join(&name);
        if folder.is_dir() {
            return Ok(folder);
        }
    }
    bail!("the sources of {name} are not there; `cargo fetch` downloads them")
}

/// The newest tag of libphonenumber.
fn newest_release(tools: &Tools) -> Result<String> {
    let mut git = tools.command("git");
    git.env("GIT_TERMINAL_PROMPT", "0");
    let tags = tools::output(git.args(["ls-remote", "--tags", "--refs", REPOSITORY]))?;
    let newest = tags
        .lines()
        .filter_map(|line| line.rsplit_once("refs/tags/v"))
        .filter_map(|(_, release)| Some((parse_release(release)?, release)))
        .max();
    newest
        .map(|(_, release)| release.to_owned())
        .context("it has no tags")
}

/// Major, minor and patch; none for a tag of another form.
fn parse_release(release: &str) -> Option<[u32; 3]> {
    let numbers: Vec<u32> = release
        .split('.')
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// How many releases lie between two, as far as their numbers say.
fn releases_between(old: &str, new: &str) -> Result<u32> {
    let parse = |text: &str| parse_release(text).with_context(|| format!("`{text}` is no release"));
    let ([old_major, old_minor, old_patch], [major, minor, patch]) = (parse(old)?, parse(new)?);
    if (old_major, old_minor) == (major, minor) {
        return Ok(patch.saturating_sub(old_patch));
    }
    // The last patch of the old line is unknown. The first release of a new line is one later.
    Ok(u32::from((major, minor) > (old_major, old_minor)) * (patch + 1))
}

fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(release: &str, ranges: &[(&str, &str)]) -> PhoneData {
        let ranges = ranges
            .iter()
            .map(|(name, numbers)| ((*name).to_owned(), (*numbers).to_owned()));
        PhoneData {
            release: release.to_owned(),
            ranges: ranges.collect(),
        }
    }

    #[test]
    fn the_list_of_phone_ranges_is_that_of_the_locked_package() {
        let workspace = Workspace::locate().unwrap();
        let listed = PhoneData::listed(&workspace.root().join(RANGES)).unwrap();
        let locked = PhoneData::locked(&workspace).unwrap();
        let changes = locked.changes_since(&listed);
        assert!(
            listed == locked,
            "the phone data changed from libphonenumber {} to {}: read what follows, then run \
             `cargo xtask phone-data` and commit {RANGES}\n{}",
            listed.release,
            locked.release,
            changes.join("\n")
        );
        let text = read_text(&workspace.root().join(RANGES)).unwrap();
        assert_eq!(text, locked.to_list());
    }

    #[test]
    fn the_ranges_of_known_countries_are_read_from_the_package() {
        let locked = PhoneData::locked(&Workspace::locate().unwrap()).unwrap();
        assert!(locked.ranges.len() > 1000, "{}", locked.ranges.len());
        for (range, part) in [
            ("GB mobile", "7"),
            ("US fixed_line", "[2-9]"),
            ("DE premium_rate", "900"),
            ("001-800 any", "8 digits, "),
        ] {
            let numbers = locked.ranges.get(range).unwrap();
            assert!(numbers.contains(part), "{range}: {numbers}");
        }
        assert!(locked.ranges["GB mobile"].starts_with("10 digits, "));
        assert!(!locked.ranges.contains_key("GB voicemail"));
    }

    #[test]
    fn changes_name_the_ranges_that_are_new_gone_or_different() {
        let old = data(
            "9.0.41",
            &[
                ("AA mobile", "7 digits, 2"),
                ("BB pager", "7 digits, 3"),
                ("CC uan", "8"),
            ],
        );
        let new = data(
            "9.0.42",
            &[
                ("AA mobile", "7 digits, [23]"),
                ("CC uan", "8"),
                ("DD voip", "5"),
            ],
        );
        assert_eq!(
            new.changes_since(&old),
            [
                "AA mobile changed\n  from 7 digits, 2\n  to   7 digits, [23]",
                "BB pager is gone: 7 digits, 3",
                "DD voip is new: 5",
            ]
        );
        assert_eq!(new.changes_since(&new), Vec::<String>::new());
        assert_eq!(PhoneData::from_list(&new.to_list()).unwrap(), new);
    }

    #[test]
    fn releases_are_counted_by_their_numbers() {
        for (old, new, between) in [
            ("9.0.42", "9.0.42", 0),
            ("9.0.42", "9.0.43", 1),
            ("9.0.9", "9.0.12", 3),
            ("9.0.43", "9.0.42", 0),
            ("9.0.43", "9.1.0", 1),
            ("9.0.43", "10.0.2", 3),
        ] {
            assert_eq!(releases_between(old, new).unwrap(), between, "{old} {new}");
        }
        for text in ["", "9.0", "9.0.1.2", "9.x.1", "v9.0.1"] {
            assert_eq!(parse_release(text), None, "{text}");
        }
    }
}
