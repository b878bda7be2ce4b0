//! Compares what a browser has to fetch with the budget. (The page itself is measured by a browser
//! test.)

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::ui;

/// WebAssembly and JavaScript of the form pages, compressed with brotli.
const SCRIPT_BUDGET: u64 = 42_000;

/// Fails when scripts are over their budget, or missing.
pub fn check(site: &Path) -> Result<()> {
    let wasm = compressed(site, ".wasm.br")?;
    let js = compressed(site, ".js.br")?;
    let css = compressed(site, ".css.br")?;
    let sum = wasm + js;
    ui::say(&format!(
        "brotli: {wasm} WebAssembly + {js} JavaScript = {sum} of {SCRIPT_BUDGET} bytes; {css} CSS"
    ));
    if wasm == 0 || js == 0 {
        bail!(
            "{} has no compressed script: the front end was not built for release",
            site.display()
        );
    }
    if sum > SCRIPT_BUDGET {
        bail!(
            "WebAssembly and JavaScript are {} bytes over their budget of {SCRIPT_BUDGET}",
            sum - SCRIPT_BUDGET
        );
    }
    Ok(())
}

/// The size of all files with this ending, those in folders too.
fn compressed(folder: &Path, ending: &str) -> Result<u64> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut sum = 0;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sum += compressed(&entry.path(), ending)?;
        } else if entry.file_name().to_string_lossy().ends_with(ending) {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_over_the_budget_or_missing_are_refused() {
        let pkg = std::env::temp_dir().join(format!("xtask-{}-bytes", std::process::id()));
        fs::create_dir_all(pkg.join("snippets/one")).unwrap();
        let write = |name: &str, length: usize| fs::write(pkg.join(name), vec![0; length]).unwrap();

        write("latchkey.wasm", 900_000);
        assert!(check(&pkg).is_err(), "nothing compressed");

        write("latchkey.wasm.br", 35_000);
        write("latchkey.js.br", 6_000);
        write("snippets/one/inline0.js.br", 1_000);
        assert!(check(&pkg).is_ok(), "exactly the budget");

        write("snippets/one/inline0.js.br", 1_001);
        assert!(check(&pkg).is_err(), "one byte over");
        fs::remove_dir_all(&pkg).unwrap();
    }
}
