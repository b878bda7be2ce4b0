//! Reads stored data without the product. Table names, key names, layouts, HKDF labels and
//! associated data are repeated here as literals. So a change of any of them fails a test.
//!
//! The content of each engine becomes lines of text in which random values are masked, so that the
//! content of two runs can be compared.

use std::fmt::Write as _;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableHandle};
use serde_json::{Value, json};

use crate::app::KEY;
use latchkey_testkit::redis_server::RedisServer;

type Id = [u8; 32];
type RecordRow = (u64, u64, Option<&'static Id>, &'static [u8]);
type Charges = Vec<(&'static [u8], &'static [u8; 16], u32)>;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const RECORDS: TableDefinition<(u8, &Id), RecordRow> = TableDefinition::new("records");
const OWNERS: TableDefinition<(&Id, u8, &Id), u64> = TableDefinition::new("owners");
const COUNTERS: TableDefinition<&[u8], (&[u8; 16], u64, u32)> = TableDefinition::new("counters");
const RESERVATIONS: TableDefinition<&[u8], (u64, Charges)> = TableDefinition::new("reservations");
const EXPIRY: TableDefinition<(u64, u8, &[u8]), ()> = TableDefinition::new("expiry");

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
/// The prefix of every key in Redis.
const PREFIX: &str = "latchkey:";
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

pub fn sha256(value: &[u8]) -> Id {
    digest::digest(&digest::SHA256, value)
        .as_ref()
        .try_into()
        .unwrap()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub fn base64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub fn hmac_sha256(key: &[u8], value: &[u8]) -> Id {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), value)
        .as_ref()
        .try_into()
        .unwrap()
}

/// A sub-key of the fixtures' secret key.
fn sub_key(label: &str) -> Id {
    let key = STANDARD.decode(KEY.trim()).unwrap();
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey").extract(&key);
    let mut bytes = [0; 32];
    let info = [label.as_bytes()];
    salt.expand(&info, hkdf::HKDF_SHA256)
        .unwrap()
        .fill(&mut bytes)
        .unwrap();
    bytes
}

/// The keyed hash of a value for a purpose.
pub fn index(purpose: &str, value: &[u8]) -> Id {
    hmac_sha256(&sub_key(&format!("latchkey index {purpose} v1")), value)
}

/// The fingerprint of the key that makes indexes (`index`) or encrypts (`seal`).
pub fn fingerprint(of: &str) -> String {
    hex(&sub_key(&format!("latchkey {of} fingerprint v1"))[..8])
}

/// Decrypts a value; `None` with other associated data.
pub fn open(context: &[u8], sealed: &[u8]) -> Option<Value> {
    let key = UnboundKey::new(&AES_256_GCM_SIV, &sub_key("latchkey seal v1")).unwrap();
    let (nonce, body) = sealed.split_first_chunk()?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = LessSafeKey::new(key)
        .open_in_place(nonce, Aad::from(context), &mut body)
        .ok()?;
    Some(serde_json::from_slice(plain).unwrap())
}

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

/// The group at the beginning of a name in redb, and the rest.
fn group(name: &[u8]) -> (String, &[u8]) {
    match name.split_first().unwrap() {
        (b'a', rest) => {
            let (length, rest) = rest.split_first_chunk().unwrap();
            let (address, rest) = rest.split_at(u64::from_be_bytes(*length).try_into().unwrap());
            (
                format!("address {}", str::from_utf8(address).unwrap()),
                rest,
            )
        }
        (b'i', rest) => (format!("identifier {}", hex(&rest[..32])), &rest[32..]),
        (b's', rest) => ("service".to_owned(), rest),
        _ => panic!("a group that is none: {name:?}"),
    }
}

fn file_counter(name: &[u8]) -> String {
    let (group, key) = group(name);
    in_group(&group, str::from_utf8(key).unwrap())
}

fn reservation(mut charged: Vec<String>, end: &str) -> String {
    charged.sort();
    format!("reservation until {end}: {}", charged.join(", "))
}

