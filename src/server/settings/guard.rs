//! `[guard]`: rate limits and brute-force limits.

use serde::{Deserialize, Serialize};

use crate::server::identifier_parser::has_numbers;
use crate::server::settings::list_rules::{Equal, refuse_repeated, require_rising};
use crate::server::settings::{ConfigError, HumanDuration};

/// `[guard]`: limits. A window starts with its first charge. "Without a success" means that a
/// sign-in of the same identifier refunds the charge.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardSettings {
    /// Turns off budgets and cool-down, for load tests on loopback. The attempts per code stay
    /// limited.
    pub enabled: bool,
    /// Countries (ISO 3166 alpha-2) whose numbers are served.
    pub countries: Vec<String>,
    /// Waits between the sends of one flow; the last one repeats.
    pub cool_down: Vec<HumanDuration>,
    /// Sends to one number in an hour without a success.
    pub number_hourly: u32,
    /// The same in a day.
    pub number_daily: u32,
    /// Sends to one number in a day in any case, because a fraudster may own the numbers.
    pub number_daily_total: u32,
    /// Codes by e-mail for one identifier in an hour without a success.
    pub number_emails_hourly: u32,
    /// The same in a day in any case.
    pub number_emails_daily_total: u32,
    /// Sends in an hour without a success to numbers that differ only in the last four digits.
    pub prefix_hourly: u32,
    /// The same in a day.
    pub prefix_daily: u32,
    /// The same in a day in any case.
    pub prefix_daily_total: u32,
    /// Sends to the numbers of one country in an hour without a success.
    pub country_hourly: u32,
    /// The same in a day.
    pub country_daily: u32,
    /// The same in a day in any case.
    pub country_daily_total: u32,
    /// Sends requested by one address (IPv4 /32, IPv6 /64) in an hour without a success.
    pub address_hourly: u32,
    /// The same in a day in any case.
    pub address_daily_total: u32,
    /// Codes by e-mail requested by one address in an hour without a success.
    pub address_emails_hourly: u32,
    /// The same in a day in any case.
    pub address_emails_daily_total: u32,
    /// Sends requested by one wider IPv6 network (/48) in an hour without a success.
    pub network_hourly: u32,
    /// The same in a day in any case.
    pub network_daily_total: u32,
    /// Countries whose numbers one address may request codes for in a day.
    pub address_countries_daily: u32,
    /// Codes entered from one address in an hour.
    pub address_tries_hourly: u32,
    /// Users created from one address in an hour.
    pub address_sign_ups_hourly: u32,
    /// Posts of one address in a second, counted in the memory of each process.
    pub address_requests_per_second: u32,
    /// The same as a burst.
    pub address_requests_at_once: u32,
    /// Sends of the whole service in a minute in any case.
    pub service_minutely: u32,
    /// The same in an hour without a success.
    pub service_hourly: u32,
    /// The same in a day without a success.
    pub service_daily: u32,
    /// The same in an hour in any case.
    pub service_hourly_total: u32,
    /// The same in a day in any case.
    pub service_daily_total: u32,
    /// Codes by e-mail of the whole service in an hour without a success.
    pub service_emails_hourly: u32,
    /// The same in a day in any case.
    pub service_emails_daily_total: u32,
    /// Users created by the whole service in a day.
    pub service_sign_ups_daily: u32,
    /// The share of each budget of the whole service, in percent, from which the operator is
    /// alerted.
    pub alert_percent: u32,
    /// Consecutive failures for one number, after which attempts of unrecognised devices must wait
    /// for each other. A recognised device waits for its own attempts only.
    pub delay_after: u32,
    /// How long they wait, after one more failure, after two, and so on; the last one repeats.
    pub delays: Vec<HumanDuration>,
    /// Consecutive failures for one number that are audit-logged.
    pub alert_failures: u32,
    /// Consecutive failures of a recognised device, after which it is unrecognised.
    pub browser_failures: u32,
    /// Recognised devices for one number at once; the one that signed in longest ago is removed.
    pub browsers_per_number: usize,
    /// Consecutive failures of unrecognised devices for one number, after which only a recognised
    /// device may try (NIST 800-63B-4 §3.2.2).
    pub stranger_failures: u32,
    /// Consecutive failures for one number, after which the operator must unlock it (NIST 800-63B-4
    /// §3.2.2: at most 100).
    pub max_failures: u32,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            countries: DEFAULT_COUNTRIES.split(' ').map(str::to_owned).collect(),
            cool_down: vec![
                HumanDuration::seconds(30),
                HumanDuration::seconds(60),
                HumanDuration::seconds(120),
            ],
            number_hourly: 5,
            number_daily: 10,
            number_daily_total: 30,
            number_emails_hourly: 3,
            number_emails_daily_total: 10,
            prefix_hourly: 20,
            prefix_daily: 50,
            prefix_daily_total: 300,
            country_hourly: 300,
            country_daily: 1000,
            country_daily_total: 5000,
            address_hourly: 20,
            address_daily_total: 300,
            address_emails_hourly: 10,
            address_emails_daily_total: 100,
            network_hourly: 60,
            network_daily_total: 900,
            address_countries_daily: 6,
            address_tries_hourly: 60,
            address_sign_ups_hourly: 10,
            address_requests_per_second: 10,
            address_requests_at_once: 60,
            service_minutely: 120,
            service_hourly: 1000,
            service_daily: 4000,
            service_hourly_total: 4000,
            service_daily_total: 20_000,
            service_emails_hourly: 300,
            service_emails_daily_total: 5000,
            service_sign_ups_daily: 2000,
            alert_percent: 80,
            delay_after: 10,
            delays: vec![
                HumanDuration::seconds(30),
                HumanDuration::minutes(1),
                HumanDuration::minutes(2),
                HumanDuration::minutes(5),
                HumanDuration::minutes(15),
                HumanDuration::minutes(30),
                HumanDuration::hours(1),
            ],
            alert_failures: 50,
            browser_failures: 10,
            browsers_per_number: 5,
            stranger_failures: 90,
            max_failures: 100,
        }
    }
}

