//! Keys of settings: in tables, and as the names of variables.

use toml::{Table, Value};

/// The prefix of every variable.
pub const PREFIX: &str = "LATCHKEY_";

/// The variable of a key; a list is one variable.
pub fn variable(key: &str) -> String {
    let list = key.split('[').next().unwrap_or_default();
    format!("{PREFIX}{}", list.to_uppercase().replace('.', "__"))
}

/// The value of a key.
pub fn find<'t>(table: &'t Table, key: &[String]) -> Option<&'t Value> {
    let (last, path) = key.split_last()?;
    path.iter()
        .try_fold(table, |table, part| table.get(part)?.as_table())?
        .get(last)
}

/// Sets the value of a key, and creates the sections that it is in.
pub(super) fn insert(table: &mut Table, key: &[String], value: Value) {
    match key {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let slot = table
                .entry(first.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = slot {
                insert(inner, rest, value);
            }
        }
    }
}
