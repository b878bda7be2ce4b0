//! A user, and its JSON in the API (`ApiUser`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::state::passcodes::PasscodeState;

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserStatus {
    /// May sign in, and has done so.
    Active,
    /// May not sign in.
    Disabled,
    /// Created by API; becomes active with the first sign-in.
    Pending,
}

/// A phone number or an e-mail address.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The number in E.164, or the address.
    pub value: String,
    /// `None` until it is verified.
    pub verified_at: Option<Timestamp>,
}

impl Contact {
    /// A contact that is not verified yet.
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
    pub id: String,
    pub status: UserStatus,
    /// Whether the user belongs to the application; otherwise to the tenant only.
    pub in_app: bool,
    /// The primary number.
    pub phone: Option<Contact>,
    /// The primary address.
    pub email: Option<Contact>,
    pub username: Option<String>,
    /// The customer's own id.
    pub external_user_id: Option<String>,
    /// All other fields, by their name in the API.
    pub profile: Map<String, Value>,
    /// Roles in tokens.
    pub roles: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The last sign-in.
    pub last_auth: Option<Timestamp>,
    pub passcodes: PasscodeState,
}

impl User {
    /// A pending user with an id alone.
    pub fn new(id: String, now: Timestamp) -> Self {
        Self {
            id,
            status: UserStatus::Pending,
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
            passcodes: PasscodeState::default(),
        }
    }

    /// `ApiUser`
    pub fn to_json(&self, app_name: &str) -> Value {
        let mut user = self.profile.clone();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                user.insert(name.to_owned(), value);
            }
        };
        set("user_id", Some(self.id.clone().into()));
        set("status", serde_json::to_value(self.status).ok());
        set("created_at", Some(self.created_at.as_milliseconds().into()));
        set("updated_at", Some(self.updated_at.as_milliseconds().into()));
        set(
            "last_auth",
            self.last_auth.map(|at| at.as_milliseconds().into()),
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
                .map(|phone| contact_to_json(phone, "phone_number_verified")),
        );
        set(
            "email",
            self.email
                .as_ref()
                .map(|email| contact_to_json(email, "email_verified")),
        );
        Value::Object(user)
    }
}

fn contact_to_json(contact: &Contact, verified_field: &str) -> Value {
    let mut json = Map::new();
    json.insert("value".into(), contact.value.clone().into());
    json.insert(verified_field.into(), contact.verified_at.is_some().into());
    if let Some(at) = contact.verified_at {
        json.insert("verified_at".into(), at.as_milliseconds().into());
    }
    Value::Object(json)
}
