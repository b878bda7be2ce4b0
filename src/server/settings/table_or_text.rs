//! Settings with an entry by key: in the file a table, in a variable a text.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// How such a setting is read.
pub struct TableOrText<T, K, V> {
    /// The end of the error about any other type: "expected …".
    pub expected: &'static str,
    /// Parses the text of a variable.
    pub parse: fn(&str) -> Result<T, String>,
    /// Parses a key of the table. The error names the key.
    pub key: fn(&str) -> Result<K, String>,
    /// Makes the setting of the entries of the table.
    pub make: fn(Vec<(K, V)>) -> T,
}

/// The entries of the value of a variable, without empty ones.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

impl<'de, T, K, V: Deserialize<'de>> TableOrText<T, K, V> {
    /// Deserializes the setting.
    ///
    /// # Errors
    /// Names the entry whose key is none, or the type that was found.
    pub fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T, K, V: Deserialize<'de>> Visitor<'de> for TableOrText<T, K, V> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut entries = Vec::new();
        // As text first, because the error must name a key that is none.
        while let Some((key, value)) = map.next_entry::<String, V>()? {
            entries.push(((self.key)(&key).map_err(de::Error::custom)?, value));
        }
        Ok((self.make)(entries))
    }
}
