//! The table of the passcode policy: every value with its source.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::timestamp::Timestamp;
use crate::server::passcode_policy::PolicyStatus;
use crate::server::settings::{HumanDuration, PasscodeLimits, PolicySource};

/// The policy that the page shows.
#[derive(Debug)]
pub struct PolicyView {
    /// What is known of the tenant's policy.
    pub status: PolicyStatus,
    /// The limits in force.
    pub limits: Arc<PasscodeLimits>,
}

/// One row: a name, its value and its source.
struct PolicyRow {
    name: &'static str,
    value: String,
    source: String,
}

/// The rows of the table.
pub fn rows(view: &PolicyView, now: Timestamp) -> AnyView {
    let rows = policy_rows(view, now).into_iter().map(|row| {
        view! {
            <tr>
                <th scope="row">{row.name}</th>
                <td>{row.value}</td>
                <td>{row.source}</td>
            </tr>
        }
    });
    rows.collect_view().into_any()
}

fn policy_rows(PolicyView { status, limits }: &PolicyView, now: Timestamp) -> Vec<PolicyRow> {
    let policy = &limits.policy;
    let span = |span| HumanDuration(span).to_string();
    let of_policy = [
        (
            "digits of a code",
            policy.length.to_string(),
            limits.length_source,
        ),
        (
            "lifetime of a code",
            span(policy.lifetime),
            limits.lifetime_source,
        ),
        (
            "failures until the lock",
            policy.max_failures.to_string(),
            limits.max_failures_source,
        ),
        (
            "the tenant's lock",
            span(policy.lockout),
            limits.lockout_source,
        ),
    ];
    let of_policy = of_policy.map(|(name, value, source)| PolicyRow {
        name,
        value,
        source: source_name(source).to_owned(),
    });
    let own = [
        ("a code is used for", span(limits.code_lifetime())),
        ("attempts a code", limits.attempts_per_code().to_string()),
        ("attempts count for", span(limits.lockout())),
    ];
    let own = own.map(|(name, value)| PolicyRow {
        name,
        value,
        source: "derived".to_owned(),
    });
    let email = limits
        .email
        .map(|codes| format!("{} digits, {} to use", codes.length, span(codes.lifetime)));
    let email = email.or_else(|| Some(status.email_problem?.to_string()));
    let email = email.map(|value| PolicyRow {
        name: "codes by email",
        value,
        source: source_name(PolicySource::Tenant).to_owned(),
    });
    let told = match (status.told_at, &status.problem) {
        (_, Some(problem)) => problem.clone(),
        (Some(at), None) => format!("{} s ago", now.since(at).as_secs()),
        (None, None) => "not asked yet".to_owned(),
    };
    let told = PolicyRow {
        name: "the tenant said so",
        value: told,
        source: String::new(),
    };
    let rows = of_policy.into_iter().chain(own);
    rows.chain(email).chain([told]).collect()
}

fn source_name(source: PolicySource) -> &'static str {
    source.into()
}
