//! A folder in the place of the built front end, for tests that need no style and no script.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The variable that names the folder to a server.
pub const VARIABLE: &str = "LEPTOS_SITE_ROOT";

/// Makes the folder below `parent`: a server refuses to start without these files.
///
/// # Errors
/// It cannot be written.
pub fn create_stub_site(parent: &Path) -> io::Result<PathBuf> {
    let site = parent.join("site");
    let pkg = site.join("pkg");
    fs::create_dir_all(&pkg)?;
    for extension in ["css", "js", "wasm"] {
        fs::write(pkg.join("latchkey").with_extension(extension), [])?;
    }
    Ok(site)
}