/// Countries where messages are cheap and fraud is rare. A deployment sets its own.
const DEFAULT_COUNTRIES: &str = "AT AU BE CA CH DE DK ES FI FR GB IE IS IT LU NL NO NZ PT SE US";

impl GuardSettings {
    pub(super) fn validate(&self, is_loopback: bool, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: String| errors.push(ConfigError::new(key, text));
        if !self.enabled && !is_loopback {
            error(
                "guard.enabled",
                "may be switched off on loopback only".to_owned(),
            );
        }
        let is_code =
            |code: &str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if let Some(invalid) = self
            .countries
            .iter()
            .find(|code| !is_code(code) || !has_numbers(code))
        {
            let text = format!(
                "`{invalid}` is no country: ISO 3166 alpha-2 codes in capitals are, such as US, \
                 or GB for the United Kingdom"
            );
            error("guard.countries", text);
        }
        if self.countries.is_empty() {
            error(
                "guard.countries",
                "must name at least one: nobody could sign in".to_owned(),
            );
        }
        let limits = [
            ("guard.number_hourly", self.number_hourly),
            ("guard.number_daily", self.number_daily),
            ("guard.number_daily_total", self.number_daily_total),
            ("guard.number_emails_hourly", self.number_emails_hourly),
            (
                "guard.number_emails_daily_total",
                self.number_emails_daily_total,
            ),
            ("guard.address_emails_hourly", self.address_emails_hourly),
            (
                "guard.address_emails_daily_total",
                self.address_emails_daily_total,
            ),
            ("guard.service_emails_hourly", self.service_emails_hourly),
            (
                "guard.service_emails_daily_total",
                self.service_emails_daily_total,
            ),
            ("guard.prefix_hourly", self.prefix_hourly),
            ("guard.prefix_daily", self.prefix_daily),
            ("guard.prefix_daily_total", self.prefix_daily_total),
            ("guard.country_hourly", self.country_hourly),
            ("guard.country_daily", self.country_daily),
            ("guard.country_daily_total", self.country_daily_total),
            ("guard.address_hourly", self.address_hourly),
            ("guard.address_daily_total", self.address_daily_total),
            ("guard.network_hourly", self.network_hourly),
            ("guard.network_daily_total", self.network_daily_total),
            (
                "guard.address_countries_daily",
                self.address_countries_daily,
            ),
            (
                "guard.address_requests_per_second",
                self.address_requests_per_second,
            ),
            (
                "guard.address_requests_at_once",
                self.address_requests_at_once,
            ),
            ("guard.address_tries_hourly", self.address_tries_hourly),
            (
                "guard.address_sign_ups_hourly",
                self.address_sign_ups_hourly,
            ),
            ("guard.service_minutely", self.service_minutely),
            ("guard.service_hourly", self.service_hourly),
            ("guard.service_daily", self.service_daily),
            ("guard.service_hourly_total", self.service_hourly_total),
            ("guard.service_daily_total", self.service_daily_total),
            ("guard.service_sign_ups_daily", self.service_sign_ups_daily),
            ("guard.stranger_failures", self.stranger_failures),
            ("guard.browser_failures", self.browser_failures),
        ];
        for (key, limit) in limits {
            if limit == 0 {
                error(key, "must be at least 1: nobody could sign in".to_owned());
            }
        }
        if self.browsers_per_number == 0 {
            error(
                "guard.browsers_per_number",
                "must be at least 1: no device would be recognised".to_owned(),
            );
        }
        if !(1..=100).contains(&self.alert_percent) {
            error("guard.alert_percent", "must be from 1 to 100".to_owned());
        }
        if self.max_failures > 100 || self.max_failures < self.stranger_failures {
            error(
                "guard.max_failures",
                "must be from guard.stranger_failures to 100 (NIST 800-63B-4 §3.2.2)".to_owned(),
            );
        }
        // Two waits of the same length are a schedule, such as 30s, 30s, 60s.
        require_rising("guard.cool_down", &self.cool_down, Equal::Allowed, errors);
        require_rising("guard.delays", &self.delays, Equal::Allowed, errors);
        let describe = |code: &String| format!("`{code}`");
        refuse_repeated("guard.countries", &self.countries, describe, errors);
    }
}
