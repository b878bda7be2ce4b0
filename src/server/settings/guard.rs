//! `[guard]`: who may ask for what, how often.

use serde::{Deserialize, Serialize};

use super::{Complaint, Span};

/// Limits. A window begins with its first charge.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// Off switches budgets and cool-down off, for load tests on loopback. Tries per code stay.
    pub enabled: bool,
    /// Countries (ISO 3166 alpha-2) whose numbers are served. Closed by default.
    pub countries: Vec<String>,
    /// Waits between the sends of one flow; the last one repeats.
    pub cool_down: Vec<Span>,
    /// Sends to one number in an hour without a success.
    pub number_hourly: u32,
    /// … in a day without a success.
    pub number_daily: u32,
    /// … in a day in any case: whoever pumps messages may own the numbers.
    pub number_daily_total: u32,
    /// Sends asked for by one address in an hour (IPv4 /32, IPv6 /64).
    pub address_hourly: u32,
    /// … by one wider IPv6 network (/48).
    pub network_hourly: u32,
    /// Codes tried from one address in an hour.
    pub address_tries_hourly: u32,
    /// Users created from one address in an hour.
    pub address_sign_ups_hourly: u32,
    /// Sends of the whole service in a minute.
    pub service_minutely: u32,
    /// … in an hour.
    pub service_hourly: u32,
    /// … in a day.
    pub service_daily: u32,
    /// Users created by the whole service in a day.
    pub service_sign_ups_daily: u32,
    /// Consecutive failures of strangers at one number, after which only a known browser may try (NIST 800-63B-4 §3.2.2).
    pub stranger_failures: u32,
    /// Consecutive failures at one number, after which the operator must unlock it (NIST 800-63B-4 §3.2.2: at most 100).
    pub max_failures: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            enabled: true,
            countries: DEFAULT_COUNTRIES.split(' ').map(str::to_owned).collect(),
            cool_down: vec![Span::seconds(30), Span::seconds(60), Span::seconds(120)],
            number_hourly: 5,
            number_daily: 10,
            number_daily_total: 30,
            address_hourly: 20,
            network_hourly: 60,
            address_tries_hourly: 60,
            address_sign_ups_hourly: 10,
            service_minutely: 120,
            service_hourly: 2000,
            service_daily: 10_000,
            service_sign_ups_daily: 2000,
            stranger_failures: 90,
            max_failures: 100,
        }
    }
}

/// Countries where a message is cheap and fraud on it rare. A deployment names its own.
const DEFAULT_COUNTRIES: &str = "AT AU BE CA CH DE DK ES FI FR GB IE IS IT LU NL NO NZ PT SE US";

impl Guard {
    pub(super) fn complaints(&self, is_loopback: bool, complaints: &mut Vec<Complaint>) {
        let mut complain = |key, text: String| complaints.push(Complaint::new(key, text));
        if !self.enabled && !is_loopback {
            complain("guard.enabled", "may be switched off on loopback only".to_owned());
        }
        if let Some(wrong) = self.countries.iter().find(|c| c.len() != 2 || !c.bytes().all(|b| b.is_ascii_uppercase()))
        {
            complain("guard.countries", format!("`{wrong}` is no ISO 3166 alpha-2 code in capitals, such as US"));
        }
        if self.cool_down.is_empty() || self.cool_down.iter().any(|span| span.0.is_zero()) {
            complain("guard.cool_down", "must name at least one wait, such as [\"30s\", \"60s\"]".to_owned());
        }
        let limits = [
            ("guard.number_hourly", self.number_hourly),
            ("guard.number_daily", self.number_daily),
            ("guard.number_daily_total", self.number_daily_total),
            ("guard.address_hourly", self.address_hourly),
            ("guard.network_hourly", self.network_hourly),
            ("guard.address_tries_hourly", self.address_tries_hourly),
            ("guard.address_sign_ups_hourly", self.address_sign_ups_hourly),
            ("guard.service_minutely", self.service_minutely),
            ("guard.service_hourly", self.service_hourly),
            ("guard.service_daily", self.service_daily),
            ("guard.service_sign_ups_daily", self.service_sign_ups_daily),
            ("guard.stranger_failures", self.stranger_failures),
        ];
        for (key, limit) in limits {
            if limit == 0 {
                complain(key, "must be at least 1: nobody could sign in".to_owned());
            }
        }
        if self.max_failures > 100 || self.max_failures < self.stranger_failures {
            complain(
                "guard.max_failures",
                "must be from guard.stranger_failures to 100 (NIST 800-63B-4 §3.2.2)".to_owned(),
            );
        }
    }
}
