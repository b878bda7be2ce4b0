//! Lists what the binary to deploy is made of: a bill of materials (CycloneDX 1.5), and the notices
//! that the licences of the libraries ask for.
//!
//! `cargo tree` says which packages are linked; procedural macros and build scripts are not among
//! them. Hashes come from Cargo.lock, texts from the sources that cargo has downloaded.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use toml::{Table, Value};

use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;

/// Files whose names begin like this hold the text of a licence, or a notice that goes with it.
const TEXTS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// A package that is linked into the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Linked {
    name: String,
    version: String,
    /// An SPDX expression.
    license: String,
    /// The SHA-256 of its archive; none for packages of this repository.
    checksum: Option<String>,
}

/// Writes `target/inventory/latchkey.cdx.json` and `target/inventory/notices.txt`.
pub fn inventory(workspace: &Workspace) -> Result<()> {
    let tools = Tools::new(workspace)?;
    let tree = tools::output(tools.command("cargo").current_dir(workspace.root()).args([
        "tree",
        "--locked",
        "--package=latchkey",
        "--no-default-features",
        "--features=ssr",
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format={p}\t{l}",
    ]))?;
    let lock = workspace.root().join("Cargo.lock");
    let lock =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let linked = linked(&tree, &checksums(&lock)?)?;
    let folder = workspace.target().join("inventory");
    fs::create_dir_all(&folder)?;
    let registry = tools::cargo_home().context("there is no CARGO_HOME")?;
    for (name, text) in [
        ("latchkey.cdx.json", bill(&linked)),
        ("notices.txt", notices(&linked, &registry)?),
    ] {
        let path = folder.join(name);
        fs::write(&path, text)?;
        ui::say(&format!("{} packages: {}", linked.len(), path.display()));
    }
    Ok(())
}

/// The packages of a tree, each once, in the order of their names.
fn linked(tree: &str, checksums: &BTreeMap<String, String>) -> Result<Vec<Linked>> {
    let mut found = BTreeMap::new();
    for line in tree.lines() {
        let (package, license) = line
            .split_once('\t')
            .context("cargo tree wrote another form")?;
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            bail!("cargo tree wrote another form: {line}");
        };
        let version = version.trim_start_matches('v');
        // A package that occurred before is marked at the end of the line.
        let license = license.trim_end_matches(" (*)").to_owned();
        ensure!(!license.is_empty(), "{name} names no licence");
        let key = format!("{name} {version}");
        let linked = Linked {
            name: name.to_owned(),
            version: version.to_owned(),
            license,
            checksum: checksums.get(&key).cloned(),
        };
        found.insert(key, linked);
    }
    Ok(found.into_values().collect())
}

/// The hashes of Cargo.lock, by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<String, String>> {
    let lock: Table = lock.parse().context("Cargo.lock cannot be understood")?;
    let packages = lock.get("package").and_then(Value::as_array);
    let checksum = |package: &Value| {
        let text = |key| package.get(key)?.as_str();
        let key = format!("{} {}", text("name")?, text("version")?);
        Some((key, text("checksum")?.to_owned()))
    };
    Ok(packages
        .into_iter()
        .flatten()
        .filter_map(checksum)
        .collect())
}

/// The bill of materials. It has no time and no random serial number, so that the same sources make
/// the same bytes.
fn bill(linked: &[Linked]) -> String {
    let (ours, others): (Vec<&Linked>, Vec<&Linked>) = linked
        .iter()
        .partition(|package| package.name == "latchkey");
    let list = |packages: &[&Linked]| {
        let entries: Vec<String> = packages.iter().map(|package| component(package)).collect();
        entries.join(",\n    ")
    };
    format!(
        "{{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.5\",\n  \"version\": 1,\n  \
         \"metadata\": {{ \"component\": {} }},\n  \"components\": [\n    {}\n  ]\n}}\n",
        list(&ours),
        list(&others)
    )
}

