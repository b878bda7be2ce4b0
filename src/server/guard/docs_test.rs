//! The table of all limits in `docs/sign-in.md` says what the code does: defaults, windows, who is
//! told, what is given back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::server::guard::budgets::{OWN, PREFIX, STRANGERS};
use crate::server::guard::*;
use crate::server::store::redb::{RedbOptions, RedbStore};

const TABLE: &str = include_str!("../../../docs/sign-in.md");
const REFERENCE: &str = include_str!("../../../docs/settings.md");
/// No limit has it by default.
const MARK: u32 = 77_777;
/// Settings of `[guard]` that are no limits: not in the table of sign-in.md.
const NO_LIMITS: [&str; 2] = ["enabled", "countries"];

/// The cells of every row about a key of `guard`, by its name.
fn rows(document: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let rows = document.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .strip_prefix('|')?
            .strip_suffix('|')?
            .split(" | ")
            .map(str::trim)
            .collect();
        let key = cells.first()?.strip_prefix("`guard.")?.strip_suffix('`')?;
        Some((key, cells))
    });
    rows.collect()
}

fn defaults() -> toml::Table {
    toml::Table::try_from(settings::GuardSettings::default()).unwrap()
}

/// A value as the documents write it.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join(", "),
        toml::Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// What a limit does, in the table's words.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    window: String,
    told: &'static str,
    given_back: &'static str,
}

/// Every charge of a guard whose limits are these, and what becomes of it.
fn charges(limits: settings::GuardSettings) -> Vec<(Charge, Row)> {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let guard = Guard::new(
        store,
        Random::system(),
        limits,
        &settings::TransmitSettings::default(),
    );
    let network = Network::of("2001:db8::1".parse().unwrap());
    let region = Region {
        country: "GB".to_owned(),
        prefix: [1; 32],
    };
    let known = Device::Known([2; 32]);
    let own = OWN.map(|name| known.key(name));
    let reset: Vec<String> = STRANGERS
        .map(str::to_owned)
        .into_iter()
        .chain(own)
        .collect();
    let mut address = guard.address_sends(&network, true);
    address.extend([
        guard.address_countries(&network),
        guard.address_tries(&network),
    ]);
    let of_service = [(Device::Stranger, false), (known, true)];
    let of_service =
        of_service.map(|(standing, creates)| guard.service_sends(Some(&region), standing, creates));
    let of_number = [
        guard.identifier_sends(known),
        guard.tries(known, None),
        guard.tries(Device::Stranger, None),
    ];
    let groups = [
        (address, guard.address_unverified(&network), "the address"),
        (
            of_service.concat(),
            guard.service_unverified(Some(&region)),
            "everybody",
        ),
        (of_number.concat(), reset, "nobody"),
    ];
    let rows = groups.into_iter().flat_map(|(charges, unverified, told)| {
        charges.into_iter().map(move |charge| {
            let row = Row {
                window: window(&charge),
                told: if charge.key.starts_with(PREFIX) {
                    "nobody"
                } else {
                    told
                },
                given_back: if unverified.contains(&charge.key) {
                    "by a sign-in"
                } else {
                    "never"
                },
            };
            (charge, row)
        })
    });
    rows.collect()
}

fn window(charge: &Charge) -> String {
    let length = match charge.window.as_secs() {
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{} days", seconds / 86_400),
    };
    if charge.renews {
        format!("{length} after the last")
    } else {
        length
    }
}

#[test]
fn the_table_of_limits_and_the_reference_have_the_defaults_of_the_code() {
    let (table, reference) = (rows(TABLE), rows(REFERENCE));
    for (key, value) in defaults()
        .iter()
        .filter(|(key, _)| !NO_LIMITS.contains(&key.as_str()))
    {
        for (name, rows) in [
            ("docs/sign-in.md", &table),
            ("docs/settings.md", &reference),
        ] {
            let row = rows
                .get(key.as_str())
                .unwrap_or_else(|| panic!("{name} has no row for guard.{key}"));
            assert_eq!(row[1], written(value), "{name}: guard.{key}");
        }
    }
    let keys = defaults();
    assert!(
        table.keys().all(|key| keys.contains_key(*key)),
        "a limit that there is not"
    );
}

#[test]
fn the_table_of_limits_says_what_is_counted_how_long_who_is_told_and_what_is_given_back() {
    let table = rows(TABLE);
    let mut counted = 0;
    for (key, value) in defaults() {
        let mut changed = defaults();
        if !value.is_integer() || !table.contains_key(key.as_str()) {
            continue;
        }
        changed.insert(key.clone(), toml::Value::Integer(MARK.into()));
        let limits: settings::GuardSettings = changed.try_into().unwrap();
        for (charge, row) in charges(limits)
            .into_iter()
            .filter(|(charge, _)| charge.limit == MARK)
        {
            let cells = &table[key.as_str()];
            let said = Row {
                window: cells[2].to_owned(),
                told: cells[3],
                given_back: cells[4],
            };
            assert_eq!(said, row, "guard.{key} is `{}`", charge.key);
            counted += 1;
        }
    }
    assert_eq!(counted, 24, "limits that are counters");
}
