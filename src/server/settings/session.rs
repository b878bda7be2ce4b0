//! `[session]`: timeouts and checks of sessions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::server::settings::{ConfigError, HumanDuration};

/// How upstream is asked whether a session may continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionCheck {
    /// `POST session/authenticate`: whether the upstream session is valid. Whether it ends when the
    /// user is disabled depends on the tenant.
    Session,
    /// `GET users/{id}`: whether the user may sign in.
    User,
}

/// What counts as activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionActivity {
    /// Navigation to a page. A page that polls does not keep a session alive.
    Navigation,
    /// Every request, including those through `/forward-auth`.
    Request,
}

/// `[session]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct SessionSettings {
    /// The idle timeout.
    pub idle_timeout: HumanDuration,
    /// The absolute timeout.
    pub absolute_timeout: HumanDuration,
    /// The idle timeout if the user chose to stay signed in. The cookie then outlives the browser.
    pub stay_idle_timeout: HumanDuration,
    /// The absolute timeout if the user chose to stay signed in. At most 30 days (NIST 800-63B-4
    /// §2.1.3).
    pub stay_absolute_timeout: HumanDuration,
    pub activity: SessionActivity,
    /// Whether users may choose to stay signed in.
    pub offer_stay: bool,
    pub check: SessionCheck,
    /// How often upstream is asked.
    pub check_interval: HumanDuration,
    /// How long sessions continue while upstream cannot be asked.
    pub check_grace: HumanDuration,
    /// Sessions of one user at once; the oldest is ended.
    pub max_per_user: usize,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle_timeout: HumanDuration::minutes(30),
            absolute_timeout: HumanDuration::hours(12),
            stay_idle_timeout: HumanDuration::days(7),
            stay_absolute_timeout: HumanDuration::days(30),
            activity: SessionActivity::Navigation,
            offer_stay: true,
            check: SessionCheck::Session,
            check_interval: HumanDuration::hours(1),
            check_grace: HumanDuration::hours(4),
            max_per_user: 20,
        }
    }
}

/// NIST 800-63B-4 §2.1.3: at AAL1 a session should not outlive 30 days.
const MAX_ABSOLUTE_TIMEOUT: Duration = Duration::from_secs(30 * 86_400);

impl SessionSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let idle = [
            (
                "session.idle_timeout",
                self.idle_timeout,
                self.absolute_timeout,
            ),
            (
                "session.stay_idle_timeout",
                self.stay_idle_timeout,
                self.stay_absolute_timeout,
            ),
        ];
        for (key, idle, absolute) in idle {
            if idle.0 < Duration::from_secs(1) || idle > absolute {
                errors.push(ConfigError::new(
                    key,
                    "must be at least 1s and at most the absolute timeout beside it",
                ));
            }
        }
        let absolute = [
            ("session.absolute_timeout", self.absolute_timeout),
            ("session.stay_absolute_timeout", self.stay_absolute_timeout),
        ];
        for (key, absolute) in absolute {
            if absolute.0 > MAX_ABSOLUTE_TIMEOUT {
                errors.push(ConfigError::new(
                    key,
                    "must be at most 30d (NIST 800-63B-4 §2.1.3)",
                ));
            }
        }
        if self.check_interval.0 < Duration::from_secs(1) {
            errors.push(ConfigError::new(
                "session.check_interval",
                "must be at least 1s: upstream throttles polling",
            ));
        }
        if self.max_per_user == 0 {
            errors.push(ConfigError::new(
                "session.max_per_user",
                "must be at least 1",
            ));
        }
    }
}
