//! The keys of a Redis server, as commands that restore them.

use std::fmt::Write as _;

use latchkey_testkit::redis_server::RedisServer;

use super::{HISTORY, LATER_KINDS, base64, hex, id, in_group, record, reservation};

/// The prefix of every key in Redis.
const PREFIX: &str = "latchkey:";

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
