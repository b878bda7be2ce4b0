//! `latchkey check`: checks settings, upstream, policy and store, and prints a table.

use std::process::ExitCode;

use latchkey::server::finding::Finding::{self, Fail, Pass, Warn};
use latchkey::server::passcode_policy::{EmailProblem, SHORT_CODES};
use latchkey::server::settings::test_numbers::TestNumberCounts;
use latchkey::server::settings::{
    Fallback, HumanDuration, PasscodeLimits, Settings, TenantPolicies,
};
use latchkey::server::transmit::{
    IssuerFinding, MAX_CLOCK_SKEW, PolicyError, Transmit, describe_skew,
};
use latchkey::server::{sms_gateway, webhooks, wiring};

use crate::cli::command_error::NEGATIVE;
use crate::cli::context::{CommandResult, Context, print_line};

mod brand;
mod dump;
mod machine;
mod messages;
mod request_ids;
mod store;

/// Wrong codes in a row that people sometimes type themselves, by mistake or from an older message.
const COMMON_MISTAKES: u32 = 3;

/// What the settings of the client in the Admin Portal must not ask for.
const ENCRYPTED_TOKENS: &str = "signed ID tokens (JWS) are accepted; encrypted ones (JWE) are \
    refused, so encryption of ID tokens must be off in the client's settings at Transmit";

