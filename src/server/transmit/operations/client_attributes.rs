//! What is sent to Transmit about the person's browser, as far as the settings allow it.

use std::net::IpAddr;

use serde::Serialize;

use crate::server::settings;

/// Longest user agent that is sent, in bytes.
const MAX_USER_AGENT: usize = 512;

/// Longest device id that the API accepts, in characters.
pub const MAX_DEVICE_ID: usize = 80;

/// The person's browser, for Transmit's risk rules and logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientAttributes<'a> {
    /// `User-Agent`, as received.
    pub user_agent: Option<&'a str>,
    /// The client's address, as determined by `server.trusted_proxies`.
    pub ip_address: Option<IpAddr>,
    /// A pseudonymous id of the browser, at most [`MAX_DEVICE_ID`] characters. It is never the
    /// value of a cookie.
    pub device_id: Option<&'a str>,
}

/// Which attributes are sent (`transmit.client_attributes`, `transmit.device_id`).
#[derive(Clone, Copy, Debug)]
pub(in crate::server::transmit) struct DisclosedAttributes {
    client_attributes: bool,
    device_id: bool,
}

/// `client_attributes` on the wire.
#[derive(Debug, PartialEq, Serialize)]
pub(in crate::server::transmit) struct WireAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<IpAddr>,
}

impl DisclosedAttributes {
    pub fn new(settings: &settings::TransmitSettings) -> Self {
        Self {
            client_attributes: settings.client_attributes,
            device_id: settings.device_id,
        }
    }

    /// Browser and address; `None` rather than an empty object.
    pub fn attributes(self, client: ClientAttributes<'_>) -> Option<WireAttributes> {
        let user_agent = client
            .user_agent
            .map(sanitize)
            .filter(|agent| !agent.is_empty());
        let attributes = WireAttributes {
            user_agent,
            ip_address: client.ip_address,
        };
        let has_any = attributes.user_agent.is_some() || attributes.ip_address.is_some();
        (self.client_attributes && has_any).then_some(attributes)
    }

    /// The device id; `None` for one that upstream would refuse.
    pub fn device_id(self, client: ClientAttributes<'_>) -> Option<&str> {
        let fits = |id: &&str| !id.is_empty() && id.chars().count() <= MAX_DEVICE_ID;
        client.device_id.filter(fits).filter(|_| self.device_id)
    }
}

/// Removes control characters, and cuts at [`MAX_USER_AGENT`].
fn sanitize(agent: &str) -> String {
    let mut text: String = agent.chars().filter(|c| !c.is_control()).collect();
    text.truncate(text.floor_char_boundary(MAX_USER_AGENT));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: DisclosedAttributes = DisclosedAttributes {
        client_attributes: true,
        device_id: true,
    };

    fn agent(text: &str) -> Option<String> {
        let client = ClientAttributes {
            user_agent: Some(text),
            ..ClientAttributes::default()
        };
        ALL.attributes(client)
            .and_then(|attributes| attributes.user_agent)
    }

    #[test]
    fn t9_a_user_agent_is_bounded_and_printable() {
        assert_eq!(
            agent("Mozilla/5.0 (X11)").as_deref(),
            Some("Mozilla/5.0 (X11)")
        );
        assert_eq!(
            agent("a\tb\r\n\0c\u{1b}[31m\u{85}").as_deref(),
            Some("abc[31m")
        );
        assert_eq!(
            agent(&format!("{}é", "a".repeat(511))),
            Some("a".repeat(511))
        );
        assert_eq!(agent(&"\n".repeat(600)), None);
    }

    #[test]
    fn a_device_id_that_upstream_would_refuse_is_not_sent() {
        let id = |text: &str| {
            let client = ClientAttributes {
                device_id: Some(text),
                ..ClientAttributes::default()
            };
            ALL.device_id(client).map(str::to_owned)
        };
        assert_eq!(id(&"é".repeat(80)), Some("é".repeat(80)));
        assert_eq!((id(""), id(&"a".repeat(81))), (None, None));
    }

    #[test]
    fn settings_decide_what_is_sent() {
        let client = ClientAttributes {
            user_agent: Some("x"),
            ip_address: "192.0.2.1".parse().ok(),
            device_id: Some("d"),
        };
        let none = DisclosedAttributes {
            client_attributes: false,
            device_id: false,
        };
        assert_eq!(
            (none.attributes(client), none.device_id(client)),
            (None, None)
        );
        assert!(ALL.attributes(client).is_some() && ALL.device_id(client) == Some("d"));
        assert_eq!(ALL.attributes(ClientAttributes::default()), None);
    }
}
