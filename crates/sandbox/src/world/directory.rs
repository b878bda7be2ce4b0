//! The users of the tenant, and the names they are found by.

use std::collections::HashMap;

use crate::world::MAX_USERS;
use crate::world::user::User;

/// What a user can be found by. Each value belongs to one user at most.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// Primary phone number, E.164.
    Phone(String),
    /// Primary e-mail address, lower case.
    Email(String),
    /// User name.
    Username(String),
    /// The customer's own id.
    External(String),
    /// The tenant's id.
    UserId(String),
}

impl Identifier {
    /// The name in words, for a refusal.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Phone(_) => "phone_number",
            Self::Email(_) => "email",
            Self::Username(_) => "username",
            Self::External(_) => "external_user_id",
            Self::UserId(_) => "user_id",
        }
    }
}

/// Why a user was not stored.
#[derive(Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another user has this identifier.
    Taken(Identifier),
    /// There are [`MAX_USERS`] already.
    Full,
}

/// Users by id, with an index over the other identifiers.
#[derive(Debug, Default)]
pub struct Directory {
    users: HashMap<String, User>,
    index: HashMap<Identifier, String>,
}

impl Directory {
    /// The user with this identifier.
    pub fn find(&self, identifier: &Identifier) -> Option<&User> {
        self.users.get(self.id_of(identifier)?)
    }

    /// The user with this identifier, to be changed. Identifiers change through [`Directory::save`]
    /// alone.
    pub fn find_mut(&mut self, identifier: &Identifier) -> Option<&mut User> {
        let id = self.id_of(identifier)?.to_owned();
        self.users.get_mut(&id)
    }

    /// Stores a user, new or changed, and its identifiers.
    ///
    /// # Errors
    /// When an identifier is taken, or a new user would be one too many.
    pub fn save(&mut self, user: User) -> Result<(), Conflict> {
        let by_other = |identifier: &Identifier| {
            self.find(identifier)
                .is_some_and(|other| other.id != user.id)
        };
        if let Some(identifier) = identifiers(&user).into_iter().find(by_other) {
            return Err(Conflict::Taken(identifier));
        }
        if self.users.len() >= MAX_USERS && !self.users.contains_key(&user.id) {
            return Err(Conflict::Full);
        }
        self.remove(&user.id);
        for identifier in identifiers(&user) {
            self.index.insert(identifier, user.id.clone());
        }
        self.users.insert(user.id.clone(), user);
        Ok(())
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
    [phone, email, username, external]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn there_is_room_for_so_many_users_and_no_more() {
        let now = Clock::default().now();
        let mut directory = Directory::default();
        for number in 0..MAX_USERS {
            assert_eq!(directory.save(User::new(number.to_string(), now)), Ok(()));
        }
        assert_eq!(
            directory.save(User::new("one more".into(), now)),
            Err(Conflict::Full)
        );
        assert_eq!(
            directory.save(User::new("7".into(), now)),
            Ok(()),
            "a change is no new user"
        );
        assert!(directory.remove("8").is_some());
        assert_eq!(directory.save(User::new("one more".into(), now)), Ok(()));
    }
}
