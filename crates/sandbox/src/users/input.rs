//! `ApiCreateUserInput`, with the field that only an update has.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::http::api_error::ApiError;
use crate::state::contact;
use crate::state::user::{Contact, User, UserStatus};
use crate::state::user_directory::Identifier;
use crate::users::response::{invalid_email, invalid_phone};

/// Fields of a user to create or update. Absent and `null` both leave a field unchanged.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserInput {
    phone_number: Option<String>,
    email: Option<String>,
    /// Only an update may have it.
    pub status: Option<UserStatus>,
    username: Option<String>,
    external_user_id: Option<String>,
    secondary_emails: Option<Vec<String>>,
    secondary_phone_numbers: Option<Vec<String>>,
    name: Option<PersonName>,
    birthday: Option<String>,
    address: Option<Address>,
    picture: Option<String>,
    language: Option<String>,
    external_account_id: Option<String>,
    custom_data: Option<Map<String, Value>>,
    custom_app_data: Option<Map<String, Value>>,
    #[serde(rename = "credentials")]
    _credentials: Option<Credentials>,
    #[serde(rename = "delegated_access")]
    _delegated_access: Option<DelegatedAccess>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonName {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<AddressKind>,
    /// Only in responses.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
enum AddressKind {
    Home,
    Work,
    Other,
}

/// A password. It is ignored, because the sandbox has no password sign-in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[serde(rename = "password")]
    _password: String,
    #[serde(default, rename = "force_replace")]
    _force_replace: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DelegatedAccess {
    #[serde(default, rename = "actor_id")]
    _actor_id: Option<String>,
    #[serde(default, rename = "permissions")]
    _permissions: Option<Vec<IgnoredAny>>,
}

impl UserInput {
    /// # Errors
    /// An invalid number or address, or a field that is too long.
    pub fn check(&self) -> Result<(), ApiError> {
        let numbers = self
            .phone_number
            .iter()
            .chain(self.secondary_phone_numbers.iter().flatten());
        if numbers
            .into_iter()
            .any(|number| contact::parse_phone(number).is_none())
        {
            return Err(invalid_phone());
        }
        let addresses = self
            .email
            .iter()
            .chain(self.secondary_emails.iter().flatten());
        if addresses
            .into_iter()
            .any(|address| contact::parse_email(address).is_none())
        {
            return Err(invalid_email());
        }
        if [&self.username, &self.external_user_id]
            .into_iter()
            .flatten()
            .any(String::is_empty)
        {
            return Err(ApiError::bad_request(
                "username and external_user_id must not be empty",
            ));
        }
        let name = self.name.as_ref();
        let name_parts = name.map(|name| {
            [
                &name.title,
                &name.first_name,
                &name.middle_name,
                &name.last_name,
            ]
        });
        if name_parts
            .into_iter()
            .flatten()
            .flatten()
            .any(|part| part.chars().count() > 30)
        {
            return Err(ApiError::bad_request(
                "name: each part must be at most 30 characters",
            ));
        }
        let street = self
            .address
            .as_ref()
            .and_then(|address| address.street_address.as_ref());
        if street.is_some_and(|street| street.chars().count() > 150) {
            return Err(ApiError::bad_request(
                "address.street_address must be at most 150 characters",
            ));
        }
        Ok(())
    }

    /// The identifiers of the user.
    pub fn identifiers(&self) -> Vec<Identifier> {
        let phone = self.phone_number.clone().map(Identifier::Phone);
        let email = self
            .email
            .as_deref()
            .and_then(contact::parse_email)
            .map(Identifier::Email);
        let username = self.username.clone().map(Identifier::Username);
        let external = self.external_user_id.clone().map(Identifier::External);
        [phone, email, username, external]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether there is a phone number or an e-mail address.
    pub fn has_contact(&self) -> bool {
        self.phone_number.is_some() || self.email.is_some()
    }

    /// Changes a user. Objects are replaced, but `custom_data` and `custom_app_data` are merged at
    /// their first level.
    pub fn apply(self, user: &mut User, now: Timestamp) {
        user.updated_at = now;
        user.set_status(self.status.unwrap_or(user.status), now);
        set_contact(&mut user.phone, self.phone_number);
        set_contact(
            &mut user.email,
            self.email.map(|address| address.to_lowercase()),
        );
        user.username = self.username.or(user.username.take());
        user.external_user_id = self.external_user_id.or(user.external_user_id.take());

        set_contacts(&mut user.secondary_phones, self.secondary_phone_numbers);
        let addresses = self.secondary_emails.map(|addresses| {
            let lower = addresses.iter().map(|address| address.to_lowercase());
            lower.collect()
        });
        set_contacts(&mut user.secondary_emails, addresses);

        let profile = &mut user.profile;
        set_field(profile, "name", self.name);
        set_field(profile, "birthday", self.birthday);
        let address = self.address.map(|address| Address {
            updated_at: Some(now.to_rfc3339()),
            ..address
        });
        set_field(profile, "address", address);
        set_field(profile, "picture", self.picture);
        set_field(profile, "language", self.language);
        set_field(profile, "external_account_id", self.external_account_id);
        merge_field(profile, "custom_data", self.custom_data);
        merge_field(profile, "custom_app_data", self.custom_app_data);
    }
}

/// A new value is not verified yet.
fn set_contact(contact: &mut Option<Contact>, value: Option<String>) {
    let Some(value) = value else { return };
    if contact
        .as_ref()
        .is_none_or(|contact| contact.value != value)
    {
        *contact = Some(Contact::unverified(value));
    }
}

/// Replaces a list. A value that was in it keeps its verification.
fn set_contacts(contacts: &mut Vec<Contact>, values: Option<Vec<String>>) {
    let Some(values) = values else { return };
    let old = std::mem::take(contacts);
    let keep = |value: String| {
        let same = old.iter().find(|contact| contact.value == value).cloned();
        same.unwrap_or_else(|| Contact::unverified(value))
    };
    *contacts = values.into_iter().map(keep).collect();
}

fn set_field(profile: &mut Map<String, Value>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        profile.insert(name.to_owned(), value);
    }
}

fn merge_field(profile: &mut Map<String, Value>, name: &str, value: Option<Map<String, Value>>) {
    let Some(value) = value else { return };
    match profile.entry(name).or_insert_with(|| Map::new().into()) {
        Value::Object(stored) => stored.extend(value),
        other => *other = value.into(),
    }
}
