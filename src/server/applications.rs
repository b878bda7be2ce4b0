//! The applications behind the sign-in: their origins, the roles they require, and the signed JWTs
//! they receive.
//!
//! An application on the sign-in's own host gets the session cookie itself, on any port, because
//! cookies have no ports. One on another host gets a cookie of its own by a ticket.
//!
//! - `assertion`: the signed JWT; `signing_key`: the keys that sign it
//! - `group_filter`: the roles that an application is told

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::session::ActiveSession;
use crate::server::settings::ForwardAuthSettings;

pub mod assertion;
mod group_filter;
mod signing_key;

pub use assertion::Assertions;
pub use group_filter::GroupFilter;
pub use signing_key::AssertionKeys;

/// The host of an application, which decides what cookies it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationHost {
    /// The sign-in's own host: they share cookies.
    SignIn,
    /// Another host, with cookies of its own.
    Other,
}

/// The code that an application asks a signed-in person for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeDemand {
    /// A new one: the last is too long ago.
    Fresh,
    /// One by SMS: the last came by another channel.
    BySms,
}

/// An application behind the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its origin (RFC 6454), as browsers write it.
    pub origin: Arc<str>,
    /// The URL of its root.
    pub root: Url,
    /// Which host it is on.
    pub host: ApplicationHost,
    /// Roles of which a person needs one. If empty, everybody who is signed in has access.
    pub required_roles: Vec<String>,
    /// How long ago the person may have entered a code. Unset: as long as the session lives.
    pub max_age: Option<Duration>,
    /// Whether it accepts only sessions that began with a code by SMS.
    pub requires_sms: bool,
    /// Selects the roles that it is told.
    pub groups: GroupFilter,
}

impl Application {
    /// Whether a person with these roles has access.
    pub fn is_accessible_with(&self, roles: &[String]) -> bool {
        self.required_roles.is_empty()
            || self.required_roles.iter().any(|role| roles.contains(role))
    }

    /// What code it asks for before it accepts a session; none if it accepts the session now.
    /// Every step on the way to an application decides by this, so that none sends a browser back
    /// that another sent on.
    pub fn code_demand(&self, session: &ActiveSession, now: Timestamp) -> Option<CodeDemand> {
        let method = Channel::Sms.method();
        if self.requires_sms && !session.record.amr.iter().any(|name| name == method) {
            return Some(CodeDemand::BySms);
        }
        let is_fresh = self
            .max_age
            .is_none_or(|max_age| session.record.code_age(now) <= max_age);
        (!is_fresh).then_some(CodeDemand::Fresh)
    }

    /// Whether it requires more than a session.
    fn has_requirements(&self) -> bool {
        !self.required_roles.is_empty() || self.max_age.is_some() || self.requires_sms
    }
}

/// All applications. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Applications {
    own: Arc<Application>,
    others: Arc<[Application]>,
}

impl Applications {
    /// `public` is the public URL of the sign-in.
    pub fn new(public: &Url, settings: &ForwardAuthSettings) -> Self {
        let application = |url: &Url| Application {
            origin: url.origin().ascii_serialization().into(),
            root: url.clone(),
            host: if url.host() == public.host() {
                ApplicationHost::SignIn
            } else {
                ApplicationHost::Other
            },
            required_roles: settings.require.of(&url.origin()).to_vec(),
            max_age: settings.max_age.of(&url.origin()),
            requires_sms: settings
                .require_sms
                .iter()
                .any(|listed| listed.origin() == url.origin()),
            groups: GroupFilter::new(settings.groups.of(&url.origin())),
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

    /// The application on the sign-in's own origin.
    pub fn own(&self) -> &Application {
        &self.own
    }

    /// The application of an origin, as browsers write it.
    pub fn find(&self, origin: &str) -> Option<&Application> {
        self.all()
            .find(|application| *application.origin == *origin)
    }

    /// Whether any application requires more than a session: a role, a fresh code or one by SMS.
    pub fn has_requirements(&self) -> bool {
        self.all().any(Application::has_requirements)
    }

    /// Whether an application on another origin does.
    pub fn has_requirements_elsewhere(&self) -> bool {
        self.others.iter().any(Application::has_requirements)
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
    fn an_application_is_found_by_its_origin_and_classified_by_its_host() {
        let all = applications();
        let host = |origin| all.find(origin).map(|application| application.host);
        assert_eq!(
            host("https://id.example.com"),
            Some(ApplicationHost::SignIn)
        );
        assert_eq!(
            host("https://id.example.com:8443"),
            Some(ApplicationHost::SignIn),
            "cookies have no ports"
        );
        assert_eq!(
            host("https://app.example.com"),
            Some(ApplicationHost::Other)
        );
        for origin in [
            "http://app.example.com",
            "https://app.example.com/",
            "https://app.example.com:444",
            "null",
            "",
        ] {
            assert_eq!(host(origin), None, "{origin}");
        }
        assert_eq!(&*all.own().origin, "https://id.example.com");
        assert_eq!(
            all.all().count(),
            3,
            "the own origin is there once, although it is listed"
        );
    }

    #[test]
    fn one_of_the_required_roles_gives_access() {
        let all = applications();
        let admits = |origin, roles: &[&str]| {
            let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
            all.find(origin)
                .is_some_and(|application| application.is_accessible_with(&roles))
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
        assert!(all.has_requirements());
    }
}
