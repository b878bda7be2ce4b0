//! Selects the roles that an application is told.

use std::borrow::Cow;

/// The patterns of one application (`forward_auth.groups`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter(Option<Vec<String>>);

impl GroupFilter {
    /// Without patterns all roles pass.
    pub fn new(patterns: Option<&[String]>) -> Self {
        Self(patterns.map(<[String]>::to_vec))
    }

    /// The roles that a pattern matches, in their order.
    pub fn select<'a>(&self, roles: &'a [String]) -> Cow<'a, [String]> {
        let Some(patterns) = &self.0 else {
            return Cow::Borrowed(roles);
        };
        let is_told = |role: &&String| patterns.iter().any(|pattern| matches(pattern, role));
        roles.iter().filter(is_told).cloned().collect()
    }
}

/// Whether a role has the form of a pattern, in which `*` is any number of any characters.
fn matches(pattern: &str, role: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == role;
    };
    let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = role
        .strip_prefix(start)
        .and_then(|role| role.strip_suffix(end));
    let Some(mut inner) = inner else {
        return false;
    };
    for part in between.split('*') {
        let Some((_, after)) = inner.split_once(part).filter(|_| !part.is_empty()) else {
            if part.is_empty() {
                continue;
            }
            return false;
        };
        inner = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_number_of_any_characters() {
        for (pattern, role, is_match) in [
            ("admin", "admin", true),
            ("admin", "Admin", false),
            ("admin", "admins", false),
            ("*", "", true),
            ("*", "any, thing", true),
            ("app-*", "app-", true),
            ("app-*", "app-admin", true),
            ("app-*", "myapp-admin", false),
            ("*-admin", "app-admin", true),
            ("*-admin", "app-admins", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("xy*yx", "xyx", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*b*b*c", "abc", false),
            ("a*b*b*c", "abbc", true),
            ("*b*", "abc", true),
            ("*b*", "ac", false),
            ("**", "x", true),
            ("a**c", "abc", true),
            ("Z*ë", "Zoë", true),
            ("app.*", "app-x", false),
            ("[ab]", "a", false),
            ("?", "a", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, role), is_match, "{pattern} {role}");
        }
    }

    #[test]
    fn roles_keep_their_order_and_pass_without_patterns() {
        let roles = ["b-2", "a-1", "b-1"].map(str::to_owned);
        let patterns = ["b-1", "b-*"].map(str::to_owned);
        assert_eq!(
            *GroupFilter::new(Some(&patterns)).select(&roles),
            ["b-2", "b-1"]
        );
        assert_eq!(*GroupFilter::new(None).select(&roles), roles);
        assert_eq!(*GroupFilter::new(Some(&[])).select(&roles), [""; 0]);
    }
}
