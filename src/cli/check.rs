//! `latchkey check`: looks at settings, upstream, policy and store, and prints a table.

use std::process::ExitCode;

use latchkey::domain::IdentifierType;
use latchkey::server::settings::test_numbers::TestNumberCounts;
use latchkey::server::settings::{HumanDuration, Settings, TransmitSettings};
use latchkey::server::transmit::{IssuerFinding, MAX_CLOCK_SKEW, describe_skew};
use latchkey::server::{sms_gateway, wiring};

use crate::cli::{Done, Outside, say};

mod state;

/// Wrong codes in a row that people type themselves now and then: mistyped, or of an older message.
const OFTEN_MISTYPED: u32 = 3;

/// How a line of the table reads.
enum Finding {
    Fine(String),
    /// Works, and the operator should know.
    Mind(String),
    Wrong(String),
}

use Finding::{Fine, Mind, Wrong};

/// Prints the table; fails if anything in it is wrong.
pub async fn check(outside: Outside) -> Done {
    let mut rows: Vec<(&str, Finding)> = Vec::new();
    let complaints = outside.settings.validate(outside.clock.now());
    rows.extend(
        complaints
            .iter()
            .map(|complaint| ("settings", Wrong(complaint.to_string()))),
    );
    if complaints.is_empty() {
        rows.push(("settings", Fine("all in order".to_owned())));
    }
    rows.extend(policy(&outside.settings));
    rows.extend(state::rows(&outside).await);
    if complaints.is_empty() {
        rows.push(("gateway", gateway(&outside)));
        rows.extend(test_numbers(&outside).map(|finding| ("test numbers", finding)));
        rows.extend(upstream(&outside).await);
    }
    for (what, finding) in &rows {
        let (mark, text) = match finding {
            Fine(text) => ("ok  ", text),
            Mind(text) => ("mind", text),
            Wrong(text) => ("FAIL", text),
        };
        say(&format!("{mark}  {what:<12} {text}"));
    }
    let failed = rows.iter().any(|(_, finding)| matches!(finding, Wrong(_)));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn policy(settings: &Settings) -> Vec<(&'static str, Finding)> {
    let transmit = &settings.transmit;
    let tries = transmit.attempts_per_code();
    let summary = format!(
        "{} digits, {} to use, {tries} tries a code; the tenant locks after {} failures for {}",
        transmit.otp_length, transmit.otp_lifetime, transmit.otp_max_failures, transmit.otp_lockout
    );
    let mut rows = vec![("policy", Fine(summary)), ("policy", strangers(transmit))];
    if transmit.otp_lifetime.0 > transmit.code_lifetime() {
        rows.push((
            "policy",
            Mind("codes are used for 10 minutes at most, whatever the tenant allows".to_owned()),
        ));
    }
    if transmit.tenant_id.is_none() {
        rows.push((
            "tokens",
            Mind("transmit.tenant_id is unset: the tenant of tokens is not checked".to_owned()),
        ));
    }
    for issuer in &transmit.other_issuers {
        let text = format!(
            "tokens of {issuer} are taken too: take it out of transmit.other_issuers when the change is over"
        );
        rows.push(("tokens", Mind(text)));
    }
    if settings.sign_in.identifier != IdentifierType::PhoneNumber {
        let text = format!(
            "sign_in.identifier is {}: country list, number types and the comparison of phone_number are absent",
            settings.sign_in.identifier.as_str()
        );
        rows.push(("identifier", Mind(text)));
    }
    if !settings.server.trusted_proxies.is_empty()
        && settings.server.client_address_header.is_none()
    {
        let text = "server.trusted_proxies is set without server.client_address_header: everybody counts as the proxy";
        rows.push(("address", Mind(text.to_owned())));
    }
    if !settings.guard.enabled {
        rows.push((
            "guard",
            Mind("switched off: budgets and cool-down are off".to_owned()),
        ));
    }
    rows
}

/// What strangers can do to the owner of a number who signs in from a known browser, or from a new
/// phone.
fn strangers(transmit: &TransmitSettings) -> Finding {
    let (share, memory) = (
        transmit.unrecognised_attempts(),
        HumanDuration(transmit.failure_memory()),
    );
    let text = format!(
        "strangers share {share} {} at a number until {memory} after the last; the next one is kept for known browsers",
        if share == 1 { "failure" } else { "failures" }
    );
    if memory <= transmit.otp_lockout {
        let advice = if transmit.has_spare_attempts() {
            "set"
        } else {
            "raise its maximum to 7 or more, or set"
        };
        return Mind(format!(
            "{text}. A tenant that remembers failures for longer can still be brought to lock a number by a stranger who waits: \
             {advice} transmit.otp_failure_memory"
        ));
    }
    if share <= OFTEN_MISTYPED {
        return Mind(format!(
            "{text}. Whoever mistypes so many codes on a new phone waits as long: raise the tenant's maximum to 7 or more, and \
             set transmit.otp_max_failures to match"
        ));
    }
    Fine(text)
}

/// Providers are not asked: only a message would prove anything.
fn gateway(outside: &Outside) -> Finding {
    let settings = &outside.settings.gateway;
    if !settings.is_on() {
        return Fine("off".to_owned());
    }
    let names: Vec<&str> = settings
        .providers
        .iter()
        .map(|name| name.as_str())
        .collect();
    match sms_gateway::check(settings, &outside.clock) {
        Ok(()) => Fine(format!(
            "http://{}{} by {}; settings and secrets were looked at, the providers were not asked",
            settings.address,
            settings.path,
            names.join(", then ")
        )),
        Err(error) => Wrong(error.to_string()),
    }
}

/// How many there are, and until when. Which ones is nobody's business who reads over a shoulder.
fn test_numbers(outside: &Outside) -> Option<Finding> {
    let TestNumberCounts {
        in_force,
        ended,
        until,
    } = TestNumberCounts::of(&outside.settings.test_numbers.parsed(), outside.clock.now())?;
    if ended == 0 {
        let until = until.to_rfc3339();
        return Some(Fine(format!(
            "{in_force} until {until} at the latest: `latchkey test-code` shows their codes"
        )));
    }
    Some(Mind(format!(
        "{in_force} in force; of {ended} `until` has passed, so that their messages go to the provider: take them out or \
         name a later day"
    )))
}

async fn upstream(outside: &Outside) -> Vec<(&'static str, Finding)> {
    let client = wiring::client(
        &outside.settings,
        outside.clock.clone(),
        outside.random.clone(),
    );
    let transmit = match client {
        Ok(transmit) => transmit,
        Err(error) => return vec![("upstream", Wrong(error.to_string()))],
    };
    let probe = transmit.probe().await;
    let token = match probe.token {
        Ok(()) => Fine("client credentials are accepted".to_owned()),
        Err(failure) => Wrong(failure.to_string()),
    };
    let keys = match probe.keys {
        Ok(count) => Fine(format!("{count} signing keys")),
        Err(failure) => Wrong(failure.to_string()),
    };
    let issuer = match probe.issuer {
        Ok(IssuerFinding::Matches) => Fine("as the settings say".to_owned()),
        Ok(IssuerFinding::Differs { found }) => Mind(format!(
            "upstream calls itself {found}; right only if the application signs with keys of its own"
        )),
        Err(failure) => Mind(format!("could not be compared: {failure}")),
    };
    let mut rows = vec![("credentials", token), ("keys", keys), ("issuer", issuer)];
    rows.extend(
        transmit
            .clock_skew_seconds()
            .map(|seconds| ("clock", clock(seconds))),
    );
    rows
}

/// Upstream's clock beside ours.
fn clock(skew: i64) -> Finding {
    let (apart, allowed) = (skew.unsigned_abs(), MAX_CLOCK_SKEW.as_secs());
    if apart <= allowed {
        return Fine(format!("{apart} seconds from upstream's"));
    }
    Wrong(format!(
        "upstream's is {}: tokens more than {allowed} seconds off are refused; let this machine keep time (NTP)",
        describe_skew(skew)
    ))
}
