//! What settings by origin have in common.

use url::Url;

use crate::server::settings::server::ServerSettings;

/// Names by origin, in the order of the settings.
pub type NamesByOrigin = Vec<(Url, Vec<String>)>;

/// The names of an origin; none if it has no entry.
pub fn names_of<'a>(entries: &'a NamesByOrigin, origin: &url::Origin) -> Option<&'a [String]> {
    let named = entries.iter().find(|(url, _)| url.origin() == *origin);
    named.map(|(_, names)| names.as_slice())
}

/// Parses the key of an entry. The error names the key, without a password in it.
pub fn parse_origin(text: &str) -> Result<Url, String> {
    text.parse()
        .map_err(|error| format!("`{}` is no URL: {error}", without_user(text)))
}

/// An origin of the settings for an error, without a password in it.
pub fn shown_origin(url: &Url) -> String {
    without_user(url.as_str())
}

/// An address, with `…` for the name and password before its host.
fn without_user(text: &str) -> String {
    let Some((user, rest)) = text.rsplit_once('@') else {
        return text.to_owned();
    };
    let scheme = user
        .split_once("//")
        .map(|(scheme, _)| format!("{scheme}//"));
    format!("{}…@{rest}", scheme.unwrap_or_default())
}

/// Parses the names of an entry in a variable: `NAME|NAME`.
pub fn parse_names(text: &str) -> Vec<String> {
    text.split('|').map(|name| name.trim().to_owned()).collect()
}

/// An entry as in a variable.
pub fn to_entry(origin: &Url, names: &[String]) -> String {
    let origin = origin.origin().ascii_serialization();
    format!("{origin}={}", names.join("|"))
}

/// Checks the origins of a setting that decides who gets into an application.
pub struct OriginRules<'a> {
    origins: &'a [Url],
    server: &'a ServerSettings,
    seen: Vec<url::Origin>,
}

impl<'a> OriginRules<'a> {
    /// `origins` are those of `forward_auth.origins`.
    pub fn new(origins: &'a [Url], server: &'a ServerSettings) -> Self {
        Self {
            origins,
            server,
            seen: Vec::new(),
        }
    }

    /// What is wrong with the origin of the next entry, as the end of a sentence that starts with
    /// it.
    pub fn check(&mut self, url: &Url) -> Option<&'static str> {
        let origin = url.origin();
        let is_own = origin == self.server.public_url().origin();
        let is_listed = self.origins.iter().any(|listed| listed.origin() == origin);
        let error = if !is_own && !is_listed {
            Some("is neither in forward_auth.origins nor our own: it is never checked")
        } else if self.seen.contains(&origin) {
            Some("is listed twice; the default port need not be named")
        } else if !is_own && self.server.trusted_proxies.is_empty() {
            Some("needs server.trusted_proxies: only a trusted proxy can name the application")
        } else {
            None
        };
        self.seen.push(origin);
        error
    }
}
