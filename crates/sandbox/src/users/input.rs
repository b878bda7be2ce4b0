//! `ApiCreateUserInput`, and what an update may carry besides.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Moment;
use crate::http::refusal::Refusal;
use crate::users::contact;
use crate::world::directory::Identifier;
use crate::world::user::{Contact, Status, User};

/// A user as a client describes one. Absent and `null` both mean "leave as it is".
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserInput {
    phone_number: Option<String>,
    email: Option<String>,
    /// Only an update may set it.
    pub status: Option<Status>,
    username: Option<String>,
    external_user_id: Option<String>,
    secondary_emails: Option<Vec<String>>,
    secondary_phone_numbers: Option<Vec<String>>,
    name: Option<Name>,
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
struct Name {
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
}

#[derive(Debug, Serialize, Deserialize)]
enum AddressKind {
    Home,
    Work,
    Other,
}

/// A password; there is no password sign-in here, so it is dropped.
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
    /// A number that is not E.164, an address that is none, a name longer than 30 characters, a
    /// street address longer than 150.
    pub fn check(&self) -> Result<(), Refusal> {
        let numbers = self
            .phone_number
            .iter()
            .chain(self.secondary_phone_numbers.iter().flatten());
        if numbers
            .into_iter()
            .any(|number| contact::phone(number).is_none())
        {
            return Err(Refusal::bad_request(
                "phone_number must be a valid phone number",
            ));
        }
        let addresses = self
            .email
            .iter()
            .chain(self.secondary_emails.iter().flatten());
        if addresses
            .into_iter()
            .any(|address| contact::email(address).is_none())
        {
            return Err(Refusal::bad_request("email must be an email"));
        }
        if [&self.username, &self.external_user_id]
            .into_iter()
            .flatten()
            .any(String::is_empty)
        {
            return Err(Refusal::bad_request(
                "username and external_user_id must not be empty",
            ));
        }
        let name = self.name.as_ref();
        let parts = name.map(|name| {
            [
                &name.title,
                &name.first_name,
                &name.middle_name,
                &name.last_name,
            ]
        });
        if parts
            .into_iter()
            .flatten()
            .flatten()
            .any(|part| part.chars().count() > 30)
        {
            return Err(Refusal::bad_request(
                "name: each part must be at most 30 characters",
            ));
        }
        let street = self
            .address
            .as_ref()
            .and_then(|address| address.street_address.as_ref());
        if street.is_some_and(|street| street.chars().count() > 150) {
            return Err(Refusal::bad_request(
                "address.street_address must be at most 150 characters",
            ));
        }
        Ok(())
    }

    /// What the user would be found by.
    pub fn identifiers(&self) -> Vec<Identifier> {
        let phone = self.phone_number.clone().map(Identifier::Phone);
        let email = self
            .email
            .as_deref()
            .and_then(contact::email)
            .map(Identifier::Email);
        let username = self.username.clone().map(Identifier::Username);
        let external = self.external_user_id.clone().map(Identifier::External);
        [phone, email, username, external]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Whether there is a number or an address.
    pub fn can_be_reached(&self) -> bool {
        self.phone_number.is_some() || self.email.is_some()
    }

    /// Writes into a user: objects are replaced whole, `custom_data` is merged at its first level.
    pub fn apply(self, user: &mut User, now: Moment) {
        user.updated_at = now;
        user.status = self.status.unwrap_or(user.status);
        replace(&mut user.phone, self.phone_number);
        replace(
            &mut user.email,
            self.email.map(|address| address.to_lowercase()),
        );
        user.username = self.username.or(user.username.take());
        user.external_user_id = self.external_user_id.or(user.external_user_id.take());

        let profile = &mut user.profile;
        put(profile, "secondary_emails", self.secondary_emails);
        put(
            profile,
            "secondary_phone_numbers",
            self.secondary_phone_numbers,
        );
        put(profile, "name", self.name);
        put(profile, "birthday", self.birthday);
        put(profile, "address", self.address);
        put(profile, "picture", self.picture);
        put(profile, "language", self.language);
        put(profile, "external_account_id", self.external_account_id);
        merge(profile, "custom_data", self.custom_data);
        merge(profile, "custom_app_data", self.custom_app_data);
    }
}

/// A new value has yet to be proved; the same value stays as it was.
fn replace(contact: &mut Option<Contact>, value: Option<String>) {
    let Some(value) = value else { return };
    if contact
        .as_ref()
        .is_none_or(|contact| contact.value != value)
    {
        *contact = Some(Contact::unverified(value));
    }
}

fn put(profile: &mut Map<String, Value>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        profile.insert(name.to_owned(), value);
    }
}

fn merge(profile: &mut Map<String, Value>, name: &str, value: Option<Map<String, Value>>) {
    let Some(value) = value else { return };
    match profile.entry(name).or_insert_with(|| Map::new().into()) {
        Value::Object(stored) => stored.extend(value),
        other => *other = value.into(),
    }
}