/// The whole content of a redb file that is not open.
pub fn of_file(path: &Path) -> Vec<String> {
    let database = Database::open(path).unwrap();
    let reading = database.begin_read().unwrap();
    let mut lines = Vec::new();
    for table in reading.list_tables().unwrap() {
        lines.push(format!("table {}", table.name()));
    }
    assert_eq!(reading.list_multimap_tables().unwrap().count(), 0);
    macro_rules! rows {
        ($table:expr, |$key:pat_param, $value:pat_param| $line:expr) => {
            for entry in reading.open_table($table).unwrap().iter().unwrap() {
                let (key, value) = entry.unwrap();
                let ($key, $value) = (key.value(), value.value());
                lines.push($line);
            }
        };
    }
    rows!(META, |name, number| format!("meta {name} {number}"));
    rows!(RECORDS, |(kind, key), (version, end, owner, bytes)| {
        let owner = owner.filter(|_| kind != HISTORY).map(|owner| hex(owner));
        let owner = owner.unwrap_or_default();
        let (id, content) = (id(kind, key), record(kind, key, bytes));
        format!("record {kind} {id} v{version} until {end} of {owner}: {content}")
    });
    rows!(OWNERS, |(owner, kind, key), end| {
        let (owner, id) = (hex(owner), id(kind, key));
        format!("owner {owner} has {kind} {id} until {end}")
    });
    let lists_history = format!(" has {HISTORY} ");
    lines.retain(|line| !(line.starts_with("owner ") && line.contains(&lists_history)));
    rows!(COUNTERS, |name, (_, end, used)| {
        format!("counter {}: {used} until {end}", file_counter(name))
    });
    rows!(RESERVATIONS, |name, (end, charged)| {
        assert_eq!(group(name).1.len(), 16);
        let line =
            |(name, _, amount): &(&[u8], _, u32)| format!("{} +{amount}", file_counter(name));
        reservation(charged.iter().map(line).collect(), &end.to_string())
    });
    rows!(EXPIRY, |(end, table, row), ()| match table {
        1 => format!("end {end} of record {} {}", row[0], id(row[0], &row[1..])),
        2 => format!("end {end} of counter {}", file_counter(row)),
        3 => format!("end {end} of a reservation of {}", {
            let (group, rest) = group(row);
            assert_eq!(rest.len(), 16);
            if group.starts_with("identifier") {
                "identifier".to_owned()
            } else {
                group
            }
        }),
        other => panic!("table {other}"),
    });
    let is_later = |line: &String, kind: &u8| {
        line.starts_with(&format!("record {kind} "))
            || line.contains(&format!(" of record {kind} "))
    };
    lines.retain(|line| !LATER_KINDS.iter().any(|kind| is_later(line, kind)));
    lines.sort();
    lines
}

/// A command in the quoting of `redis-cli`.
fn written(words: &[Vec<u8>]) -> String {
    let quoted = |word: &Vec<u8>| {
        let mut text = String::from("\"");
        for byte in word {
            match byte {
                b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
                0x20..=0x7e => text.push(char::from(*byte)),
                _ => write!(text, "\\x{byte:02x}").unwrap(),
            }
        }
        text + "\""
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn read(line: &str) -> Vec<Vec<u8>> {
    let (mut words, mut bytes) = (Vec::new(), line.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b' ' => {}
            b'"' => words.push(word(&mut bytes)),
            _ => panic!("not quoted: {line}"),
        }
    }
    words
}

fn word(bytes: &mut impl Iterator<Item = u8>) -> Vec<u8> {
    let mut word = Vec::new();
    loop {
        match bytes.next().unwrap() {
            b'"' => return word,
            b'\\' => match bytes.next().unwrap() {
                b'x' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    word.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
                }
                other => word.push(other),
            },
            other => word.push(other),
        }
    }
}

/// Commands that restore the whole content of a server.
pub fn redis_commands(server: &RedisServer) -> Vec<String> {
    let mut names: Vec<String> = server.command(&["KEYS", "*"]);
    names.sort();
    let mut lines = Vec::new();
    for name in names {
        let (command, read): (&str, &[&str]) = match &*server.command::<String>(&["TYPE", &name]) {
            "hash" => ("HSET", &["HGETALL", &name]),
            "zset" => ("ZADD", &["ZRANGE", &name, "0", "-1", "WITHSCORES"]),
            "string" => ("SET", &["GET", &name]),
            other => panic!("{name} is a {other}"),
        };
        let mut values: Vec<Vec<u8>> = match command {
            "SET" => vec![server.command(read)],
            _ => server.command(read),
        };
        // `ZRANGE` returns the member first; `ZADD` takes the score first.
        if command == "ZADD" {
            values.chunks_mut(2).for_each(<[_]>::reverse);
        }
        let mut pairs: Vec<Vec<Vec<u8>>> = values.chunks(2).map(<[_]>::to_vec).collect();
        pairs.sort();
        let words = [
            vec![command.into(), name.clone().into_bytes()],
            pairs.concat(),
        ]
        .concat();
        lines.push(written(&words));
        let left: i64 = server.command(&["PTTL", &name]);
        if left >= 0 {
            let left = (left as u64).div_ceil(60_000) * 60_000;
            lines.push(written(&[
                "PEXPIRE".into(),
                name.into(),
                left.to_string().into(),
            ]));
        }
    }
    lines
}

pub fn restore_redis(server: &RedisServer, commands: &str) {
    let mut connection = redis::Client::open(server.url())
        .unwrap()
        .get_connection()
        .unwrap();
    for words in commands.lines().map(read) {
        let mut command = redis::cmd(str::from_utf8(&words[0]).unwrap());
        command
            .arg(&words[1..])
            .query::<()>(&mut connection)
            .unwrap();
    }
}

