//! Where an event came from.

use std::net::IpAddr;

use serde::Serialize;

/// Where the request that caused an event came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventSource {
    /// The request's id, which the response carries too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The operating system's user whose command caused it.
    #[serde(rename = "uid", skip_serializing_if = "Option::is_none")]
    pub operator: Option<u32>,
    /// How a command came that no user of the operating system gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<CommandOrigin>,
}

/// How the operator gave a command, other than on the machine itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandOrigin {
    /// Over HTTP, with the token of `operations.admin_token`.
    AdminApi,
}

impl EventSource {
    /// A command of a user of the operating system.
    pub fn operator(uid: u32) -> Self {
        Self {
            operator: Some(uid),
            ..Self::default()
        }
    }
}
