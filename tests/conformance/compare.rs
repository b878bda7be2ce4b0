//! How a JSON value is compared with fields of the table, and altered at one of them.

use serde_json::Value;

use crate::table::{Fields, Kind};

/// Every field of a value, by its path. What is `Open` is not looked into.
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
    if fields
        .get(&path)
        .is_some_and(|field| field.kind == Kind::Open)
    {
        return;
    }
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
        flat.push((path.clone(), value));
        descend(fields, path, value, flat);
    }
}

/// What is wrong with a value by these fields: unknown ones, wrong types, missing ones that are
/// required.
pub fn misfits(fields: &Fields, value: &Value) -> Vec<String> {
    let flat = flatten(fields, value);
    let mut misfits = Vec::new();
    for (path, value) in &flat {
        match fields.get(path) {
            None => misfits.push(format!("{path} is not in the table")),
            Some(field) if !field.kind.is_of(value) => {
                misfits.push(format!("{path} is no {:?}: {value}", field.kind))
            }
            Some(_) => {}
        }
    }
    // The parents, and the value itself.
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
            let stands_for = |other: &&String| fields[*other].instead_of.as_ref() == Some(path);
            let replaced = fields
                .keys()
                .filter(stands_for)
                .any(|other| object.get(last_of(other)).is_some());
            if object.get(last_of(path)).is_none() && !replaced {
                misfits.push(format!("{path} is missing"));
            }
        }
    }
    misfits
}

/// `a.b` of `a.b.c`; `keys[]` of `keys[].kid`; nothing of `a`.
pub fn parent_of(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn last_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap()
}

impl Kind {
    pub fn is_of(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object | Self::Open => value.is_object(),
            Self::Any => true,
        }
    }

    /// A value of no such type.
    pub fn not(self) -> Value {
        match self {
            Self::Object | Self::Open | Self::Array | Self::Any => 7.into(),
            Self::String | Self::Number | Self::Boolean => serde_json::json!({ "not": "this" }),
        }
    }

    /// Any value of this type.
    pub fn any(self) -> Value {
        match self {
            Self::String | Self::Any => "x".into(),
            Self::Number => 1.into(),
            Self::Boolean => true.into(),
            Self::Array => serde_json::json!([]),
            Self::Object | Self::Open => serde_json::json!({}),
        }
    }
}

/// Puts a value at a path; `[]` is the first item. Nothing happens where there is no parent.
pub fn put(root: &mut Value, path: &str, value: Value) {
    if let Some(place) = root.pointer_mut(&pointer(path)) {
        *place = value;
    } else if let Some(Value::Object(parent)) = root.pointer_mut(&pointer(parent_of(path))) {
        parent.insert(last_of(path).to_owned(), value);
    }
}

/// Takes a field away.
pub fn take(root: &mut Value, path: &str) {
    if let Some(Value::Object(parent)) = root.pointer_mut(&pointer(parent_of(path))) {
        parent.remove(last_of(path));
    }
}

/// A path as JSON Pointer (RFC 6901).
fn pointer(path: &str) -> String {
    let parts = path.split('.').filter(|part| !part.is_empty());
    parts
        .map(|part| format!("/{}", part.replace("[]", "/0")))
        .collect::<String>()
        .replace("//", "/")
}

#[test]
fn paths_and_values_meet() {
    let fields = &crate::table::TABLE.row("jwks").answer;
    let key = serde_json::json!({ "kty": "RSA", "use": "sig", "kid": 7, "alg": "RS256", "n": "x", "x": 1 });
    let keys = serde_json::json!({ "keys": [key] });
    let found = [
        "keys[].kid is no String: 7",
        "keys[].x is not in the table",
        "keys[].e is missing",
    ];
    assert_eq!(misfits(fields, &keys), found);
    assert_eq!(misfits(fields, &serde_json::json!({})), ["keys is missing"]);
    let mut list = serde_json::json!([{ "session_id": "a" }]);
    put(&mut list, "[].session_id", 7.into());
    put(&mut list, "[].start_time", 8.into());
    assert_eq!(
        list,
        serde_json::json!([{ "session_id": 7, "start_time": 8 }])
    );
    put(&mut list, "[]", 9.into());
    assert_eq!(list, serde_json::json!([9]));
}
