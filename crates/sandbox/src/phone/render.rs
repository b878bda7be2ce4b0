//! Renders the phone's HTML, and escapes all values in it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::phone::sources::{BACK, EMPTY, MESSAGE, PAGE};
use crate::state::channel::Channel;
use crate::state::inbox::{DeliveryStatus, Inbox, Message};
use crate::tenant::Tenant;

/// Messages on the page.
const MAX_SHOWN: usize = 30;

/// Renders the whole page.
pub fn render_page(tenant: &Tenant, number: Option<&str>) -> String {
    let now = tenant.clock.now();
    let list = render_messages(&tenant.state().inbox, number, now);
    let application_url = tenant
        .application_url
        .as_deref()
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    let back_link = application_url.map(|url| {
        fill(
            &BACK.read(),
            &[("url", &escape(url)), ("name", &escape(&tenant.app_name))],
        )
    });
    let now_rfc3339 = now.to_rfc3339();
    let date_time = now_rfc3339.parse::<jiff::Timestamp>().unwrap_or_default();
    let values = [
        ("now", now_rfc3339.as_str()),
        ("time", &date_time.strftime("%H:%M").to_string()),
        ("date", &date_time.strftime("%A, %-d %B").to_string()),
        ("back", &back_link.unwrap_or_default()),
        ("messages", &list),
    ];
    fill(&PAGE.read(), &values)
}

/// Renders the list of messages, newest first.
pub fn render_messages(inbox: &Inbox, number: Option<&str>, now: Timestamp) -> String {
    let list: String = inbox
        .messages_to(number)
        .rev()
        .take(MAX_SHOWN)
        .map(|message| render_message(message, now))
        .collect();
    if list.is_empty() {
        EMPTY.read().into_owned()
    } else {
        list
    }
}

fn render_message(message: &Message, now: Timestamp) -> String {
    let is_expired = now >= message.expires_at;
    let code = format!("<b class=\"code\">{}</b>", escape(&message.code));
    let text = escape(&message.text).replacen(&message.code, &code, 1);
    let initial: String = message
        .sender_id
        .chars()
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    fill(
        &MESSAGE.read(),
        &[
            ("number", &message.number.to_string()),
            ("state", if is_expired { "expired" } else { "live" }),
            ("note", delivery_note(message.delivery, is_expired)),
            ("initial", &escape(&initial)),
            ("sender", &escape(&message.sender_id)),
            ("kind", kind(message.channel)),
            ("to", &escape(&message.to)),
            ("sent_at", &message.sent_at.to_rfc3339()),
            ("ago", &age(now.since(message.sent_at))),
            ("code", &escape(&message.code)),
            ("text", &text),
        ],
    )
}

fn kind(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "Email",
        Channel::Sms | Channel::Direct => "SMS",
    }
}

fn delivery_note(delivery: Option<DeliveryStatus>, is_expired: bool) -> &'static str {
    match (is_expired, delivery) {
        (true, _) => " · expired",
        (false, None | Some(DeliveryStatus::Pending)) => "",
        (false, Some(DeliveryStatus::Delivered)) => " · delivered",
        (false, Some(DeliveryStatus::Failed)) => " · not delivered",
    }
}

/// Replaces `{{name}}` in one pass, so that placeholders in values are not replaced.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(
            values
                .iter()
                .find(|(candidate, _)| *candidate == name)
                .map_or("", |(_, value)| value),
        );
        rest = tail;
    }
    filled + rest
}

pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            other => safe.push(other),
        }
    }
    safe
}

fn age(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => "now".into(),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds @ 3600..86400 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} d ago", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_not_read_as_templates() {
        assert_eq!(
            escape("<b a=\"'&'\">"),
            "&lt;b a=&quot;&apos;&amp;&apos;&quot;&gt;"
        );
        assert_eq!(
            fill("{{a}}-{{b}}-{{c}}", &[("a", "{{b}}"), ("b", "2")]),
            "{{b}}-2-"
        );
    }

    #[test]
    fn an_age_is_shown_in_its_largest_unit() {
        for (seconds, words) in [
            (0, "now"),
            (59, "now"),
            (60, "1 min ago"),
            (7200, "2 h ago"),
            (200_000, "2 d ago"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), words);
        }
    }
}
