//! A user, and its JSON in the API (`ApiUser`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::state::passcodes::PasscodeState;

/// The field that says whether a number is verified.
const PHONE_VERIFIED: &str = "phone_number_verified";
/// The field that says whether an address is verified.
const EMAIL_VERIFIED: &str = "email_verified";

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
    /// Further numbers. They identify nobody.
    pub secondary_phones: Vec<Contact>,
    /// Further addresses. They identify nobody.
    pub secondary_emails: Vec<Contact>,
    pub username: Option<String>,
    /// The customer's own id.
    pub external_user_id: Option<String>,
    /// Identifiers of types that the tenant defines, by type.
    pub custom_identifiers: BTreeMap<String, String>,
    /// All other fields, by their name in the API.
    pub profile: Map<String, Value>,
    /// Roles in tokens.
    pub roles: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// `None` while the status is the first one.
    pub status_changed_at: Option<Timestamp>,
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
            secondary_phones: Vec::new(),
            secondary_emails: Vec::new(),
            username: None,
            external_user_id: None,
            custom_identifiers: BTreeMap::new(),
            profile: Map::new(),
            roles: Vec::new(),
            created_at: now,
            updated_at: now,
            status_changed_at: None,
            last_auth: None,
            passcodes: PasscodeState::default(),
        }
    }

    /// Changes the status, and keeps when it changed.
    pub fn set_status(&mut self, status: UserStatus, now: Timestamp) {
        if self.status != status {
            self.status = status;
            self.status_changed_at = Some(now);
        }
    }

    /// Every contact, the primary ones first.
    pub fn contacts_mut(&mut self) -> impl Iterator<Item = &mut Contact> {
        let primary = self.phone.iter_mut().chain(&mut self.email);
        let phones = self.secondary_phones.iter_mut();
        primary.chain(phones).chain(&mut self.secondary_emails)
    }

    /// `ApiUser`. `created_at` and `updated_at` are milliseconds; other times are RFC 3339.
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
            "status_changed_at",
            self.status_changed_at.map(|at| at.to_rfc3339().into()),
        );
        set("last_auth", self.last_auth.map(|at| at.to_rfc3339().into()));
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
                .map(|phone| contact_to_json(phone, PHONE_VERIFIED)),
        );
        set(
            "email",
            self.email
                .as_ref()
                .map(|email| contact_to_json(email, EMAIL_VERIFIED)),
        );
        set(
            "secondary_phone_numbers",
            contacts_to_json(&self.secondary_phones, PHONE_VERIFIED),
        );
        set(
            "secondary_emails",
            contacts_to_json(&self.secondary_emails, EMAIL_VERIFIED),
        );
        Value::Object(user)
    }
}

/// `None` if there are none.
fn contacts_to_json(contacts: &[Contact], verified_field: &str) -> Option<Value> {
    let list = contacts
        .iter()
        .map(|contact| contact_to_json(contact, verified_field));
    (!contacts.is_empty()).then(|| list.collect())
}

fn contact_to_json(contact: &Contact, verified_field: &str) -> Value {
    let mut json = Map::new();
    json.insert("value".into(), contact.value.clone().into());
    json.insert(verified_field.into(), contact.verified_at.is_some().into());
    if let Some(at) = contact.verified_at {
        json.insert("verified_at".into(), at.to_rfc3339().into());
    }
    Value::Object(json)
}
