//! Compares JSON values with fields of the table, and changes single fields.

use serde_json::Value;

use crate::table::{Fields, JsonType};

/// Every field of a value with its path. Of the members of `Open` objects only those are included
/// that the table names.
pub fn flatten<'a>(fields: &Fields, value: &'a Value) -> Vec<(String, &'a Value)> {
    let mut flat = Vec::new();
    descend(fields, String::new(), value, &mut flat);
    flat
}

fn descend<'a>(
    fields: &Fields,
    path: String,
    value: &'a Value,
    flat: &mut Vec<(String, &'a Value)>,
) {
    let is_open = fields
        .get(&path)
        .is_some_and(|field| field.json_type == JsonType::Open);
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                (
                    if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    },
                    value,
                )
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| (format!("{path}[]"), item))
            .collect(),
        _ => Vec::new(),
    };
    for (path, value) in children {
        if is_open && !fields.contains_key(&path) {
            continue;
        }
        flat.push((path.clone(), value));
        descend(fields, path, value, flat);
    }
}

/// The differences between a value and the table: unknown fields, wrong types, and missing required
/// fields.
pub fn differences(fields: &Fields, value: &Value) -> Vec<String> {
    let flat = flatten(fields, value);
    let mut differences = Vec::new();
    for (path, value) in &flat {
        match fields.get(path) {
            None => differences.push(format!("{path} is not in the table")),
            Some(field) if !field.json_type.matches(value) => {
                differences.push(format!("{path} is not {:?}: {value}", field.json_type))
            }
            Some(_) => {}
        }
    }
    // All objects, including the value itself.
    let objects = flat
        .iter()
        .filter(|(_, value)| value.is_object())
        .map(|(path, value)| (path.as_str(), *value));
    for (parent, object) in objects.chain(
        [("", value)]
            .into_iter()
            .filter(|(_, value)| value.is_object()),
    ) {
        for (path, _) in fields
            .iter()
            .filter(|(path, field)| field.required && parent_of(path) == parent)
        {
            let replaces = |other: &&String| fields[*other].instead_of.as_ref() == Some(path);
            let is_replaced = fields
                .keys()
                .filter(replaces)
                .any(|other| object.get(last_segment(other)).is_some());
            if object.get(last_segment(path)).is_none() && !is_replaced {
                differences.push(format!("{path} is missing"));
            }
        }
    }
    differences
}

/// `a.b` for `a.b.c`, `keys[]` for `keys[].kid`, the empty path for `a`.
pub fn parent_of(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn last_segment(path: &str) -> &str {
    path.rsplit('.').next().unwrap()
}

impl JsonType {
    pub fn matches(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object | Self::Open => value.is_object(),
            Self::Any => true,
        }
    }

    /// A value of another type.
    pub fn other_value(self) -> Value {
        match self {
            Self::Object | Self::Open | Self::Array | Self::Any => 7.into(),
            Self::String | Self::Number | Self::Boolean => serde_json::json!({ "not": "this" }),
        }
    }

    /// A value of this type.
    pub fn example(self) -> Value {
        match self {
            Self::String | Self::Any => "x".into(),
            Self::Number => 1.into(),
            Self::Boolean => true.into(),
            Self::Array => serde_json::json!([]),
            Self::Object | Self::Open => serde_json::json!({}),
        }
    }
}

/// Sets the value at a path; `[]` is the first item. Does nothing if the parent is missing.
pub fn set_field(root: &mut Value, path: &str, value: Value) {
    if let Some(target) = root.pointer_mut(&pointer(path)) {
        *target = value;
    } else if let Some(Value::Object(parent)) = root.pointer_mut(&pointer(parent_of(path))) {
        parent.insert(last_segment(path).to_owned(), value);
    }
}

/// Removes a field.
pub fn remove_field(root: &mut Value, path: &str) {
    if let Some(Value::Object(parent)) = root.pointer_mut(&pointer(parent_of(path))) {
        parent.remove(last_segment(path));
    }
}

/// Converts a path to a JSON Pointer (RFC 6901).
fn pointer(path: &str) -> String {
    let parts = path.split('.').filter(|part| !part.is_empty());
    parts
        .map(|part| format!("/{}", part.replace("[]", "/0")))
        .collect::<String>()
        .replace("//", "/")
}

#[test]
fn values_are_compared_and_changed_by_path() {
    let fields = &crate::table::TABLE.row("jwks").answer;
    let key = serde_json::json!({ "kty": "RSA", "use": "sig", "kid": 7, "alg": "RS256", "n": "x",
        "x": 1 });
    let keys = serde_json::json!({ "keys": [key] });
    let found = [
        "keys[].kid is not String: 7",
        "keys[].x is not in the table",
        "keys[].e is missing",
    ];
    assert_eq!(differences(fields, &keys), found);
    assert_eq!(
        differences(fields, &serde_json::json!({})),
        ["keys is missing"]
    );
    let mut list = serde_json::json!([{ "session_id": "a" }]);
    set_field(&mut list, "[].session_id", 7.into());
    set_field(&mut list, "[].start_time", 8.into());
    assert_eq!(
        list,
        serde_json::json!([{ "session_id": 7, "start_time": 8 }])
    );
    set_field(&mut list, "[]", 9.into());
    assert_eq!(list, serde_json::json!([9]));
}
