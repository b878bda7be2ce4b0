//! Light and dark screens.

/// Which screens a colour is for: `prefers-color-scheme`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Light ones, and those that do not say.
    Light,
    /// Dark ones.
    Dark,
}
