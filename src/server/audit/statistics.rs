//! Sums and series made from counts of recent events, for the dashboard and for `/metrics`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::audit::rolling_counts::{EventCounts, EventKind, RollingCounts};

/// How many countries and reasons are listed; the rest is summed up.
const MAX_LISTED: usize = 8;

/// The period that statistics cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeRange {
    /// The last 60 minutes, by minute.
    #[default]
    Hour,
    /// The last 24 hours, by quarter of an hour.
    Day,
}

impl TimeRange {
    /// Every one, the shortest first.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// The number of points in a series.
    pub fn bucket_count(self) -> usize {
        match self {
            Self::Hour => 60,
            Self::Day => 96,
        }
    }

    /// The length of a bucket.
    pub fn step(self) -> Duration {
        match self {
            Self::Hour => Duration::from_secs(60),
            Self::Day => Duration::from_secs(900),
        }
    }

    /// The value of the page's query parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// Sums and series of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Codes sent by upstream, by bucket.
    pub sends: Vec<u32>,
    /// How many of them were sent by e-mail.
    pub email_sends: u64,
    /// Sign-ins with a code that came by e-mail.
    pub email_sign_ins: u64,
    /// Sign-ins, by bucket.
    pub sign_ins: Vec<u32>,
    /// Refused passcodes, by bucket.
    pub failures: Vec<u32>,
    /// Requests stopped by a limit, by bucket.
    pub limited: Vec<u32>,
    /// Sends that upstream refused.
    pub failed_sends: u64,
    /// Sessions created.
    pub sessions: u64,
    /// Why requests were refused, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// Statistics by country, the most sends first.
    pub countries: Vec<CountryStatistics>,
}

/// Statistics of one country's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct CountryStatistics {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// Codes sent by upstream by SMS.
    pub sends: u64,
    pub sign_ins: u64,
    /// Codes requested but not sent: because of a limit, a country that is not served, or a
    /// failure.
    pub refused: u64,
}

impl CountryStatistics {
    /// Sign-ins per send; none without sends.
    pub fn ratio(&self) -> Option<f64> {
        (self.sends > 0).then(|| self.sign_ins as f64 / self.sends as f64)
    }

    /// Sign-ins per hundred sends; none without sends. A low value indicates fraud.
    pub fn conversion(&self) -> Option<u64> {
        conversion(self.sends, self.sign_ins)
    }
}

/// Sign-ins per hundred sends.
pub fn conversion(sends: u64, sign_ins: u64) -> Option<u64> {
    (sign_ins * 100).checked_div(sends)
}

impl Statistics {
    /// Computes the statistics of a period that ends now.
    pub fn compute(recent: &RollingCounts, range: TimeRange, now: Timestamp) -> Self {
        let all = recent.counts(range.bucket_count(), range.step(), now);
        let series = |wanted: fn(&EventKind) -> bool| {
            all.iter().filter(|counts| wanted(&counts.kind)).fold(
                vec![0_u32; range.bucket_count()],
                |mut sum, counts| {
                    for (sum, count) in sum.iter_mut().zip(&counts.counts) {
                        *sum = sum.saturating_add(*count);
                    }
                    sum
                },
            )
        };
        Self {
            sends: series(is_send),
            email_sends: sum(&series(|kind| is_send(kind) && is_by_email(kind))),
            email_sign_ins: sum(&series(|kind| is_sign_in(kind) && is_by_email(kind))),
            sign_ins: series(is_sign_in),
            failures: series(|kind| kind.event == "authn_login_fail"),
            limited: series(is_limited),
            failed_sends: sum(&series(|kind| {
                kind.event == "otp_send_result" && kind.outcome == "not_sent"
            })),
            sessions: sum(&series(|kind| kind.event == "session_created")),
            reasons: reasons(&all),
            countries: countries(&all),
        }
    }

    /// The countries to list.
    pub fn listed_countries(&self) -> impl Iterator<Item = &CountryStatistics> {
        self.countries.iter().take(MAX_LISTED)
    }
}

/// The sum of a series.
pub fn sum(series: &[u32]) -> u64 {
    series.iter().map(|count| u64::from(*count)).sum()
}

fn is_send(kind: &EventKind) -> bool {
    kind.event == "otp_send_result" && kind.outcome == "sent"
}

fn is_by_email(kind: &EventKind) -> bool {
    kind.channel == Channel::Email.name()
}

fn is_sign_in(kind: &EventKind) -> bool {
    kind.event == "authn_login_success"
}

fn is_limited(kind: &EventKind) -> bool {
    kind.event == "excess_rate_limit_exceeded"
        || (kind.event == "otp_requested" && kind.outcome.starts_with("withheld_"))
}

fn is_refused(kind: &EventKind) -> bool {
    let is_request = matches!(kind.event, "otp_requested" | "input_validation_fail");
    is_request && !matches!(kind.outcome.as_str(), "queued" | "repeated")
}

/// The name of a refusal; none for other events.
fn reason(kind: &EventKind) -> Option<String> {
    match kind.event {
        "authn_login_fail" => Some(format!("passcode: {}", kind.outcome)),
        "otp_requested" => {
            let limit = kind
                .outcome
                .strip_prefix("withheld_")
                .map(|limit| format!("silent limit: {limit}"));
            // A refusal by a limit is counted under the limit's name.
            let code = kind
                .outcome
                .strip_prefix("refused_")
                .filter(|code| *code != "slow_down");
            limit.or_else(|| code.map(|code| format!("send: {code}")))
        }
        "excess_rate_limit_exceeded" => Some(format!("limit: {}", kind.outcome)),
        "input_validation_fail" => Some(format!("number: {}", kind.outcome)),
        "malicious_cors" => Some("cross-origin request".to_owned()),
        _ => None,
    }
}

fn reasons(all: &[EventCounts]) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for counts in all {
        if let Some(reason) = reason(&counts.kind) {
            *sums.entry(reason).or_default() += sum(&counts.counts);
        }
    }
    let mut reasons: Vec<(String, u64)> =
        sums.into_iter().filter(|(_, count)| *count > 0).collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let others: u64 = reasons
        .iter()
        .skip(MAX_LISTED)
        .map(|(_, count)| count)
        .sum();
    reasons.truncate(MAX_LISTED);
    if others > 0 {
        reasons.push(("others".to_owned(), others));
    }
    reasons
}

fn countries(all: &[EventCounts]) -> Vec<CountryStatistics> {
    let mut by_code: BTreeMap<&str, CountryStatistics> = BTreeMap::new();
    for EventCounts { kind, counts } in all.iter().filter(|counts| !counts.kind.country.is_empty())
    {
        let code = kind.country.as_str();
        let country = by_code.entry(code).or_insert_with(|| CountryStatistics {
            code: code.to_owned(),
            ..CountryStatistics::default()
        });
        let count = sum(counts);
        match kind {
            // An e-mail costs nothing, so it says nothing about fraud with messages.
            kind if is_send(kind) && is_by_email(kind) => {}
            kind if is_send(kind) => country.sends += count,
            kind if is_sign_in(kind) => country.sign_ins += count,
            kind if is_refused(kind) => country.refused += count,
            _ => {}
        }
    }
    let happened =
        |country: &CountryStatistics| country.sends + country.sign_ins + country.refused > 0;
    let mut countries: Vec<CountryStatistics> = by_code.into_values().filter(happened).collect();
    countries.sort_by_key(|country| std::cmp::Reverse((country.sends, country.refused)));
    countries
}