/// The whole content of a server, from the commands that restore it.
pub fn of_redis(commands: &str) -> Vec<String> {
    let mut lines: Vec<String> = commands
        .lines()
        .map(read)
        .filter(|words| {
            let is_of = |kind: &u8| words[1].starts_with(format!("{PREFIX}r:{kind}:").as_bytes());
            !LATER_KINDS.iter().any(is_of)
        })
        .map(|words| redis_line(&words))
        .collect();
    lines.sort();
    lines
}

fn redis_line(words: &[Vec<u8>]) -> String {
    let text = |word: &[u8]| String::from_utf8(word.to_vec()).unwrap();
    let (command, name) = (text(&words[0]), text(&words[1]));
    let values = without_owner_of_history(&name, &words[2..]);
    let name = name
        .strip_prefix(PREFIX)
        .unwrap_or_else(|| panic!("{name}"));
    let field = |wanted: &str| {
        let pair = values.chunks(2).find(|pair| pair[0] == wanted.as_bytes());
        pair.map(|pair| pair[1].clone()).unwrap_or_default()
    };
    let fields = || {
        values
            .chunks(2)
            .map(|pair| text(&pair[0]))
            .collect::<Vec<_>>()
            .join("")
    };
    if command == "PEXPIRE" {
        return format!("expires: {}", redis_name(name));
    }
    if name == "schema" {
        return format!("{command} schema {}", text(&values[0]));
    }
    if name.starts_with("r:") {
        let (kind, key) = record_name(name);
        let [version, end, until] = ["v", "e", "i"].map(|name| text(&field(name)));
        let content = record(kind, &key, &field("b"));
        return format!(
            "{command} {} {} v{version} until {end} of {} indexed until {until}: {content}",
            redis_name(name),
            fields(),
            hex(&field("o")),
        );
    }
    if name.starts_with("o:") {
        let member = |pair: &[Vec<u8>]| {
            let (kind, key) = pair[1].split_first().unwrap();
            format!("{kind} {} until {}", id(*kind, key), text(&pair[0]))
        };
        let mut members: Vec<String> = values.chunks(2).map(member).collect();
        members.sort();
        return format!("{command} {} {}", redis_name(name), members.join(", "));
    }
    if name.contains("}:c:") {
        assert_eq!(field("w").len(), 16);
        let [end, used] = ["e", "u"].map(|name| text(&field(name)));
        return format!(
            "{command} {} {}: {used} until {end}",
            redis_name(name),
            fields()
        );
    }
    let charged = values.chunks(2).filter(|pair| pair[0] != b"e").map(|pair| {
        let counter = text(&pair[0]);
        let amount = text(&pair[1][16..]);
        format!(
            "{} +{amount}",
            redis_name(counter.strip_prefix(PREFIX).unwrap())
        )
    });
    assert!(name.contains("}:t:"), "{name}");
    format!(
        "{command} {}",
        reservation(charged.collect(), &text(&field("e")))
    )
}

/// The fields of a key, without the owner of a sign-in history and its row in the index.
fn without_owner_of_history(name: &str, values: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_history = name.starts_with(&format!("{PREFIX}r:{HISTORY}:"));
    let is_index = name.starts_with(&format!("{PREFIX}o:"));
    let is_old = |pair: &&[Vec<u8>]| {
        let is_owner = is_history && (pair[0] == b"i" || pair[0] == b"o");
        let is_listed = is_index && pair[1].first() == Some(&HISTORY);
        !is_owner && !is_listed
    };
    values
        .chunks(2)
        .filter(|pair| pair.len() < 2 || is_old(pair))
        .flatten()
        .cloned()
        .collect()
}

fn record_name(name: &str) -> (u8, Vec<u8>) {
    let (kind, key) = name["r:".len()..].split_once(':').unwrap();
    let key = key.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    (kind.parse().unwrap(), base64(key))
}

/// The name of a key with random parts masked.
fn redis_name(name: &str) -> String {
    if name.starts_with("r:") {
        let (kind, key) = record_name(name);
        return format!("record {kind} {}", id(kind, &key));
    }
    if let Some(owner) = name.strip_prefix("o:") {
        let owner = owner.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
        return format!("owner {}", hex(&base64(owner)));
    }
    let Some((group, rest)) = name
        .strip_prefix('{')
        .and_then(|name| name.split_once("}:"))
    else {
        return name.to_owned();
    };
    let group = match group.split_once(':') {
        Some(("a", address)) => format!("address {}", String::from_utf8(base64(address)).unwrap()),
        Some(("i", hash)) => format!("identifier {}", hex(&base64(hash))),
        _ => group.to_owned(),
    };
    match rest.split_once(':').unwrap() {
        ("c", key) => format!("counter {}", in_group(&group, key)),
        // Its group may be a session, which is random.
        ("t", ticket) => format!("ticket of {}", base64(ticket).len()),
        _ => panic!("{name}"),
    }
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
