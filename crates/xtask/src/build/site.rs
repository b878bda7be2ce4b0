//! The folder that browsers see, made of the compiled islands, the style sheet and `public/`. It is
//! assembled in another folder and then compared: a file that is the same is not written again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::cargo::Cargo;
use super::{make_folder, run_quietly, style};

/// Takes out of the module and its glue what no page needs.
const SHRINK: &str = include_str!("shrink.js");
/// Compresses every file of a folder that is worth it; Node.js has the algorithm on board.
const COMPRESS: &str = include_str!("compress.js");
/// What comes compressed already.
const PACKED: [&str; 4] = ["png", "ico", "br", "gz"];

/// Everything as compiled, under the names that cargo-leptos gives.
pub fn assemble(cargo: &Cargo<'_>, profile: &str, stage: &Path) -> Result<()> {
    let (root, project) = (cargo.workspace.root(), cargo.project);
    if stage.exists() {
        fs::remove_dir_all(stage).with_context(|| format!("cannot remove {}", stage.display()))?;
    }
    copy_folder(&root.join(project.assets_dir()?), stage)?;
    let pkg = stage.join(project.pkg_dir()?);
    make_folder(&pkg)?;
    let name = project.output_name()?;
    let mut bindgen = cargo
        .tools
        .command(&cargo.bindgen_program().to_string_lossy());
    run_quietly(bindgen.arg(cargo.module(profile)).arg(&pkg).arg(name))?;
    let sheet = style::bundle(&root.join(project.style_file()?))?;
    write(&pkg.join(format!("{name}.css")), sheet.as_bytes())
}

/// Makes all that a browser fetches small: WebAssembly, scripts, the style sheet; and compresses
/// it.
pub fn optimise(cargo: &Cargo<'_>, stage: &Path) -> Result<()> {
    let (tools, project) = (cargo.tools, cargo.project);
    let pkg = stage.join(project.pkg_dir()?);
    let name = project.output_name()?;
    let file = |extension: &str| pkg.join(format!("{name}.{extension}"));
    if pkg.join("snippets").exists() {
        bail!("the glue imports a script by a name without a hash, which browsers would keep");
    }
    let mut shrink = tools.command("node");
    shrink.args(["-e", SHRINK, "--"]).arg(&pkg).arg(name);
    run_quietly(shrink.args(project.wasm_opt_arguments()?))?;
    for script in files_with(&pkg, "js")? {
        let mut esbuild = tools.command("esbuild");
        esbuild.arg(&script).args([
            "--minify",
            "--format=esm",
            "--allow-overwrite",
            "--log-level=warning",
        ]);
        run_quietly(esbuild.arg(format!("--outfile={}", script.display())))?;
    }
    let mut lightningcss = tools.command("lightningcss");
    lightningcss
        .args(["--minify", "--targets", project.browsers()?])
        .arg(file("css"));
    run_quietly(lightningcss.arg("--output-file").arg(file("css")))?;
    let worth_it = all_files(stage)?
        .into_iter()
        .filter(|path| !PACKED.iter().any(|packed| has_extension(path, packed)));
    run_quietly(tools.command("node").args(["-e", COMPRESS]).args(worth_it))
}

/// Makes a folder equal to another one, and writes only files that differ.
pub fn copy_changes(from: &Path, to: &Path) -> Result<()> {
    make_folder(to)?;
    let (sources, targets) = (all_files(from)?, all_files(to)?);
    for target in targets {
        let kept = target
            .strip_prefix(to)
            .is_ok_and(|name| from.join(name).is_file());
        if !kept {
            fs::remove_file(&target)
                .with_context(|| format!("cannot remove {}", target.display()))?;
        }
    }
    for source in sources {
        let name = source
            .strip_prefix(from)
            .context("a file outside of its own folder")?;
        let (target, bytes) = (to.join(name), read(&source)?);
        if !fs::read(&target).is_ok_and(|there| there == bytes) {
            write(&target, &bytes)?;
        }
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for source in all_files(from)? {
        let name = source
            .strip_prefix(from)
            .context("a file outside of its own folder")?;
        write(&to.join(name), &read(&source)?)?;
    }
    Ok(())
}

fn files_with(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let found: Vec<_> = all_files(folder)?
        .into_iter()
        .filter(|path| has_extension(path, extension))
        .collect();
    if found.is_empty() {
        bail!("{} has no .{extension} file", folder.display());
    }
    Ok(found)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// All files below a folder, in a fixed order.
fn all_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        if path.is_dir() {
            files.extend(all_files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    path.parent().map_or(Ok(()), make_folder)?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_differ_are_written() {
        let folder = std::env::temp_dir().join(format!("xtask-{}-site", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        write(&from.join("pkg/same"), b"one").unwrap();
        write(&from.join("pkg/other"), b"two").unwrap();
        write(&to.join("pkg/same"), b"one").unwrap();
        write(&to.join("gone"), b"three").unwrap();
        let written = |path: &str| fs::metadata(to.join(path)).unwrap().modified().unwrap();
        let before = written("pkg/same");

        copy_changes(&from, &to).unwrap();
        assert_eq!(written("pkg/same"), before);
        assert_eq!(read(&to.join("pkg/other")).unwrap(), b"two");
        assert!(!to.join("gone").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
