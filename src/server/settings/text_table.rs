//! A setting with texts by key: a table in the file, `KEY=TEXT,KEY=TEXT` in a variable. Texts
//! have no comma.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::server::settings::table_or_text::{TableOrText, entries};

/// Texts by key, in the order of the file. Names of variables are not case-sensitive
/// (`LATCHKEY_SIGN_IN__SENDERS__GB`), so keys are not either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextTable(Vec<(String, String)>);

impl TextTable {
    /// The text of a key, in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut entries = self.iter();
        let entry = entries.find(|(listed, _)| listed.eq_ignore_ascii_case(key));
        entry.map(|(_, text)| text)
    }

    /// The keys with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.0.iter();
        entries.map(|(key, text)| (key.as_str(), text.as_str()))
    }

    /// Whether the key of the entry at this index is listed before it.
    pub fn is_repeated(&self, at: usize) -> bool {
        let before = self.0.get(..at).unwrap_or_default();
        let entry = self.0.get(at);
        entry.is_some_and(|(key, _)| {
            before
                .iter()
                .any(|(other, _)| other.eq_ignore_ascii_case(key))
        })
    }

    /// The same texts, with keys in the form that the setting writes.
    pub fn with_keys(self, form: impl Fn(&str) -> String) -> Self {
        let entries = self.0.into_iter();
        Self(entries.map(|(key, text)| (form(&key), text)).collect())
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parsed = entries(text).map(|entry| {
            let (key, text) = entry
                .split_once('=')
                .ok_or_else(|| format!("`{entry}` must be KEY=TEXT"))?;
            Ok((to_key(key)?, text.trim().to_owned()))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for TextTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // As in a variable, so that the list of known keys has one key for the table.
        let entries: Vec<_> = self
            .iter()
            .map(|(key, text)| format!("{key}={text}"))
            .collect();
        serializer.serialize_str(&entries.join(","))
    }
}

impl<'de> Deserialize<'de> for TextTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = TableOrText {
            expected: "a table of texts, such as KEY = \"text\"",
            parse: Self::parse,
            key: to_key,
            make: Self,
        };
        read.deserialize(deserializer)
    }
}

/// The key of an entry. What a key may be is for the setting to say.
fn to_key(text: &str) -> Result<String, String> {
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_text_are_equivalent() {
        #[derive(serde::Deserialize)]
        struct Section {
            texts: TextTable,
        }
        let section = |text: &str| toml::from_str::<Section>(text).map(|section| section.texts);
        let table = section("[texts]\nus = \"one\"\nGB = \"two words\"").unwrap();
        let text = section("texts = \" GB = two words,us=one ,\"").unwrap();
        assert_eq!(table, text);
        assert_eq!(table.get("Us"), Some("one"));
        assert_eq!(table.get("fr"), None);
        assert_eq!(section("texts = \"\"").unwrap(), TextTable::default());
        assert!(section("texts = \"one\"").is_err());
        assert!(section("texts = 3").is_err());
        let written = toml::Value::try_from(&table).unwrap();
        assert_eq!(written.try_into::<TextTable>().unwrap(), table);
    }

    #[test]
    fn a_repeated_key_is_found_in_any_case() {
        let table = TextTable::parse("GB=one,gb=two,FR=three").unwrap();
        let repeated: Vec<_> = (0..4).map(|at| table.is_repeated(at)).collect();
        assert_eq!(repeated, [false, true, false, false]);
    }
}
