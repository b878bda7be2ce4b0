//! A custom SMS gateway, as a tenant registers one: challenged once, then handed every SMS. The
//! contract is the vendor's (`transmit-api` §8.3); timeouts and repetitions it does not state, so
//! nothing is repeated here.

use std::{net::IpAddr, time::Duration};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, Url, redirect};
use serde::Deserialize;
use serde_json::json;

/// Longest wait for an answer. The vendor states none.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Longest answer to the challenge that is read, in bytes.
const MAX_ANSWER: usize = 4 * 1024;

/// A gateway that has answered its challenge.
#[derive(Clone)]
pub struct Gateway {
    http: Client,
    uri: Url,
    api_key: String,
}

#[derive(Deserialize)]
struct Answer {
    key: String,
}

impl Gateway {
    /// Challenges the gateway at `uri`, on loopback only: what is sent here leaves the machine by
    /// nobody else's hand.
    ///
    /// # Errors
    /// A sentence that says why it is no gateway.
    pub async fn register(uri: &str, api_key: &str, verification: &str) -> Result<Self, String> {
        let uri: Url = uri.parse().map_err(|_| "url: not a URL".to_owned())?;
        if uri.scheme() != "http" || !is_loopback(&uri) {
            return Err("url: the sandbox hands messages to http on loopback only".into());
        }
        let http = client().map_err(|error| error.to_string())?;
        let gateway = Self {
            http,
            uri,
            api_key: api_key.to_owned(),
        };
        let request = gateway
            .http
            .get(gateway.uri.clone())
            .header("X-Verification-Key", verification);
        let mut response = gateway
            .sign(request)
            .send()
            .await
            .map_err(|_| "the challenge was not answered".to_owned())?;
        if response.status().as_u16() != 200 {
            return Err(format!(
                "the challenge was answered with status {}",
                response.status().as_u16()
            ));
        }
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                break;
            }
        }
        let answered =
            serde_json::from_slice::<Answer>(&body).is_ok_and(|answer| answer.key == verification);
        if answered {
            Ok(gateway)
        } else {
            Err("the answer to the challenge is not its key".into())
        }
    }

    /// Hands in one message; whether the gateway took it (200).
    pub async fn deliver(&self, to: &str, sender_id: &str, text: &str) -> bool {
        let body = json!({ "phone_number": to, "sender_id": sender_id, "message": text });
        let request = self
            .http
            .post(self.uri.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.sign(request)
            .send()
            .await
            .is_ok_and(|response| response.status().as_u16() == 200)
    }

    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("X-API-Key", &self.api_key).timeout(TIMEOUT)
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gateway({})", self.uri)
    }
}

fn is_loopback(uri: &Url) -> bool {
    let host = uri
        .host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the stand-in has a client of its own, and this is it"
)]
fn client() -> reqwest::Result<Client> {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .tls_certs_only([])
        .build()
}
