//! The files of the page. They are compiled in; under `cargo leptos watch` they are read from disk,
//! so that an edit is seen without compiling anything.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// A file beside this one.
#[derive(Clone, Copy)]
pub struct Source {
    name: &'static str,
    text: &'static str,
}

macro_rules! source {
    ($name:literal) => {
        Source {
            name: $name,
            text: include_str!($name),
        }
    };
}

pub const BACK: Source = source!("back.html");
pub const CSS: Source = source!("phone.css");
pub const EMPTY: Source = source!("empty.html");
pub const ICON: Source = source!("icon.svg");
pub const JS: Source = source!("phone.js");
pub const MESSAGE: Source = source!("message.html");
pub const PAGE: Source = source!("page.html");
pub const TENANT: Source = source!("tenant.html");
pub const USER: Source = source!("user.html");
pub const USERS: Source = source!("users.html");
const ALL: [Source; 10] = [
    BACK, CSS, EMPTY, ICON, JS, MESSAGE, PAGE, TENANT, USER, USERS,
];

impl Source {
    /// The text as it was compiled in, or as it is on disk.
    pub fn read(&self) -> Cow<'static, str> {
        let edited = is_watched().then(|| self.read_from_disk()).flatten();
        edited.map_or(Cow::Borrowed(self.text), Cow::Owned)
    }

    fn read_from_disk(&self) -> Option<String> {
        // `file!()` is named from the root of the workspace, which is above this package.
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let mut files = above.map(|folder| folder.join(file!()).with_file_name(self.name));
        files.find_map(|file| std::fs::read_to_string(file).ok())
    }
}

/// Changes with every edit, so that an open page can load itself again. `None` where nobody edits.
pub fn version() -> Option<String> {
    is_watched().then(|| {
        let mut hasher = DefaultHasher::new();
        ALL.iter()
            .for_each(|source| source.read().hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    })
}

/// Whether `cargo leptos watch` started this process.
fn is_watched() -> bool {
    std::env::var_os("LEPTOS_WATCH").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_found_on_disk() {
        for source in ALL {
            assert_eq!(
                source.read_from_disk().as_deref(),
                Some(source.text),
                "{}",
                source.name
            );
        }
    }
}
