//! Client of the tenant's custom SMS gateway: one challenge at registration, then every SMS.
//!
//! The contract is the vendor's. It states no timeouts or retries, so nothing is retried here.

use std::{net::IpAddr, time::Duration};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, Url, redirect};
use serde::Deserialize;
use serde_json::json;

/// The vendor states none.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest response to the challenge that is read, in bytes.
const MAX_CHALLENGE_RESPONSE: usize = 4 * 1024;

/// A gateway that has passed its challenge.
#[derive(Clone)]
pub struct SmsGateway {
    http: Client,
    url: Url,
    api_key: String,
}

#[derive(Deserialize)]
struct ChallengeResponse {
    key: String,
}

impl SmsGateway {
    /// Sends the challenge to the gateway at `url`. Only loopback is allowed, so that the sandbox
    /// never sends messages off the machine.
    ///
    /// # Errors
    /// A sentence that says why the challenge failed.
    pub async fn register(url: &str, api_key: &str, challenge: &str) -> Result<Self, String> {
        let url: Url = url.parse().map_err(|_| "url: not a URL".to_owned())?;
        if url.scheme() != "http" || !is_loopback(&url) {
            return Err("url: the sandbox sends messages to http on loopback only".into());
        }
        let http = http_client().map_err(|error| error.to_string())?;
        let gateway = Self {
            http,
            url,
            api_key: api_key.to_owned(),
        };
        let request = gateway
            .http
            .get(gateway.url.clone())
            .header("X-Verification-Key", challenge);
        let mut response = gateway
            .with_credentials(request)
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
            if body.len() > MAX_CHALLENGE_RESPONSE {
                break;
            }
        }
        let passed = serde_json::from_slice::<ChallengeResponse>(&body)
            .is_ok_and(|response| response.key == challenge);
        if passed {
            Ok(gateway)
        } else {
            Err("the answer to the challenge is not its key".into())
        }
    }

    /// Sends one message. Returns whether the gateway accepted it (200).
    pub async fn deliver(&self, to: &str, sender_id: &str, text: &str) -> bool {
        let body = json!({ "phone_number": to, "sender_id": sender_id, "message": text });
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.with_credentials(request)
            .send()
            .await
            .is_ok_and(|response| response.status().as_u16() == 200)
    }

    fn with_credentials(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("X-API-Key", &self.api_key)
            .timeout(REQUEST_TIMEOUT)
    }
}

impl std::fmt::Debug for SmsGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmsGateway({})", self.url)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url
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
    reason = "this is the sandbox's HTTP client"
)]
fn http_client() -> reqwest::Result<Client> {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .tls_certs_only([])
        .build()
}
