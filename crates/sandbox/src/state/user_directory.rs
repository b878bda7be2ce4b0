//! The users of the tenant, with an index over their identifiers.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::state::limits::MAX_USERS;
use crate::state::user::User;

/// An identifier of a user, unique in the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// Primary phone number, E.164.
    Phone(String),
    /// Primary e-mail address, lower case.
    Email(String),
    Username(String),
    /// `external_user_id`, the customer's own id.
    External(String),
    /// `user_id`, the tenant's id.
    UserId(String),
    /// An identifier of a type that the tenant defines.
    Custom {
        /// The name of the type.
        name: String,
        /// The value.
        value: String,
    },
}

impl Identifier {
    /// The name of the field in the API.
    pub fn field_name(&self) -> &str {
        match self {
            Self::Phone(_) => "phone_number",
            Self::Email(_) => "email",
            Self::Username(_) => "username",
            Self::External(_) => "external_user_id",
            Self::UserId(_) => "user_id",
            Self::Custom { name, .. } => name,
        }
    }
}

/// Why a user was not saved.
#[derive(Debug, PartialEq, Eq)]
pub enum SaveUserError {
    /// Another user has this identifier.
    IdentifierTaken(Identifier),
    /// There are [`MAX_USERS`] users already.
    TooManyUsers,
}

/// Users by id, with an index over the other identifiers.
#[derive(Debug, Default)]
pub struct UserDirectory {
    users: HashMap<String, User>,
    index: HashMap<Identifier, String>,
    /// The types that the tenant defines: those that a user ever had.
    custom_types: HashSet<String>,
}

impl UserDirectory {
    /// The user with this identifier.
    pub fn find(&self, identifier: &Identifier) -> Option<&User> {
        self.users.get(self.id_of(identifier)?)
    }

    /// The user with this identifier, for changes other than identifiers. Those need
    /// [`UserDirectory::save`].
    pub fn find_mut(&mut self, identifier: &Identifier) -> Option<&mut User> {
        let id = self.id_of(identifier)?.to_owned();
        self.users.get_mut(&id)
    }

    /// Saves a new or changed user and updates the index.
    ///
    /// # Errors
    /// An identifier is taken, or there are too many users.
    pub fn save(&mut self, user: User) -> Result<(), SaveUserError> {
        let is_taken = |identifier: &Identifier| {
            self.find(identifier)
                .is_some_and(|other| other.id != user.id)
        };
        if let Some(identifier) = identifiers(&user).into_iter().find(is_taken) {
            return Err(SaveUserError::IdentifierTaken(identifier));
        }
        if self.users.len() >= MAX_USERS && !self.users.contains_key(&user.id) {
            return Err(SaveUserError::TooManyUsers);
        }
        self.remove(&user.id);
        let types = user.custom_identifiers.keys().cloned();
        self.custom_types.extend(types);
        for identifier in identifiers(&user) {
            self.index.insert(identifier, user.id.clone());
        }
        self.users.insert(user.id.clone(), user);
        Ok(())
    }

    /// Whether the tenant defines a type of identifier.
    pub fn has_custom_type(&self, name: &str) -> bool {
        self.custom_types.contains(name)
    }

    /// The users that changed last, newest first.
    pub fn newest(&self, count: usize) -> Vec<&User> {
        let mut users: Vec<&User> = self.users.values().collect();
        users.sort_by_key(|user| (Reverse(user.updated_at), &user.id));
        users.truncate(count);
        users
    }

    /// Removes a user and returns it.
    pub fn remove(&mut self, id: &str) -> Option<User> {
        let user = self.users.remove(id)?;
        for identifier in identifiers(&user) {
            self.index.remove(&identifier);
        }
        Some(user)
    }

    fn id_of<'a>(&'a self, identifier: &'a Identifier) -> Option<&'a str> {
        match identifier {
            Identifier::UserId(id) => Some(id),
            other => self.index.get(other).map(String::as_str),
        }
    }
}

fn identifiers(user: &User) -> Vec<Identifier> {
    let phone = user
        .phone
        .as_ref()
        .map(|phone| Identifier::Phone(phone.value.clone()));
    let email = user
        .email
        .as_ref()
        .map(|email| Identifier::Email(email.value.clone()));
    let username = user.username.clone().map(Identifier::Username);
    let external = user.external_user_id.clone().map(Identifier::External);
    let custom = user.custom_identifiers.iter();
    let custom = custom.map(|(name, value)| Identifier::Custom {
        name: name.clone(),
        value: value.clone(),
    });
    [phone, email, username, external]
        .into_iter()
        .flatten()
        .chain(custom)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_number_of_users_is_limited() {
        let now = Clock::default().now();
        let mut directory = UserDirectory::default();
        for number in 0..MAX_USERS {
            assert_eq!(directory.save(User::new(number.to_string(), now)), Ok(()));
        }
        assert_eq!(
            directory.save(User::new("one more".into(), now)),
            Err(SaveUserError::TooManyUsers)
        );
        assert_eq!(
            directory.save(User::new("7".into(), now)),
            Ok(()),
            "an existing user can be saved"
        );
        assert!(directory.remove("8").is_some());
        assert_eq!(directory.save(User::new("one more".into(), now)), Ok(()));
    }
}