/// Prints the table. The exit code tells whether a check failed. With `dump`, prints every setting
/// with its source instead, and checks nothing.
pub async fn check(context: Context, dump: bool) -> CommandResult {
    if dump {
        dump::print_settings(&context)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows: Vec<(&str, Finding)> = Vec::new();
    let errors = context.settings.validate(context.clock.now());
    rows.extend(
        errors
            .iter()
            .map(|error| ("settings", Fail(error.describe(&context.sources)))),
    );
    if errors.is_empty() {
        rows.push(("settings", Pass("all in order".to_owned())));
    }
    rows.extend(weak_settings(&context.settings));
    let brand = brand::row(&context.settings.brand, &errors);
    rows.extend(brand.map(|finding| ("brand", finding)));
    rows.extend(messages::rows(&context.settings));
    let security_txt = context.settings.security_txt.warning(context.clock.now());
    rows.extend(security_txt.map(|text| ("security.txt", Warn(text.to_owned()))));
    rows.extend(machine::rows(&context).await);
    rows.extend(store::rows(&context).await);
    if errors.is_empty() {
        rows.push(("request ids", request_ids::row(&context).await));
        rows.push(("gateway", gateway(&context)));
        rows.extend(webhooks(&context).map(|finding| ("webhooks", finding)));
        rows.extend(test_numbers(&context).map(|finding| ("test numbers", finding)));
    }
    // A client token names the tenant, which may be all that the settings lack.
    if errors.iter().all(|error| error.key == "transmit.tenant_id") {
        rows.extend(upstream(&context).await);
    } else {
        rows.extend(policy(&context.settings, None));
    }
    for (topic, finding) in &rows {
        let (mark, text) = match finding {
            Pass(text) => ("OK  ", text),
            Warn(text) => ("WARN", text),
            Fail(text) => ("FAIL", text),
        };
        print_line(&format!("{mark}  {topic:<12} {text}"))?;
    }
    let has_failed = rows.iter().any(|(_, finding)| matches!(finding, Fail(_)));
    Ok(if has_failed {
        ExitCode::from(NEGATIVE)
    } else {
        ExitCode::SUCCESS
    })
}

/// The tenant's policy, and the limits that follow. `told` is what the tenant says; `None` if it
/// was not asked.
fn policy(
    settings: &Settings,
    told: Option<&Result<TenantPolicies, PolicyError>>,
) -> Vec<(&'static str, Finding)> {
    let transmit = &settings.transmit;
    let mut rows = Vec::new();
    let policies = told.and_then(|told| told.as_ref().ok());
    match told {
        Some(Ok(policies)) => rows.push(Pass(format!("the tenant says: {}", policies.sms))),
        Some(Err(error)) => rows.push(Warn(error.to_string())),
        None => {}
    }
    let differences = policies.map(|policies| transmit.policy_differences(&policies.sms));
    let differences = differences.into_iter().flatten();
    rows.extend(differences.map(|difference| {
        Warn(format!(
            "{difference}: unset it to adopt what the tenant says, or change it there"
        ))
    }));
    let limits = match settings.sign_in.fallback {
        Fallback::Email => transmit.passcode_limits_with_email(policies),
        Fallback::Off => transmit.passcode_limits(policies.map(|policies| &policies.sms)),
    };
    if limits.has_refused_length() {
        rows.push(Fail(SHORT_CODES.to_owned()));
    }
    rows.push(Pass(format!(
        "in force: {}; {} attempts a code, which count for {}",
        limits.policy,
        limits.attempts_per_code(),
        HumanDuration(limits.lockout())
    )));
    rows.push(unrecognised_devices(&limits));
    if limits.policy.lifetime > limits.code_lifetime() {
        let text = "codes are used for 10 minutes at most, whatever the tenant allows";
        rows.push(Warn(text.to_owned()));
    }
    let rows = rows.into_iter().map(|row| ("policy", row));
    let email = second_channel(settings, told.is_some(), policies, &limits);
    rows.chain(email.map(|row| ("email", row))).collect()
}

/// Whether codes are offered by e-mail, and what one accepts with that.
fn second_channel(
    settings: &Settings,
    was_asked: bool,
    told: Option<&TenantPolicies>,
    limits: &PasscodeLimits,
) -> Option<Finding> {
    if settings.sign_in.fallback == Fallback::Off {
        return None;
    }
    if !was_asked {
        let text = "sign_in.fallback is email; the tenant was not asked whether it has codes by \
                    email";
        return Some(Warn(text.to_owned()));
    }
    Some(Warn(
        match (EmailProblem::find(limits, told), limits.email) {
            (Some(problem), _) => problem.to_string(),
            (None, codes) => {
                let codes = codes.map(|codes| {
                    let lifetime = HumanDuration(codes.lifetime);
                    format!("{} digits, {lifetime} to use", codes.length)
                });
                format!(
                    "codes are offered by email too ({}), which NIST SP 800-63B-4 does not accept: \
                 anyone who can read a mailbox can sign in; forward_auth.require_sms keeps \
                 applications to codes by SMS",
                    codes.unwrap_or_default()
                )
            }
        },
    ))
}

/// Other settings that weaken protection.
fn weak_settings(settings: &Settings) -> Vec<(&'static str, Finding)> {
    let transmit = &settings.transmit;
    let mut rows = Vec::new();
    if transmit.tenant_id.is_none() && transmit.shared_issuer().is_none() {
        rows.push((
            "tokens",
            Warn("transmit.tenant_id is unset: the tenant of tokens is not checked".to_owned()),
        ));
    }
    rows.push(("tokens", Pass(ENCRYPTED_TOKENS.to_owned())));
    for issuer in &transmit.other_issuers {
        let text = format!(
            "tokens of {issuer} are accepted too: remove it from transmit.other_issuers when the \
             migration is over"
        );
        rows.push(("tokens", Warn(text)));
    }
    if !settings.sign_in.identifier.is_phone_number() {
        let text = format!(
            "sign_in.identifier is {}: users are created in Transmit, each with a phone number. \
             Limits by country and by number prefix count nothing, because the number is not known \
             here",
            settings.sign_in.identifier.as_str()
        );
        rows.push(("identifier", Warn(text)));
    }
    let senders = settings.sign_in.senders.warnings(settings.gateway.is_on());
    rows.extend(senders.into_iter().map(|text| ("senders", Warn(text))));
    if !settings.server.trusted_proxies.is_empty()
        && settings.server.client_address_header.is_none()
    {
        let text = "server.trusted_proxies is set without server.client_address_header: every \
            client counts as the proxy";
        rows.push(("address", Warn(text.to_owned())));
    }
    if !settings.guard.enabled {
        rows.push((
            "guard",
            Warn("switched off: budgets and cool-down are off".to_owned()),
        ));
    }
    rows
}

/// Whether failures from unrecognised devices can lock the owner of a number out.
fn unrecognised_devices(limits: &PasscodeLimits) -> Finding {
    let (share, memory) = (
        limits.unrecognised_attempts(),
        HumanDuration(limits.failure_memory()),
    );
    let text = format!(
        "unrecognised devices share {share} {} at a number until {memory} after the last; the \
         next attempt is kept for recognised devices",
        if share == 1 { "failure" } else { "failures" }
    );
    if !limits.remembers_beyond_lockout() {
        let advice = if limits.has_spare_attempts() {
            "set"
        } else {
            "raise its maximum to 7 or more, or set"
        };
        return Warn(format!(
            "{text}. If the tenant counts failures for longer, somebody who waits can still make \
             it lock a number: {advice} transmit.otp_failure_memory"
        ));
    }
    if share <= COMMON_MISTAKES {
        return Warn(format!(
            "{text}. Anyone who mistypes that many codes on a new phone waits as long: raise the \
             tenant's maximum to 7 or more, and transmit.otp_max_failures too where it is set"
        ));
    }
    Pass(text)
}

/// The providers are not contacted, because only a message would prove that they work.
fn gateway(context: &Context) -> Finding {
    let settings = &context.settings.gateway;
    if !settings.is_on() {
        return Pass("off".to_owned());
    }
    let names: Vec<&str> = settings
        .providers
        .iter()
        .map(|name| name.as_str())
        .collect();
    match sms_gateway::check(settings, &context.clock) {
        Ok(()) => Pass(format!(
            "http://{}{} by {}; settings and secrets were checked, the providers were not \
             contacted",
            settings.address,
            settings.path,
            names.join(", then ")
        )),
        Err(error) => Fail(error.to_string()),
    }
}

/// Whether the secrets of webhooks can be read. The receiver is not contacted.
fn webhooks(context: &Context) -> Option<Finding> {
    let settings = &context.settings.webhooks;
    let url = settings.url.as_ref()?;
    Some(match webhooks::check(settings) {
        // The path may hold a token of the receiver.
        Ok(secrets) => Pass(format!(
            "to {}, signed by {secrets} secrets; the receiver was not contacted",
            url.origin().ascii_serialization()
        )),
        Err(error) => Fail(error.to_string()),
    })
}

/// Counts the test numbers, and does not show them.
fn test_numbers(context: &Context) -> Option<Finding> {
    let TestNumberCounts {
        in_force,
        ended,
        until,
    } = TestNumberCounts::of(&context.settings.test_numbers.parsed(), context.clock.now())?;
    if ended == 0 {
        let until = until.to_rfc3339();
        return Some(Pass(format!(
            "{in_force} until {until} at the latest: `latchkey test-code` shows their codes"
        )));
    }
    Some(Warn(format!(
        "{in_force} in force; of {ended} `until` has passed, so their messages go to the provider: \
         remove them or set a later day"
    )))
}

async fn upstream(context: &Context) -> Vec<(&'static str, Finding)> {
    let client = wiring::build_client(
        &context.settings,
        context.clock.clone(),
        context.random.clone(),
    );
    let transmit = match client {
        Ok(transmit) => transmit,
        Err(error) => return vec![("upstream", Fail(error.to_string()))],
    };
    let mut rows = connection(context, &transmit).await;
    rows.extend(policy(
        &context.settings,
        Some(&transmit.tenant_policy().await),
    ));
    rows
}

/// Whether upstream accepts the client, and agrees with the settings.
async fn connection(context: &Context, transmit: &Transmit) -> Vec<(&'static str, Finding)> {
    let probe = transmit.probe().await;
    let configured = context.settings.transmit.tenant_id.as_deref();
    let (token, tenant) = match probe.token {
        Ok(granted) => (
            Pass("client credentials are accepted".to_owned()),
            Some(compare_tenant(configured, granted.tenant_id.as_deref())),
        ),
        Err(failure) => (Fail(failure.to_string()), None),
    };
    let keys = match probe.keys {
        Ok(count) => Pass(format!("{count} signing keys")),
        Err(failure) => Fail(failure.to_string()),
    };
    let issuer = match probe.issuer {
        Ok(IssuerFinding::Matches) => Pass("as the settings say".to_owned()),
        Ok(IssuerFinding::Differs { found }) => Warn(format!(
            "upstream calls itself {found}; right only if the application signs with keys of its \
             own"
        )),
        Err(failure) => Warn(format!("could not be compared: {failure}")),
    };
    let mut rows = vec![("credentials", token), ("keys", keys), ("issuer", issuer)];
    rows.extend(tenant.map(|finding| ("tenant", finding)));
    rows.extend(
        transmit
            .clock_skew_seconds()
            .map(|seconds| ("clock", clock(seconds))),
    );
    rows
}

/// Compares `transmit.tenant_id` with the tenant of a client token.
fn compare_tenant(configured: Option<&str>, found: Option<&str>) -> Finding {
    match (configured, found) {
        (Some(configured), Some(found)) if configured == found => {
            Pass(format!("{found}, as in transmit.tenant_id"))
        }
        (Some(configured), Some(found)) => Fail(format!(
            "a client token is of the tenant {found}, and transmit.tenant_id is {configured}: \
             every sign-in would be refused"
        )),
        (None, Some(found)) => Warn(format!(
            "transmit.tenant_id is unset; a client token is of the tenant {found}: set it to that"
        )),
        (_, None) => Warn(
            "the client token does not say its tenant, so transmit.tenant_id could not be compared"
                .to_owned(),
        ),
    }
}

/// Upstream's clock beside ours.
fn clock(skew: i64) -> Finding {
    let (apart, allowed) = (skew.unsigned_abs(), MAX_CLOCK_SKEW.as_secs());
    if apart <= allowed {
        return Pass(format!("{apart} seconds from upstream's"));
    }
    Fail(format!(
        "upstream's is {}: tokens more than {allowed} seconds off are refused; let this machine \
         keep time (NTP)",
        describe_skew(skew)
    ))
}
