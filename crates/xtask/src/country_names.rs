//! Writes the names of countries in every language, as Node.js knows them: it carries the Unicode
//! CLDR, and so nothing is downloaded.

use anyhow::Result;

use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// The script, and the folder of the catalogues, which also say which languages there are.
const SCRIPT: &str = "crates/xtask/src/country_names.js";
const CATALOGUES: &str = "src/app/i18n";

/// Writes `countries/*.ftl` for every catalogue.
pub fn country_names(workspace: &Workspace) -> Result<()> {
    let tools = Tools::new(workspace)?;
    tools::run(tools.command("node").args([SCRIPT, CATALOGUES]))
}
