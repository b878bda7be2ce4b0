//! What lists in the settings have in common: an entry that is repeated is a mistake, because the
//! operator meant another one, and waits that do not rise are no schedule.

use crate::server::settings::{ConfigError, HumanDuration};

/// Refuses entries that an earlier one equals. `describe` says how an entry is called in the error.
pub(super) fn refuse_repeated<T: PartialEq>(
    key: &'static str,
    list: &[T],
    describe: impl Fn(&T) -> String,
    errors: &mut Vec<ConfigError>,
) {
    for (at, entry) in list.iter().enumerate() {
        // Each one is named once, however often it is repeated.
        let earlier = list.iter().take(at).filter(|other| *other == entry);
        if earlier.count() == 1 {
            let text = format!("{} is listed twice", describe(entry));
            errors.push(ConfigError::new(key, text));
        }
    }
}

/// Whether equal durations may follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Equal {
    Allowed,
    Refused,
}

/// Refuses durations that are none, or that do not rise.
pub(super) fn require_rising(
    key: &'static str,
    list: &[HumanDuration],
    equal: Equal,
    errors: &mut Vec<ConfigError>,
) {
    let mut error = |text: String| errors.push(ConfigError::new(key, text));
    if list.is_empty() {
        error("must name at least one duration, such as [\"30s\", \"60s\"]".to_owned());
    }
    if list.iter().any(|duration| duration.0.is_zero()) {
        error("must not name 0s".to_owned());
    }
    for pair in list.windows(2) {
        let [before, after] = pair else { continue };
        if after < before {
            error(format!("must rise, and {after} comes after {before}"));
        } else if after == before && equal == Equal::Refused {
            error(format!("must rise, and {after} is listed twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(texts: &[&str]) -> Vec<HumanDuration> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn each_repeated_entry_is_named_once() {
        let mut errors = Vec::new();
        let list = ["a", "b", "a", "c", "a", "c"];
        refuse_repeated("x", &list, |entry| format!("`{entry}`"), &mut errors);
        let texts: Vec<_> = errors.iter().map(|error| error.text.as_str()).collect();
        assert_eq!(texts, ["`a` is listed twice", "`c` is listed twice"]);
    }

    #[test]
    fn durations_rise() {
        for (list, equal, parts) in [
            (&["1s", "2s"][..], Equal::Refused, &[][..]),
            (&["1s", "1s"], Equal::Allowed, &[]),
            (&["1s", "1s"], Equal::Refused, &["1s is listed twice"]),
            (&["1m", "60s"], Equal::Refused, &["1m is listed twice"]),
            (&["2s", "1s"], Equal::Allowed, &["1s comes after 2s"]),
            (&["0s", "1s"], Equal::Allowed, &["must not name 0s"]),
            (&[], Equal::Allowed, &["at least one"]),
            (
                &["3s", "1s", "0s"],
                Equal::Refused,
                &["must not name 0s", "1s comes after 3s", "0s comes after 1s"],
            ),
        ] {
            let mut errors = Vec::new();
            require_rising("x", &durations(list), equal, &mut errors);
            assert_eq!(errors.len(), parts.len(), "{list:?}: {errors:?}");
            for (error, part) in errors.iter().zip(parts) {
                assert!(error.text.contains(part), "{list:?}: {error:?}");
            }
        }
    }
}
