//! What truly reached upstream: the sandbox counts it, and its phone has the messages.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::{Add, Sub};
use std::time::Duration;

use anyhow::Result;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;

/// How long counts must stay as they are, until nothing more is believed to be under way.
const QUIET: Duration = Duration::from_millis(400);

/// The sandbox's controls and its phone.
#[derive(Clone, Debug)]
pub struct Sandbox {
    http: Client,
    base: String,
}

/// What reached upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Users that were to be created.
    pub creations: u64,
    /// Codes that were to be sent.
    pub sends: u64,
    /// Codes that were to be compared.
    pub verifies: u64,
    /// Messages that went out, which is what costs money.
    pub messages: u64,
}

impl Add for Tally {
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

impl Sub for Tally {
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

/// A message on the phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub to: String,
    pub code: String,
}

impl Sandbox {
    pub fn new(http: Client, address: SocketAddr) -> Self {
        Self {
            http,
            base: format!("http://{address}"),
        }
    }

    /// Makes or changes a user; `status` as in `docs/sandbox.md`.
    pub async fn user(&self, phone: &str, status: &str) -> Result<()> {
        self.put(&format!("users/{phone}"), json!({ "status": status }))
            .await
    }

    /// Holds answers about a case back.
    pub async fn latency(&self, operation: &str, case: &str, length: Duration) -> Result<()> {
        let millis = u64::try_from(length.as_millis())?;
        self.put(
            "latency",
            json!({ "operation": operation, "case": case, "ms": millis }),
        )
        .await
    }

    /// All messages, oldest first.
    pub async fn inbox(&self) -> Result<Vec<Message>> {
        self.get("/inbox.json").await
    }

    /// Messages to one number, oldest first.
    pub async fn inbox_of(&self, phone: &str) -> Result<Vec<Message>> {
        self.get(&format!("/inbox.json?phone={}", phone.replace('+', "%2B")))
            .await
    }

    /// The newest code of a number, as soon as it has had more than `had` messages; nothing if that
    /// takes longer than `patience`.
    pub async fn code(
        &self,
        phone: &str,
        had: usize,
        patience: Duration,
    ) -> Result<Option<String>> {
        let newest = async || {
            let messages = self.inbox_of(phone).await?;
            Ok(messages
                .last()
                .filter(|_| messages.len() > had)
                .map(|message| message.code.clone()))
        };
        clock::found(patience, newest).await
    }

    /// What has reached upstream, once nothing more comes.
    pub async fn tally(&self) -> Result<Tally> {
        let mut before = self.count().await?;
        loop {
            clock::pause(QUIET).await;
            let now = self.count().await?;
            if now == before {
                return Ok(now);
            }
            before = now;
        }
    }

    /// Whether it answers.
    pub async fn is_up(&self) -> bool {
        self.count().await.is_ok()
    }

    async fn count(&self) -> Result<Tally> {
        let calls: BTreeMap<String, u64> = self.get("/control/calls").await?;
        let messages = u64::try_from(self.inbox().await?.len())?;
        let [creations, sends, verifies] = ["user_create", "otp_send", "otp_authenticate"]
            .map(|operation| calls.get(operation).copied().unwrap_or_default());
        Ok(Tally {
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
