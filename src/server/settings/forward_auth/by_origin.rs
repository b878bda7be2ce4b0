//! What settings that give origins a list of names have in common.

use url::Url;

/// Names by origin, in the order of the settings.
pub type NamesByOrigin = Vec<(Url, Vec<String>)>;

/// The names of an origin; none if it has no entry.
pub fn names_of<'a>(entries: &'a NamesByOrigin, origin: &url::Origin) -> Option<&'a [String]> {
    let named = entries.iter().find(|(url, _)| url.origin() == *origin);
    named.map(|(_, names)| names.as_slice())
}

/// Parses the key of an entry. The error names the key.
pub fn parse_origin(text: &str) -> Result<Url, String> {
    text.parse()
        .map_err(|error| format!("`{text}` is no URL: {error}"))
}

/// Parses the names of an entry in a variable: `NAME|NAME`.
pub fn parse_names(text: &str) -> Vec<String> {
    text.split('|').map(|name| name.trim().to_owned()).collect()
}

/// The entries of the value of a variable, without empty ones.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// An entry as in a variable.
pub fn to_entry(origin: &Url, names: &[String]) -> String {
    let origin = origin.origin().ascii_serialization();
    format!("{origin}={}", names.join("|"))
}
