//! Text files that are compiled into the program. A development build under `cargo leptos watch`
//! reads them from disk, so that an edit is seen without compiling anything.

use std::borrow::Cow;

/// A text file of the source tree, named from the folder of the source file that embeds it.
macro_rules! embedded {
    ($path:expr) => {
        $crate::embedded::Embedded {
            text: include_str!($path),
            #[cfg(development)]
            source: (file!(), $path),
        }
    };
}
pub(crate) use embedded;

/// See [`embedded!`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Embedded {
    pub text: &'static str,
    /// The source file that embeds it, and the path from there.
    #[cfg(development)]
    pub source: (&'static str, &'static str),
}

impl Embedded {
    /// The text as it was compiled in, or as it is on disk.
    #[cfg(not(development))]
    pub fn read(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.text)
    }

    /// The text as it was compiled in, or as it is on disk.
    #[cfg(development)]
    pub fn read(&self) -> Cow<'static, str> {
        let changed = is_watched()
            .then(|| std::fs::read_to_string(self.path()).ok())
            .flatten();
        changed.map_or(Cow::Borrowed(self.text), Cow::Owned)
    }

    #[cfg(development)]
    fn path(&self) -> std::path::PathBuf {
        let (file, path) = self.source;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        folder.with_file_name(path)
    }
}

/// Whether `cargo leptos watch` started this process.
#[cfg(development)]
pub(crate) fn is_watched() -> bool {
    std::env::var_os("LEPTOS_WATCH").is_some()
}

#[cfg(all(test, development))]
mod tests {
    #[test]
    fn an_embedded_text_is_found_on_disk() {
        let this = embedded!("embedded.rs");
        assert_eq!(std::fs::read_to_string(this.path()).unwrap(), this.text);
    }
}
