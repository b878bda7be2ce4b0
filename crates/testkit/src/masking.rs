//! Masks the random parts of a response and keeps their length, so that two responses can be
//! compared byte by byte (requirement E1).
//!
//! Tests are in `tests/product/enumeration/measurement.rs`, because a benchmark has none.

/// The digits of a time in milliseconds since 1970. Pages carry the server's time.
const TIMESTAMP_DIGITS: usize = 13;

/// A response in which random parts and the second of the response are masked: the date, the
/// cookie values, the request ID and the nonce of the policy wherever they occur, the form's ID,
/// the tags of its flow, and the ID in the footer of an error. `head` holds the status and one
/// header a line: `name: value`.
pub fn mask_random_parts(head: &str, body: &str) -> String {
    let nonce = head
        .split_once("'nonce-")
        .and_then(|(_, rest)| Some(rest.split_once('\'')?.0));
    let request_id = head
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "));
    let head: Vec<String> = head.lines().map(mask_header).collect();
    let text = format!(
        "{}\n\n{}",
        head.join("\n").trim_end(),
        mask_reference(&mask_every(
            &mask_between(body, "name=\"form\" value=\"", '"'),
            "name=\"flow\" value=\"",
            '"'
        ))
    );
    let random = [nonce, request_id].into_iter().flatten();
    random
        .filter(|value| !value.is_empty())
        .fold(text, |text, value| text.replace(value, &mask(value)))
}

/// Masks times in milliseconds, for responses that were not sent in the same millisecond.
pub fn mask_timestamps(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        masked += before;
        masked += &if number.len() == TIMESTAMP_DIGITS {
            mask(number)
        } else {
            number.to_owned()
        };
        rest = after;
    }
    masked + rest
}

fn mask_header(line: &str) -> String {
    match line.split_once(": ") {
        Some((name @ ("date" | "x-request-id"), value)) => format!("{name}: {}", mask(value)),
        Some(("set-cookie", _)) => mask_between(line, "=", ';'),
        _ => line.to_owned(),
    }
}

/// Masks the id of a refused request in the footer, which is not that of the response itself.
fn mask_reference(body: &str) -> String {
    match body.split_once("<p class=\"reference\">") {
        Some((page, footer)) => {
            let footer = mask_between(footer, "<code dir=\"ltr\">", '<');
            format!("{page}<p class=\"reference\">{footer}")
        }
        None => body.to_owned(),
    }
}

/// Masks the text between the first `before` and the next `after`, or the end.
fn mask_between(text: &str, before: &str, after: char) -> String {
    let Some((start, rest)) = text.split_once(before) else {
        return text.to_owned();
    };
    let (value, rest) = rest.split_at(rest.find(after).unwrap_or(rest.len()));
    format!("{start}{before}{}{rest}", mask(value))
}

/// [`mask_between`] for every `before`.
fn mask_every(text: &str, before: &str, after: char) -> String {
    let mut parts = text.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| {
        masked + &mask_between(&format!("{before}{part}"), before, after)
    })
}

fn mask(value: &str) -> String {
    "#".repeat(value.len())
}
