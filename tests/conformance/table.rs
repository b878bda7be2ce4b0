//! The table of Transmit's API.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

/// Fields by path: `name.first_name`, `keys[].kid`, `[].session_id`.
pub type Fields = BTreeMap<String, Field>;

pub static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

#[derive(Debug)]
pub struct Table {
    pub families: Vec<Family>,
    pub rows: Vec<Row>,
    /// Fields that several rows share, by name.
    pub shapes: BTreeMap<String, Fields>,
    pub tokens: BTreeMap<String, Token>,
    /// Errors of every operation that needs a client access token.
    pub common: Vec<Refusal>,
}

/// A family of error bodies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    pub name: String,
    #[serde(rename = "where")]
    pub location: String,
    #[serde(default = "yes")]
    pub sandbox: bool,
    pub example: Value,
}

/// The claims of a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub reads: BTreeSet<String>,
    pub claims: Fields,
}

/// An operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub name: String,
    /// Its name in client and sandbox. Several rows may be one operation there.
    pub operation: Option<String>,
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub also: Vec<String>,
    pub authorization: Authorization,
    pub body: BodyFormat,
    /// The status of a success.
    pub status: u16,
    #[serde(default = "yes")]
    pub client: bool,
    #[serde(default = "yes")]
    pub sandbox: bool,
    /// Why it is not used.
    pub why: Option<String>,
    /// Who uses it.
    pub note: Option<String>,
    /// Fields that the client sends.
    #[serde(default)]
    pub sends: BTreeSet<String>,
    /// Fields that the client reads.
    #[serde(default)]
    pub reads: BTreeSet<String>,
    /// The error family for a malformed JSON body.
    pub malformed: Option<String>,
    pub request_shape: Option<String>,
    pub answer_shape: Option<String>,
    #[serde(default)]
    pub request: Fields,
    #[serde(default)]
    pub answer: Fields,
    #[serde(default, rename = "refusal")]
    pub refusals: Vec<Refusal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Authorization {
    #[serde(rename = "client token")]
    ClientToken,
    #[serde(rename = "client in the form")]
    ClientInForm,
    #[serde(rename = "user token")]
    UserToken,
    #[serde(rename = "admin token")]
    AdminToken,
    #[serde(rename = "none")]
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyFormat {
    Json,
    Form,
    Query,
    None,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    #[serde(rename = "type")]
    pub json_type: JsonType,
    /// Whether it is required where its parent is present.
    #[serde(default)]
    pub required: bool,
    /// The required field that it replaces.
    pub instead_of: Option<String>,
    #[serde(default = "yes")]
    pub sandbox: bool,
    #[serde(default)]
    pub assumed: bool,
    pub why: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    String,
    Number,
    Boolean,
    Array,
    /// An object whose members are in the table.
    Object,
    /// An object with further members; those of the table have the type that it names.
    Open,
    Any,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub status: u16,
    pub family: String,
    pub code: String,
    /// A text that distinguishes it from another error with the same code.
    pub message: Option<String>,
    /// How the client interprets it.
    pub client: Option<String>,
    #[serde(default = "yes")]
    pub sandbox: bool,
    #[serde(default)]
    pub assumed: bool,
    pub why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedFile {
    family: Vec<Family>,
    refusal: Vec<Refusal>,
    shape: BTreeMap<String, Fields>,
    token: BTreeMap<String, Token>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsFile {
    row: Vec<Row>,
}

fn yes() -> bool {
    true
}

impl Table {
    fn read() -> Self {
        let shared: SharedFile = toml::from_str(include_str!("table/shared.toml")).unwrap();
        let files = [
            include_str!("table/oidc.toml"),
            include_str!("table/users.toml"),
            include_str!("table/otp.toml"),
            include_str!("table/sessions.toml"),
        ];
        let mut rows: Vec<Row> = files
            .iter()
            .flat_map(|file| toml::from_str::<RowsFile>(file).unwrap().row)
            .collect();
        for row in &mut rows {
            let shape = |name: &Option<String>| {
                name.as_ref()
                    .map(|name| shared.shape[name].clone())
                    .unwrap_or_default()
            };
            row.request.extend(shape(&row.request_shape));
            row.answer.extend(shape(&row.answer_shape));
        }
        Self {
            families: shared.family,
            rows,
            shapes: shared.shape,
            tokens: shared.token,
            common: shared.refusal,
        }
    }

    pub fn row(&self, name: &str) -> &Row {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .unwrap_or_else(|| panic!("no row {name}"))
    }

    pub fn of_client(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.client)
    }

    pub fn of_sandbox(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.sandbox)
    }
}

impl Row {
    /// Whether a request is a call of this operation.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let path = path.split('?').next().unwrap();
        let is_same = |pattern: &String| {
            let (pattern, path): (Vec<_>, Vec<_>) =
                (pattern.split('/').collect(), path.split('/').collect());
            pattern.len() == path.len()
                && pattern
                    .iter()
                    .zip(path)
                    .all(|(expected, actual)| expected.starts_with('{') || *expected == actual)
        };
        self.method == method && (is_same(&self.path) || self.also.iter().any(is_same))
    }

    /// The errors of this row, then the common ones.
    pub fn all_refusals<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = &'a Refusal> {
        let common = if self.authorization == Authorization::ClientToken {
            &table.common[..]
        } else {
            &[]
        };
        self.refusals.iter().chain(common)
    }

    /// Whether the sandbox accepts, or sends, a field of this row.
    pub fn in_sandbox(&self, field: &Field) -> bool {
        self.sandbox && field.sandbox
    }
}

impl Refusal {
    /// An error body of this kind.
    pub fn body(&self) -> Value {
        let message = self.message.clone().unwrap_or_else(|| "text".to_owned());
        let code = &self.code;
        match self.family.as_str() {
            "newer" => serde_json::json!({ "error_code": code, "message": message }),
            "classic" => serde_json::json!({ "error_code": self.status, "message": message }),
            "classic list" => {
                serde_json::json!({ "error_code": self.status, "message": [message] })
            }
            "conflict" => {
                serde_json::json!({ "error_code": self.status, "message": message,
                    "ts_error_code": code })
            }
            "OAuth" => serde_json::json!({ "error": code, "error_description": message }),
            other => panic!("{other}"),
        }
    }

    /// Whether a response is this error.
    pub fn matches_response(&self, status: u16, body: &Value) -> bool {
        let (family, code) = family_and_code(body);
        let has_message = |text: &String| body["message"].to_string().contains(text.as_str());
        self.status == status
            && self.family == family
            && self.code == code
            && self.message.as_ref().is_none_or(has_message)
    }
}

/// The family of an error body, and its most specific code.
pub fn family_and_code(body: &Value) -> (&'static str, String) {
    let names: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let (code, message) = (&body["error_code"], &body["message"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match names.as_slice() {
        ["error", "error_description"] => ("OAuth", text(&body["error"])),
        ["error_code", "message", "ts_error_code"] if code.is_u64() => {
            ("conflict", text(&body["ts_error_code"]))
        }
        ["error_code", "message"] if code.is_string() && text(code).parse::<u16>().is_ok() => {
            ("quoted", text(code))
        }
        ["error_code", "message"] if code.is_string() && message.is_string() => {
            ("newer", text(code))
        }
        ["error_code", "message"] if code.is_u64() && message.is_string() => {
            ("classic", code.to_string())
        }
        ["error_code", "message"] if code.is_u64() && message[0].is_string() => {
            ("classic list", code.to_string())
        }
        _ => panic!("unknown error family: {body}"),
    }
}
