//! `[session]`: how long a session lives.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::server::settings::{ConfigError, HumanDuration};

/// How upstream is asked whether a user may still be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionCheck {
    /// By `POST session/authenticate`: whether the session lives. Whether a disabled user's does is
    /// for the tenant.
    Session,
    /// By `GET users/{id}`: whether the user may sign in.
    User,
}

/// What keeps a session from ending idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionActivity {
    /// What a person does: going to a page. A page that polls keeps no session alive.
    Navigation,
    /// Every request, through `/forward-auth` too.
    Request,
}

/// How long a session lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// Without activity it ends after this long.
    pub idle_timeout: HumanDuration,
    /// It ends after this long in any case.
    pub absolute_timeout: HumanDuration,
    /// The same two, when the person chose to stay signed in. The cookie then outlives the browser.
    pub stay_idle_timeout: HumanDuration,
    /// See `stay_idle_timeout`. At most 30 days (NIST 800-63B-4 §2.1.3).
    pub stay_absolute_timeout: HumanDuration,
    /// What counts as activity.
    pub activity: SessionActivity,
    /// Whether people may choose to stay signed in.
    pub offer_stay: bool,
    /// How upstream is asked.
    pub check: SessionCheck,
    /// How often.
    pub check_interval: HumanDuration,
    /// How long an upstream that cannot be asked is bridged.
    pub check_grace: HumanDuration,
    /// Sessions that one user may have at once; the oldest goes.
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
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

impl SessionSettings {
    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
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
                complaints.push(ConfigError::new(
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
            if absolute.0 > LONGEST {
                complaints.push(ConfigError::new(
                    key,
                    "must be at most 30d (NIST 800-63B-4 §2.1.3)",
                ));
            }
        }
        if self.check_interval.0 < Duration::from_secs(1) {
            complaints.push(ConfigError::new(
                "session.check_interval",
                "must be at least 1s: upstream throttles polling",
            ));
        }
        if self.max_per_user == 0 {
            complaints.push(ConfigError::new(
                "session.max_per_user",
                "must be at least 1",
            ));
        }
    }
}
