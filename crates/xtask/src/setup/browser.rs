//! A Chromium for the browser tests.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::tools::{self, Tools};

/// The variable that names the browser, for us and for Playwright's settings.
pub const VARIABLE: &str = "LATCHKEY_CHROMIUM";

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const MAC: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The browser that the developer names, or the first that is installed.
pub fn find(tools: &Tools) -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os(VARIABLE)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
    {
        if !named.is_file() {
            bail!("{VARIABLE} names {}, which is not a file", named.display());
        }
        return Ok(Some(named));
    }
    let on_path = NAMES.iter().find_map(|name| tools.find(name));
    Ok(on_path.or_else(|| MAC.iter().map(PathBuf::from).find(|file| file.is_file())))
}

/// Whether the tests can have a browser, be it the one that Playwright fetched earlier.
pub fn is_there(tools: &Tools) -> Result<bool> {
    Ok(find(tools)?.is_some() || playwright_has_one(tools))
}

fn playwright_has_one(tools: &Tools) -> bool {
    let script = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
    let path = tools::output(
        tools
            .command("node")
            .current_dir(tools.end2end())
            .args(["-e", script]),
    );
    path.is_ok_and(|path| PathBuf::from(path).is_file())
}
