//! An answer as a text in which what is random is masked and keeps its length: two that look alike
//! tell a browser the same (requirement E1).
//!
//! Its own test is `tests/product/neutral/measure.rs`, since a benchmark has none.

/// Milliseconds since 1970 have so many digits: pages carry the server's time.
const MILLIS: usize = 13;

/// An answer without what is random in it, or of its second: the date, the id of the request, the
/// values of cookies, the nonce of the policy wherever it stands, the id of a form. `head` has the
/// status and the headers, one a line: `name: value`.
pub fn masked(head: &str, body: &str) -> String {
    let nonce = head
        .split_once("'nonce-")
        .and_then(|(_, rest)| Some(rest.split_once('\'')?.0));
    let head: Vec<String> = head.lines().map(line).collect();
    let text = format!(
        "{}\n\n{}",
        head.join("\n").trim_end(),
        between(body, "name=\"form\" value=\"", '"')
    );
    match nonce {
        Some(nonce) if !nonce.is_empty() => text.replace(nonce, &hidden(nonce)),
        _ => text,
    }
}

/// The text without numbers that are times in milliseconds: for answers of one moment that did not
/// leave in one millisecond.
pub fn without_times(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        shown += before;
        shown += &if number.len() == MILLIS {
            hidden(number)
        } else {
            number.to_owned()
        };
        rest = after;
    }
    shown + rest
}

fn line(line: &str) -> String {
    match line.split_once(": ") {
        Some((name @ ("date" | "x-request-id"), value)) => format!("{name}: {}", hidden(value)),
        Some(("set-cookie", _)) => between(line, "=", ';'),
        _ => line.to_owned(),
    }
}

/// A text without what stands between the first `before` and the next `after`, or the end.
fn between(text: &str, before: &str, after: char) -> String {
    let Some((start, rest)) = text.split_once(before) else {
        return text.to_owned();
    };
    let (secret, rest) = rest.split_at(rest.find(after).unwrap_or(rest.len()));
    format!("{start}{before}{}{rest}", hidden(secret))
}

fn hidden(secret: &str) -> String {
    "#".repeat(secret.len())
}
