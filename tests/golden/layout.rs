//! Reads stored data without the product. Table names, key names, layouts, HKDF labels and
//! associated data are repeated here as literals. So a change of any of them fails a test.
//!
//! The content of each engine becomes lines of text in which random values are masked, so that the
//! content of two runs can be compared.

mod crypto;
mod redb_file;
mod redis_dump;

use serde_json::{Value, json};

pub use crypto::{base64, fingerprint, hex, hmac_sha256, index, open, sha256};
pub use redb_file::of_file;
pub use redis_dump::{of_redis, redis_commands, restore_redis};

type Id = [u8; 32];

/// The kinds of records: number, associated data if they are encrypted, and whether their ids are
/// the same in every run.
const KINDS: [(u8, Option<&str>, bool); 14] = [
    (1, Some("latchkey flow v1"), false),
    (2, Some("latchkey session v1"), false),
    (3, None, true),
    (4, Some("latchkey known browser v1"), false),
    (5, Some("latchkey ticket v1"), false),
    (7, Some("latchkey application session v1"), false),
    (8, None, false),
    (9, Some("latchkey sign-ins v1"), true),
    (10, Some("latchkey test message v1"), true),
    (11, Some("latchkey passcode policy v1"), true),
    (LATER_KINDS[0], Some("latchkey audit pseudonym v1"), true),
    (LATER_KINDS[1], Some("latchkey recent events v1"), true),
    (LATER_KINDS[2], Some("latchkey request events v1"), false),
    (32, None, true),
];
/// Fields that later versions added to records: the number of a later format, the policy when the
/// codes of a flow were requested, the time of the last sign-in that succeeded, by which name
/// events call a user, the key of a user's number, and which limit refused a request.
const ADDED: [&str; 6] = [
    "format",
    "terms",
    "succeeded_at",
    "pseudonym",
    "identifier_key",
    "reason",
];
/// The kinds that later versions added: the names of numbers in events, recent events of numbers,
/// and the requests that lead to them.
const LATER_KINDS: [u8; 3] = [12, 13, 14];
/// The kind of sign-in histories. Later versions list them under the number that signed in last.
const HISTORY: u8 = 9;
/// Fields of records and events with random values.
const RANDOM: [&str; 9] = [
    "id",
    "upstream",
    "browser",
    "parent",
    "nonce",
    "hidden",
    "created_user",
    "request_id",
    "session",
];

/// A value in which random fields are replaced by their types, without [`ADDED`] fields.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mask = |(name, value): (&String, &Value)| {
                // The name of a browser is not random, its id is.
                let is_word = name == "browser" && value.as_str().is_some_and(|it| it.len() != 32);
                let is_random = RANDOM.contains(&name.as_str()) && !is_word;
                (
                    name.clone(),
                    if is_random {
                        type_of(value)
                    } else if name == "masked" {
                        last_digits(value)
                    } else {
                        masked(value)
                    },
                )
            };
            let is_old = |(name, _): &(&String, &Value)| !ADDED.contains(&name.as_str());
            fields.iter().filter(is_old).map(mask).collect()
        }
        Value::Array(values) => values.iter().map(masked).collect(),
        other => other.clone(),
    }
}

/// The last two digits of a masked number. The digits before them were two, and are now those of
/// the calling code.
fn last_digits(value: &Value) -> Value {
    let text = value.as_str().unwrap();
    json!(text[text.len() - 2..])
}

pub fn type_of(value: &Value) -> Value {
    json!(match value {
        Value::Null => "<null>".to_owned(),
        Value::Bool(_) => "<bool>".to_owned(),
        Value::Number(_) => "<number>".to_owned(),
        Value::String(text) => format!("<string of {}>", text.len()),
        Value::Array(values) => format!("<array of {}>", values.len()),
        Value::Object(_) => "<object>".to_owned(),
    })
}

fn id(kind: u8, id: &[u8]) -> String {
    let is_same = KINDS
        .iter()
        .any(|(known, _, is_same)| *known == kind && *is_same);
    if is_same {
        hex(id)
    } else {
        format!("<{} bytes>", id.len())
    }
}

fn record(kind: u8, id: &[u8], bytes: &[u8]) -> String {
    let (_, context, _) = KINDS.iter().find(|(known, ..)| *known == kind).unwrap();
    match context {
        Some(context) => {
            let opened = open(&[context.as_bytes(), id].concat(), bytes);
            masked(&opened.unwrap_or_else(|| panic!("kind {kind} cannot be opened"))).to_string()
        }
        None => match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => value.to_string(),
            Err(_) => hex(bytes),
        },
    }
}

/// The name of a counter without the id of a recognised device.
fn counter(key: &str) -> String {
    let is_hash =
        |word: &str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    match key.rsplit_once(' ') {
        Some((name, word)) if is_hash(word) && !name.starts_with("sends_prefix") => {
            format!("{name} <browser>")
        }
        _ => key.to_owned(),
    }
}

/// The name of a counter within its group. The group of `others` is a session, which is random.
fn in_group(group: &str, key: &str) -> String {
    let group = if key == "others" { "<session>" } else { group };
    format!("{group} {}", counter(key))
}

fn reservation(mut charged: Vec<String>, end: &str) -> String {
    charged.sort();
    format!("reservation until {end}: {}", charged.join(", "))
}

/// An audit event with variable values masked. `detail` is prose, and `uid` is the user who runs
/// the test. Budgets are checked after the answer is sent, so the time of that event varies.
pub fn event(event: &Value) -> String {
    let mut event = masked(event);
    let name = event["event"].as_str().unwrap().to_owned();
    let free: &[&str] = match &*name {
        "excess_rate_limit_near" => &["time"],
        "test_code_read" => &["uid"],
        _ => &["detail"],
    };
    for field in free {
        if let Some(value) = event.get_mut(*field) {
            // The length of a text may change.
            let kind = type_of(value)
                .as_str()
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .to_owned();
            *value = json!(kind);
        }
    }
    // Later versions name people by random pseudonyms, and by none where nothing was stored.
    let fields = event.as_object_mut().unwrap();
    fields.remove("user");
    if let Some(subject) = fields.get_mut("subject").and_then(Value::as_object_mut) {
        subject.remove("identifier");
    }
    event.to_string()
}
