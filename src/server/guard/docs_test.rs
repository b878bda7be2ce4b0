//! Compares the table of limits in `docs/operators/limits.md` with the code: defaults, windows,
//! disclosure and refunds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::Channel;
use crate::server::guard::budgets::{PER_DEVICE, SHARED};
use crate::server::guard::limit::Limit;
use crate::server::guard::*;
use crate::server::store::redb::{RedbOptions, RedbStore};

const TABLE: &str = include_str!("../../../docs/operators/limits.md");
const REFERENCE: &str = include_str!("../../../docs/operators/settings.md");
/// A value that no limit has by default.
const MARK: u32 = 77_777;
/// Settings of `[guard]` that are no limits and not in the table of limits.md.
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

/// The defaults of `guard` in the list of settings: ``- `guard.number_hourly` (default `5`): …``.
fn listed(document: &'static str) -> BTreeMap<&'static str, &'static str> {
    let entries = document.lines().filter_map(|line| {
        let (key, rest) = line.strip_prefix("- `guard.")?.split_once("` (default ")?;
        Some((key, rest.split_once("):")?.0))
    });
    entries.collect()
}

fn defaults() -> toml::Table {
    toml::Table::try_from(settings::GuardSettings::default()).unwrap()
}

/// A value in the notation of the documents.
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
    refunded: &'static str,
}

/// Every limit of a guard with these settings, and its row.
fn limits(settings: settings::GuardSettings) -> Vec<(Limit, Row)> {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let limits = settings::TransmitSettings::default().passcode_limits(None);
    let limits = CurrentLimits::new(limits);
    let guard = Guard::new(store, Random::system(), settings, limits);
    let network = Network::of("2001:db8::1".parse().unwrap());
    let destination = Destination {
        country: "GB".to_owned(),
        prefix: [1; 32],
    };
    let recognised = Device::Recognised([2; 32]);
    let kind = |creates_user| SendKind {
        channel: Channel::Email,
        creates_user,
    };
    let mut address = guard.address_sends(&network, kind(true));
    address.extend([
        guard.address_countries(&network),
        guard.address_attempts(&network),
    ]);
    let service = [(Device::Unrecognised, false), (recognised, true)]
        .map(|(device, creates)| guard.service_sends(Some(&destination), device, kind(creates)));
    let identifier = [
        guard.identifier_sends(recognised, Channel::Email),
        guard.identifier_attempts(recognised, None),
        guard.identifier_attempts(Device::Unrecognised, None),
    ];
    let groups = [
        (address, "the address"),
        (service.concat(), "everybody"),
        (identifier.concat(), "nobody"),
    ];
    let rows = groups.into_iter().flat_map(|(limits, disclosed_to)| {
        limits.into_iter().map(move |limit| {
            let told = match limit.kind.disclosure() {
                Disclosure::Disclosed => disclosed_to,
                Disclosure::Undisclosed => "nobody",
            };
            assert_eq!(
                limit.kind.reason().is_some(),
                limit.kind.disclosure() == Disclosure::Disclosed,
                "a page tells exactly what may be told: {:?}",
                limit.kind
            );
            let is_refunded = limit.kind.is_of_unverified_sends()
                || SHARED.contains(&limit.kind)
                || PER_DEVICE.contains(&limit.kind);
            let refunded = if is_refunded { "by a sign-in" } else { "never" };
            let row = Row {
                window: window(&limit),
                told,
                refunded,
            };
            (limit, row)
        })
    });
    rows.collect()
}

fn window(limit: &Limit) -> String {
    let length = match limit.window.as_secs() {
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{} days", seconds / 86_400),
    };
    if limit.renews {
        format!("{length} after the last")
    } else {
        length
    }
}

#[test]
fn the_table_of_limits_and_the_reference_have_the_defaults_of_the_code() {
    let (table, reference) = (rows(TABLE), listed(REFERENCE));
    for (key, value) in defaults()
        .iter()
        .filter(|(key, _)| !NO_LIMITS.contains(&key.as_str()))
    {
        let in_table = table.get(key.as_str()).map(|cells| cells[1]);
        let in_reference = reference.get(key.as_str()).copied();
        for (name, default) in [
            ("docs/operators/limits.md", in_table),
            ("docs/operators/settings.md", in_reference),
        ] {
            let default = default.unwrap_or_else(|| panic!("{name} does not have guard.{key}"));
            assert_eq!(default, written(value), "{name}: guard.{key}");
        }
    }
    let keys = defaults();
    assert!(
        table.keys().all(|key| keys.contains_key(*key)),
        "the table has a limit that does not exist"
    );
}

#[test]
fn the_table_of_limits_has_the_windows_disclosure_and_refunds_of_the_code() {
    let table = rows(TABLE);
    let mut counted = 0;
    for (key, value) in defaults() {
        let mut changed = defaults();
        if !value.is_integer() || !table.contains_key(key.as_str()) {
            continue;
        }
        changed.insert(key.clone(), toml::Value::Integer(MARK.into()));
        let settings: settings::GuardSettings = changed.try_into().unwrap();
        for (limit, row) in limits(settings)
            .into_iter()
            .filter(|(limit, _)| limit.maximum == MARK)
        {
            let cells = &table[key.as_str()];
            let said = Row {
                window: cells[2].to_owned(),
                told: cells[3],
                refunded: cells[4],
            };
            assert_eq!(said, row, "guard.{key} is `{}`", limit.key());
            counted += 1;
        }
    }
    assert_eq!(counted, 30, "limits that are counters");
}
