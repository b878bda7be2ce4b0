//! Client of the sandbox: sets up users, reads messages, and counts what reached upstream.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::{Add, Sub};
use std::time::Duration;

use anyhow::Result;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;

/// How long counts must stay the same until all calls are assumed to be complete.
const SETTLE_TIME: Duration = Duration::from_millis(400);

/// A client of `/control` and `/inbox.json`.
#[derive(Clone, Debug)]
pub struct SandboxClient {
    http: Client,
    base: String,
}

/// What reached upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpstreamCounts {
    /// Calls that create users.
    pub creations: u64,
    /// Calls that send codes.
    pub sends: u64,
    /// Calls that compare codes.
    pub verifies: u64,
    /// Sent messages, which cost money.
    pub messages: u64,
}

impl Add for UpstreamCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            creations: self.creations + other.creations,
            sends: self.sends + other.sends,
            verifies: self.verifies + other.verifies,
            messages: self.messages + other.messages,
        }
    }
}

impl Sub for UpstreamCounts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            creations: self.creations.saturating_sub(before.creations),
            sends: self.sends.saturating_sub(before.sends),
            verifies: self.verifies.saturating_sub(before.verifies),
            messages: self.messages.saturating_sub(before.messages),
        }
    }
}

/// A message in the inbox.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub to: String,
    pub code: String,
}

impl SandboxClient {
    pub fn new(http: Client, address: SocketAddr) -> Self {
        Self {
            http,
            base: format!("http://{address}"),
        }
    }

    /// Creates or changes a user. `status` is documented in `docs/developers/sandbox.md`.
    pub async fn set_user(&self, phone: &str, status: &str) -> Result<()> {
        self.put(&format!("users/{phone}"), json!({ "status": status }))
            .await
    }

    /// Delays the responses of one case of an operation.
    pub async fn set_latency(&self, operation: &str, case: &str, latency: Duration) -> Result<()> {
        let millis = u64::try_from(latency.as_millis())?;
        self.put(
            "latency",
            json!({ "operation": operation, "case": case, "ms": millis }),
        )
        .await
    }

    /// All messages, oldest first.
    pub async fn messages(&self) -> Result<Vec<Message>> {
        self.get("/inbox.json").await
    }

    /// Messages to one number, oldest first.
    pub async fn messages_to(&self, phone: &str) -> Result<Vec<Message>> {
        self.get(&format!("/inbox.json?phone={}", phone.replace('+', "%2B")))
            .await
    }

    /// Waits until a number has more than `message_count` messages, and returns the newest code.
    /// Returns `None` after the timeout.
    pub async fn wait_for_code(
        &self,
        phone: &str,
        message_count: usize,
        timeout: Duration,
    ) -> Result<Option<String>> {
        let newest_code = async || {
            let messages = self.messages_to(phone).await?;
            Ok(messages
                .last()
                .filter(|_| messages.len() > message_count)
                .map(|message| message.code.clone()))
        };
        clock::wait_until_some(timeout, newest_code).await
    }

    /// The counts, after they have stopped changing.
    pub async fn settled_counts(&self) -> Result<UpstreamCounts> {
        let mut before = self.counts().await?;
        loop {
            clock::sleep(SETTLE_TIME).await;
            let now = self.counts().await?;
            if now == before {
                return Ok(now);
            }
            before = now;
        }
    }

    /// Whether the sandbox responds.
    pub async fn is_up(&self) -> bool {
        self.counts().await.is_ok()
    }

    async fn counts(&self) -> Result<UpstreamCounts> {
        let calls: BTreeMap<String, u64> = self.get("/control/calls").await?;
        let messages = u64::try_from(self.messages().await?.len())?;
        let [creations, sends, verifies] = ["user_create", "otp_send", "otp_authenticate"]
            .map(|operation| calls.get(operation).copied().unwrap_or_default());
        Ok(UpstreamCounts {
            creations,
            sends,
            verifies,
            messages,
        })
    }

    async fn get<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<T> {
        Ok(self
            .http
            .get(format!("{}{path}", self.base))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    async fn put(&self, control: &str, body: Value) -> Result<()> {
        let request = self
            .http
            .put(format!("{}/control/{control}", self.base))
            .json(&body);
        request.send().await?.error_for_status()?;
        Ok(())
    }
}