fn component(package: &Linked) -> String {
    let Linked {
        name,
        version,
        license,
        checksum,
    } = package;
    let kind = match name.as_str() {
        "latchkey" => "application",
        _ => "library",
    };
    let hash = checksum.as_ref().map(|hash| {
        format!(
            ", \"hashes\": [{{ \"alg\": \"SHA-256\", \"content\": {} }}]",
            json(hash)
        )
    });
    let purl = json(&format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")));
    format!(
        "{{ \"type\": \"{kind}\", \"bom-ref\": {purl}, \"name\": {}, \"version\": {}, \
         \"purl\": {purl}, \"licenses\": [{{ \"expression\": {} }}]{} }}",
        json(name),
        json(version),
        // A slash is cargo's older form of a choice.
        json(
            &license
                .split('/')
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(" OR ")
        ),
        hash.unwrap_or_default()
    )
}

/// A string of JSON.
fn json(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Each text once, with the packages that it belongs to. Many packages share one.
fn notices(linked: &[Linked], cargo_home: &Path) -> Result<String> {
    let mut packages_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for package in linked.iter().filter(|package| package.checksum.is_some()) {
        let title = format!("{} {} ({})", package.name, package.version, package.license);
        let texts = texts(&source(package, cargo_home)?)?;
        if texts.is_empty() {
            without.push(title.clone());
        }
        for text in texts {
            packages_of.entry(text).or_default().push(title.clone());
        }
    }
    let mut out = String::from("The binary contains these libraries.\n");
    if !without.is_empty() {
        let _ = write!(
            out,
            "\nTheir archives hold no text; the licence is the one in parentheses:\n\n  {}\n",
            without.join("\n  ")
        );
    }
    for (text, packages) in packages_of {
        let line = "-".repeat(80);
        let _ = write!(out, "\n{line}\n{}\n{line}\n\n{text}\n", packages.join("\n"));
    }
    Ok(out)
}

/// The folder of a package's sources, which cargo has unpacked to compile it.
fn source(package: &Linked, cargo_home: &Path) -> Result<PathBuf> {
    let registries = cargo_home.join("registry/src");
    let folder = format!("{}-{}", package.name, package.version);
    let found = fs::read_dir(&registries)
        .with_context(|| format!("cannot read {}", registries.display()))?
        .flatten()
        .map(|registry| registry.path().join(&folder))
        .find(|path| path.is_dir());
    found.with_context(|| format!("{folder} is not downloaded: build first (`cargo xtask dist`)"))
}

/// The texts of licences and notices in a folder.
fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|file| file.path())
        .collect();
    names.sort();
    let is_text = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_uppercase();
        path.is_file() && TEXTS.iter().any(|start| name.starts_with(start))
    };
    let mut texts = Vec::new();
    for path in names.into_iter().filter(is_text) {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        texts.push(
            String::from_utf8_lossy(&bytes)
                .replace("\r\n", "\n")
                .trim()
                .to_owned(),
        );
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nchecksum = \"ab12\"\n\
                        [[package]]\nname = \"latchkey\"\nversion = \"0.1.0\"\n";
    const TREE: &str = "latchkey v0.1.0 (/work)\tMIT OR Apache-2.0\n\
                        serde v1.0.1\tMIT/Apache-2.0\nserde v1.0.1\tMIT/Apache-2.0 (*)";

    #[test]
    fn each_linked_package_is_listed_once_with_its_hash() {
        let linked = linked(TREE, &checksums(LOCK).unwrap()).unwrap();
        let names: Vec<&str> = linked.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["latchkey", "serde"]);
        let bill = bill(&linked);
        for part in [
            "\"purl\": \"pkg:cargo/serde@1.0.1\"",
            "\"expression\": \"MIT OR Apache-2.0\" }], \"hashes\": [{ \"alg\": \"SHA-256\"",
            "\"metadata\": { \"component\": { \"type\": \"application\"",
        ] {
            assert!(bill.contains(part), "{part}: {bill}");
        }
        assert_eq!(bill.matches("serde@").count(), 2, "reference and address");
    }

    #[test]
    fn a_package_without_a_licence_or_another_form_is_an_error() {
        assert!(linked("serde v1.0.1\t", &BTreeMap::new()).is_err());
        assert!(linked("serde\tMIT", &BTreeMap::new()).is_err());
        assert!(linked("nothing", &BTreeMap::new()).is_err());
    }

    #[test]
    fn strings_of_json_are_escaped() {
        assert_eq!(json("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
    }
}
