//! HTML of the phone. Everything that came from outside is escaped here.

use std::time::Duration;

use crate::clock::Moment;
use crate::phone::sources::{BACK, EMPTY, MESSAGE, PAGE};
use crate::tenant::Tenant;
use crate::world::inbox::{Delivery, Inbox, Message};

/// How many messages the phone shows.
const SHOWN: usize = 30;

/// The whole page.
pub fn page(tenant: &Tenant, number: Option<&str>) -> String {
    let now = tenant.clock.now();
    let list = messages(&tenant.world().inbox, number, now);
    let back = tenant
        .application_url
        .as_deref()
        .filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    let back = back.map(|url| {
        fill(
            &BACK.read(),
            &[("url", &escape(url)), ("name", &escape(&tenant.app_name))],
        )
    });
    let date_time = now.rfc3339();
    let at = date_time.parse::<jiff::Timestamp>().unwrap_or_default();
    let values = [
        ("now", date_time.as_str()),
        ("time", &at.strftime("%H:%M").to_string()),
        ("date", &at.strftime("%A, %-d %B").to_string()),
        ("back", &back.unwrap_or_default()),
        ("messages", &list),
    ];
    fill(&PAGE.read(), &values)
}

/// The list alone, newest first.
pub fn messages(inbox: &Inbox, number: Option<&str>, now: Moment) -> String {
    let list: String = inbox
        .to(number)
        .rev()
        .take(SHOWN)
        .map(|shown| message(shown, now))
        .collect();
    if list.is_empty() {
        EMPTY.read().into_owned()
    } else {
        list
    }
}

fn message(message: &Message, now: Moment) -> String {
    let expired = now >= message.expires_at;
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
            ("state", if expired { "expired" } else { "live" }),
            ("note", note(message.delivery, expired)),
            ("initial", &escape(&initial)),
            ("sender", &escape(&message.sender_id)),
            ("to", &escape(&message.to)),
            ("sent_at", &message.sent_at.rfc3339()),
            ("ago", &ago(now.since(message.sent_at))),
            ("code", &escape(&message.code)),
            ("text", &text),
        ],
    )
}

fn note(delivery: Option<Delivery>, expired: bool) -> &'static str {
    match (expired, delivery) {
        (true, _) => " · expired",
        (false, None | Some(Delivery::Pending)) => "",
        (false, Some(Delivery::Delivered)) => " · delivered",
        (false, Some(Delivery::Failed)) => " · not delivered",
    }
}

/// Fills `{{name}}` in one pass, so that a value that looks like a name stays what it is.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(
            values
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, value)| value),
        );
        rest = tail;
    }
    filled + rest
}

fn escape(text: &str) -> String {
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

fn ago(length: Duration) -> String {
    match length.as_secs() {
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
    fn values_are_escaped_and_never_read_as_templates() {
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
    fn time_is_told_in_words() {
        for (seconds, words) in [
            (0, "now"),
            (59, "now"),
            (60, "1 min ago"),
            (7200, "2 h ago"),
            (200_000, "2 d ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), words);
        }
    }
}
