//! Asks the operations listener of a running server on this machine: the probes of `latchkey
//! health` and `latchkey check`.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use latchkey::server::settings::Settings;
use latchkey::server::system::clock::{Clock, Elapsed};
use latchkey::server::system::error_cause::root_cause;
use latchkey::server::system::http_client::{self, BodyError};
use url::Url;

/// The longest body of a probe, in bytes.
const MAX_BODY: usize = 4096;

/// What `/livez` or `/readyz` may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// Whether the process runs.
    Live,
    /// Whether it can serve.
    Ready,
}

impl ProbeKind {
    fn path(self) -> &'static str {
        match self {
            Self::Live => "/livez",
            Self::Ready => "/readyz",
        }
    }

    /// Whether a body is one that Latchkey sends. Another program may have the address.
    fn is_ours(self, body: &str) -> bool {
        match self {
            Self::Live => body == "ok\n",
            Self::Ready => body.starts_with("server: "),
        }
    }
}

/// The answer to a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeReply {
    /// Whether the answer is yes.
    pub is_positive: bool,
    /// One line for each component.
    pub text: String,
}

/// Why a probe has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing responds at the address, or not within the timeout.
    #[error("{url}: {cause}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why, for the operator.
        cause: String,
    },
    /// The address belongs to something else.
    #[error("{url}: the response is not one of Latchkey (status {status})")]
    Foreign {
        /// What was asked.
        url: String,
        /// The status of the response.
        status: u16,
    },
}

/// Asks the server at `operations.address`, for at most `timeout` in all.
///
/// # Errors
/// [`ProbeError`].
pub async fn ask(
    settings: &Settings,
    probe: ProbeKind,
    timeout: Duration,
    clock: &Clock,
) -> Result<ProbeReply, ProbeError> {
    let address = settings.operations.address;
    let unreachable = |cause: String| ProbeError::Unreachable {
        url: format!("http://{address}{}", probe.path()),
        cause,
    };
    let asked = async {
        let mut result = Err(unreachable("no address".to_owned()));
        for address in local_addresses(address) {
            result = fetch(address, probe, timeout).await;
            if !matches!(result, Err(ProbeError::Unreachable { .. })) {
                break;
            }
        }
        result
    };
    let asked = clock.timeout(timeout, asked).await;
    asked.unwrap_or_else(|Elapsed| {
        Err(unreachable(format!(
            "no response within {} s",
            timeout.as_secs()
        )))
    })
}

async fn fetch(
    address: SocketAddr,
    probe: ProbeKind,
    timeout: Duration,
) -> Result<ProbeReply, ProbeError> {
    let text = format!("http://{address}{}", probe.path());
    let unreachable = |error: &dyn Error| ProbeError::Unreachable {
        url: text.clone(),
        cause: root_cause(error),
    };
    let url = Url::parse(&text).map_err(|error| unreachable(&error))?;
    let client = http_client::client(timeout, &[&url]).map_err(|error| unreachable(&error))?;
    let response = client.get(url).send().await;
    let response = response.map_err(|error| unreachable(&error))?;
    let status = response.status().as_u16();
    let foreign = || ProbeError::Foreign {
        url: text.clone(),
        status,
    };
    let body = match http_client::read_bounded_body(response, MAX_BODY).await {
        Ok(body) => body,
        Err(error @ BodyError::Broken(_)) => return Err(unreachable(&error)),
        Err(BodyError::TooLarge(_)) => return Err(foreign()),
    };
    let body = String::from_utf8(body.to_vec()).map_err(|_| foreign())?;
    let is_positive = match status {
        200 => true,
        503 => false,
        _ => return Err(foreign()),
    };
    if !probe.is_ours(&body) {
        return Err(foreign());
    }
    Ok(ProbeReply {
        is_positive,
        text: body,
    })
}

/// The addresses by which a listener is reached from this machine. On `[::]` it also has IPv4
/// connections, and a container may have no IPv6 loopback.
fn local_addresses(address: SocketAddr) -> Vec<SocketAddr> {
    let port = address.port();
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => vec![(Ipv4Addr::LOCALHOST, port).into()],
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => vec![
            (Ipv6Addr::LOCALHOST, port).into(),
            (Ipv4Addr::LOCALHOST, port).into(),
        ],
        address => vec![address],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_of_every_address_is_asked_on_loopback() {
        for (address, asked) in [
            ("127.0.0.1:9464", &["127.0.0.1:9464"][..]),
            ("0.0.0.0:9464", &["127.0.0.1:9464"]),
            ("[::]:9464", &["[::1]:9464", "127.0.0.1:9464"]),
            ("[::1]:9464", &["[::1]:9464"]),
            ("10.0.0.7:80", &["10.0.0.7:80"]),
        ] {
            let addresses = local_addresses(address.parse().unwrap());
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            assert_eq!(addresses, asked, "{address}");
        }
    }
}
