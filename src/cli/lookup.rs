//! `latchkey lookup`: what is known of a number, for the support team.

use std::process::ExitCode;

use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::admin::lookup::{LimitData, LookupKey, LookupReport, Permission};
use latchkey::server::admin::personal_data::data::EventData;

use crate::cli::admin_client;
use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{CommandResult, Context, print_error, print_line, print_message};
use crate::cli::personal_data::{IS_CUT, print_json};

/// The width of the names at the beginning of lines.
const NAME_WIDTH: usize = 20;

/// Looks up what is on standard input.
pub async fn look_up(
    context: Context,
    is_user: bool,
    is_request: bool,
    json: bool,
) -> CommandResult {
    let key = match (is_user, is_request) {
        (true, _) => LookupKey::User(admin_client::read_user("lookup")?),
        (_, true) => LookupKey::Request(admin_client::read_lookup_key("lookup --request")?),
        _ => LookupKey::Any(admin_client::read_lookup_key("lookup")?),
    };
    let reply = admin_client::run_command(context, &AdminCommand::Lookup { key }).await?;
    let report = match reply {
        AdminReply::Found { report } => report,
        AdminReply::NothingStored => {
            print_error("nothing is known of this user or request; events are kept for 7 days");
            return Ok(ExitCode::from(NEGATIVE));
        }
        other => return admin_client::print_reply(other),
    };
    if json {
        print_json(&report)?;
    } else {
        print_report(&report)?;
    }
    if report.is_cut {
        print_message(IS_CUT);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_report(report: &LookupReport) -> Result<(), CommandError> {
    if let Some(permission) = &report.next_code {
        print_field(
            "next code",
            &describe(permission, "would be sent", "withheld"),
        )?;
    }
    if let Some(permission) = &report.next_attempt {
        let allowed = match report.attempts_left {
            Some(left) => format!("would be compared; {left} left"),
            None => "would be compared".to_owned(),
        };
        print_field("next attempt", &describe(permission, &allowed, "refused"))?;
    }
    print_field("failures in a row", &report.failures.to_string())?;
    print_field("upstream", &upstream(report))?;
    let browsers = report.recognised_browsers.map(|count| count.to_string());
    print_field("recognised browsers", or_unknown(browsers.as_deref()))?;
    print_field("live sessions", &report.sessions.to_string())?;
    print_field(
        "last sign-in",
        or_unknown(report.last_sign_in_at.as_deref()),
    )?;
    let names = &report.audit_log;
    print_field("in the audit log", or_unknown(names.identifier.as_deref()))?;
    for user in &names.users {
        print_field("", &format!("user {user}"))?;
    }
    let used: Vec<&LimitData> = report.limits.iter().filter(|one| one.used > 0).collect();
    if !used.is_empty() {
        print_line("\nlimits in use (others are at 0; --json has all)")?;
    }
    for limit in used {
        print_line(&describe_limit(limit))?;
    }
    if report.recent_events.is_empty() {
        print_line("\nno recent events: no code was sent or withheld in the last 7 days")?;
    } else {
        print_line("\nrecent events, the newest last")?;
    }
    for event in &report.recent_events {
        print_line(&describe_event(event))?;
    }
    Ok(())
}

fn print_field(name: &str, value: &str) -> Result<(), CommandError> {
    print_line(&format!("{name:<NAME_WIDTH$} {value}"))
}

fn or_unknown(value: Option<&str>) -> &str {
    value.unwrap_or("not known")
}

fn describe(permission: &Permission, allowed: &str, refused: &str) -> String {
    match (&permission.refused_by, &permission.until) {
        (Some(limit), Some(until)) => format!("{refused} by the limit {limit} until {until}"),
        _ => allowed.to_owned(),
    }
}

fn upstream(report: &LookupReport) -> String {
    let Some(upstream) = &report.upstream else {
        return "not asked lately".to_owned();
    };
    let outcome = match upstream.outcome.as_str() {
        "" => upstream.event.as_str(),
        outcome => outcome,
    };
    let reason = upstream.reason.as_deref();
    let reason = reason.map(|reason| format!(": {reason}"));
    format!("{outcome} at {}{}", upstream.at, reason.unwrap_or_default())
}

fn describe_limit(limit: &LimitData) -> String {
    let scope = limit.scope.name();
    let browser = limit.browser.as_deref().map(|id| format!(" {id}"));
    let most = limit.limit.map_or("-".to_owned(), |most| most.to_string());
    let resets_at = or_unknown(limit.resets_at.as_deref());
    format!(
        "  {:<24} {:>6} of {most:<6} until {resets_at}  {scope}{}",
        limit.name,
        limit.used,
        browser.unwrap_or_default()
    )
}

fn describe_event(event: &EventData) -> String {
    let words = [&event.event, &event.outcome, &event.purpose, &event.channel];
    let words = words.map(String::as_str).into_iter();
    let detail = event.detail.iter().map(|detail| format!("({detail})"));
    let request = event.request_id.iter().map(|id| format!("request {id}"));
    let rest: Vec<String> = detail.chain(request).collect();
    let all = words.chain(rest.iter().map(String::as_str));
    let all: Vec<&str> = all.filter(|word| !word.is_empty()).collect();
    format!("  {}  {}", event.at, all.join(" "))
}
