//! The applications behind: which origins there are, who may enter them, and what they are given to
//! verify.
//!
//! An application on the sign-in's own host sees the session's own cookie through its proxy,
//! whatever its port: cookies know none. One on another host gets a cookie of its own by a ticket.
//!
//! - `assertion`: the signed JWT; `signing_key`: what signs it.

use std::sync::Arc;

use url::Url;

use crate::server::settings::ForwardAuthSettings;

pub mod assertion;
mod signing_key;

pub use assertion::Assertions;
pub use signing_key::AssertionKeys;

/// Where a browser's cookies for an application go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocatedApplication {
    /// To the sign-in pages too.
    OwnHost,
    /// Nowhere else.
    OtherHost,
}

/// An application behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its origin (RFC 6454), as browsers write it.
    pub origin: Arc<str>,
    /// The same as the URL of its root.
    pub root: Url,
    /// Where its cookies go.
    pub place: LocatedApplication,
    /// Roles, of which a person needs one; none if everybody who is signed in may enter.
    pub require: Vec<String>,
}

impl Application {
    /// Whether a person with these roles may enter.
    pub fn admits(&self, roles: &[String]) -> bool {
        self.require.is_empty() || self.require.iter().any(|role| roles.contains(role))
    }
}

/// All of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Applications {
    own: Arc<Application>,
    others: Arc<[Application]>,
}

impl Applications {
    /// `public` is what browsers call the sign-in.
    pub fn new(public: &Url, settings: &ForwardAuthSettings) -> Self {
        let application = |url: &Url| Application {
            origin: url.origin().ascii_serialization().into(),
            root: url.clone(),
            place: if url.host() == public.host() {
                LocatedApplication::OwnHost
            } else {
                LocatedApplication::OtherHost
            },
            require: settings.require.of(&url.origin()).to_vec(),
        };
        let others = settings
            .origins
            .iter()
            .filter(|url| url.origin() != public.origin());
        Self {
            own: Arc::new(application(public)),
            others: others.map(application).collect(),
        }
    }

    /// What is served under the sign-in's own origin.
    pub fn own(&self) -> &Application {
        &self.own
    }

    /// The application of an origin, as browsers write it.
    pub fn find(&self, origin: &str) -> Option<&Application> {
        self.all()
            .find(|application| *application.origin == *origin)
    }

    /// Whether any of them asks for a role.
    pub fn require_roles(&self) -> bool {
        self.all()
            .any(|application| !application.require.is_empty())
    }

    /// Whether any but what is served under our own origin asks for a role.
    pub fn others_require_roles(&self) -> bool {
        self.others
            .iter()
            .any(|application| !application.require.is_empty())
    }

    fn all(&self) -> impl Iterator<Item = &Application> {
        std::iter::once(&*self.own).chain(self.others.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applications() -> Applications {
        let settings = toml::from_str(
            "origins = [\"https://id.example.com:8443\", \"https://app.example.com\", \"https://id.example.com\"]\n\
             [require]\n\"https://app.example.com\" = [\"admin\", \"staff\"]",
        );
        Applications::new(
            &"https://id.example.com".parse().unwrap(),
            &settings.unwrap(),
        )
    }

    #[test]
    fn an_application_is_found_by_its_origin_and_placed_by_its_host() {
        let all = applications();
        let place = |origin| all.find(origin).map(|application| application.place);
        assert_eq!(
            place("https://id.example.com"),
            Some(LocatedApplication::OwnHost)
        );
        assert_eq!(
            place("https://id.example.com:8443"),
            Some(LocatedApplication::OwnHost),
            "cookies know no ports"
        );
        assert_eq!(
            place("https://app.example.com"),
            Some(LocatedApplication::OtherHost)
        );
        for origin in [
            "http://app.example.com",
            "https://app.example.com/",
            "https://app.example.com:444",
            "null",
            "",
        ] {
            assert_eq!(place(origin), None, "{origin}");
        }
        assert_eq!(&*all.own().origin, "https://id.example.com");
        assert_eq!(
            all.all().count(),
            3,
            "our own, though listed, is there once"
        );
    }

    #[test]
    fn one_of_the_roles_suffices_and_none_is_needed_where_none_is_named() {
        let all = applications();
        let admits = |origin, roles: &[&str]| {
            let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
            all.find(origin)
                .is_some_and(|application| application.admits(&roles))
        };
        assert!(admits("https://app.example.com", &["staff"]));
        assert!(admits("https://app.example.com", &["guest", "admin"]));
        for roles in [
            &[][..],
            &["guest"],
            &["Admin"],
            &["admin "],
            &["admin,staff"],
            &[""],
        ] {
            assert!(!admits("https://app.example.com", roles), "{roles:?}");
        }
        assert!(admits("https://id.example.com", &[]));
        assert!(all.require_roles());
    }
}
