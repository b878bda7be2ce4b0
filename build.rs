//! Embeds the built front end into optimised builds, and into every build for which a variable
//! names its folder. Development builds read it from disk, where it changes while the server runs;
//! `cfg(development)` tells the code which of the two it is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where cargo-leptos and `cargo xtask` put the front end: `site-root` in Cargo.toml.
const SITE: &str = "target/site";
/// Names another folder, relative to this package, and embeds it whatever the profile is.
const SITE_VARIABLE: &str = "LATCHKEY_SITE";

fn main() -> io::Result<()> {
    println!("cargo:rustc-check-cfg=cfg(development)");
    println!("cargo:rerun-if-env-changed={SITE_VARIABLE}");
    println!("cargo:rerun-if-changed=build.rs");
    // "release" for every profile that inherits from it.
    if variable("PROFILE") != "release" && variable(SITE_VARIABLE).is_empty() {
        println!("cargo:rustc-cfg=development");
        return Ok(());
    }
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return Ok(());
    }
    let named = env::var_os(SITE_VARIABLE).map_or_else(|| PathBuf::from(SITE), PathBuf::from);
    let site = Path::new(&variable("CARGO_MANIFEST_DIR")).join(named);
    // A folder that does not exist cannot be watched for files to come.
    fs::create_dir_all(&site)?;
    println!("cargo:rerun-if-changed={}", site.display());
    let mut files = Vec::new();
    collect(&site, "", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        let _ = writeln!(table, "    ({name:?}, include_bytes!({path:?})),");
    }
    table.push_str("]\n");
    fs::write(Path::new(&variable("OUT_DIR")).join("assets.rs"), table)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// All files that a browser may ask for, by name and path.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if !name.ends_with(".d.ts") {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}
