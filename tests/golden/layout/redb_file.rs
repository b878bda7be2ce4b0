//! The tables of a redb file.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, TableHandle};

use super::{HISTORY, Id, LATER_KINDS, hex, id, in_group, record, reservation};

type RecordRow = (u64, u64, Option<&'static Id>, &'static [u8]);
type Charges = Vec<(&'static [u8], &'static [u8; 16], u32)>;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const RECORDS: TableDefinition<(u8, &Id), RecordRow> = TableDefinition::new("records");
const OWNERS: TableDefinition<(&Id, u8, &Id), u64> = TableDefinition::new("owners");
const COUNTERS: TableDefinition<&[u8], (&[u8; 16], u64, u32)> = TableDefinition::new("counters");
const RESERVATIONS: TableDefinition<&[u8], (u64, Charges)> = TableDefinition::new("reservations");
const EXPIRY: TableDefinition<(u64, u8, &[u8]), ()> = TableDefinition::new("expiry");

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
