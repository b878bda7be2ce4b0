//! A user, and how the API shows one (`ApiUser`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Moment;
use crate::world::passcode::Passcodes;

/// What the tenant lets a user do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// May sign in, and has.
    Active,
    /// May not sign in.
    Disabled,
    /// Made by API; becomes active with the first sign-in.
    Pending,
}

/// A phone number or an e-mail address.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The number in E.164, or the address.
    pub value: String,
    /// When it was proved; `None` while it is not.
    pub verified_at: Option<Moment>,
}

impl Contact {
    /// Not yet proved.
    pub fn unverified(value: String) -> Self {
        Self {
            value,
            verified_at: None,
        }
    }
}

/// A user of the tenant.
#[derive(Debug)]
pub struct User {
    /// Identifies the user in the tenant.
    pub id: String,
    /// What the user may do.
    pub status: Status,
    /// Whether the user belongs to this application; others are in the tenant only.
    pub in_app: bool,
    /// Primary number.
    pub phone: Option<Contact>,
    /// Primary address.
    pub email: Option<Contact>,
    /// For look-ups by name.
    pub username: Option<String>,
    /// An id of the customer's own.
    pub external_user_id: Option<String>,
    /// Everything else that was stored, by its name in the API.
    pub profile: Map<String, Value>,
    /// Roles, as tokens carry them.
    pub roles: Vec<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last written.
    pub updated_at: Moment,
    /// When the user last signed in.
    pub last_auth: Option<Moment>,
    /// Code, failures, lock.
    pub passcodes: Passcodes,
}

impl User {
    /// A user with nothing but an id, made at `now`.
    pub fn new(id: String, now: Moment) -> Self {
        Self {
            id,
            status: Status::Pending,
            in_app: true,
            phone: None,
            email: None,
            username: None,
            external_user_id: None,
            profile: Map::new(),
            roles: Vec::new(),
            created_at: now,
            updated_at: now,
            last_auth: None,
            passcodes: Passcodes::default(),
        }
    }

    /// As the API shows it.
    pub fn to_api(&self, app_name: &str) -> Value {
        let mut user = self.profile.clone();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                user.insert(name.to_owned(), value);
            }
        };
        set("user_id", Some(self.id.clone().into()));
        set("status", serde_json::to_value(self.status).ok());
        set("created_at", Some(self.created_at.milliseconds().into()));
        set("updated_at", Some(self.updated_at.milliseconds().into()));
        set(
            "last_auth",
            self.last_auth.map(|at| at.milliseconds().into()),
        );
        set("app_name", Some(app_name.into()));
        set("username", self.username.clone().map(Value::from));
        set(
            "external_user_id",
            self.external_user_id.clone().map(Value::from),
        );
        set(
            "phone_number",
            self.phone
                .as_ref()
                .map(|phone| contact(phone, "phone_number_verified")),
        );
        set(
            "email",
            self.email
                .as_ref()
                .map(|email| contact(email, "email_verified")),
        );
        Value::Object(user)
    }
}

fn contact(contact: &Contact, verified: &str) -> Value {
    let mut shown = Map::new();
    shown.insert("value".into(), contact.value.clone().into());
    shown.insert(verified.into(), contact.verified_at.is_some().into());
    if let Some(at) = contact.verified_at {
        shown.insert("verified_at".into(), at.milliseconds().into());
    }
    Value::Object(shown)
}
