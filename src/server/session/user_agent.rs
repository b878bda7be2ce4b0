//! Browser and operating system of a `User-Agent`.
//!
//! A person recognises a session by them. Nothing is decided by them.

use serde::{Deserialize, Deserializer, Serialize};

/// The more specific ones come first, because every browser also claims to be those after it.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
];

/// Browser and operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserAgent {
    /// Such as `Firefox`.
    pub browser: Option<&'static str>,
    /// Such as `Android`.
    pub system: Option<&'static str>,
}

impl UserAgent {
    /// Browser and operating system in words; none if neither is known.
    pub fn describe(&self) -> Option<String> {
        match (self.browser, self.system) {
            (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
            (known, None) | (None, known) => known.map(str::to_owned),
        }
    }

    /// Parses a `User-Agent` header.
    pub fn of(user_agent: Option<&str>) -> Self {
        let find = |table: &[(&str, &'static str)]| {
            let text = user_agent?;
            table
                .iter()
                .find(|(mark, _)| text.contains(mark))
                .map(|(_, name)| *name)
        };
        Self {
            browser: find(&BROWSERS),
            system: find(&SYSTEMS),
        }
    }
}

/// The stored form. Names that are no longer in the tables are dropped.
#[derive(Deserialize)]
struct StoredUserAgent {
    browser: Option<String>,
    system: Option<String>,
}

impl<'de> Deserialize<'de> for UserAgent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredUserAgent::deserialize(deserializer)?;
        let find_known = |table: &[(&str, &'static str)], name: Option<String>| {
            table
                .iter()
                .map(|(_, listed)| *listed)
                .find(|listed| name.as_deref() == Some(*listed))
        };
        Ok(Self {
            browser: find_known(&BROWSERS, stored.browser),
            system: find_known(&SYSTEMS, stored.system),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_are_recognised() {
        for (user_agent, shown) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/156.0",
                Some("Edge, Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                Some("Safari, iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/156.0 Mobile Safari/537.36",
                Some("Chrome, Android"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
                Some("Firefox, Linux"),
            ),
            ("curl/8.5.0", Some("curl")),
            ("Mozilla/5.0 (X11; Linux x86_64)", Some("Linux")),
            ("", None),
        ] {
            let agent = UserAgent::of(Some(user_agent));
            assert_eq!(agent.describe().as_deref(), shown);
            let json = serde_json::to_string(&agent).unwrap();
            assert_eq!(serde_json::from_str::<UserAgent>(&json).unwrap(), agent);
        }
    }
}
