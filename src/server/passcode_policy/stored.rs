//! What is kept of the tenant's policy, so that a restart does not forget it and all nodes of a
//! shared store use the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::{Digest, sha256};
use crate::server::passcode_policy::{PasscodePolicyDeps, SHORTEST_INTERVAL};
use crate::server::settings::{TenantPolicies, TenantPolicy, TransmitSettings};
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, StoreError};

/// The associated data of the encrypted record.
const CONTEXT: &[u8] = b"latchkey passcode policy v1";
/// How long a policy is kept that is not confirmed: as long as anything is.
const KEPT_FOR: Duration = Duration::from_secs(400 * 86_400);

/// What is known of the tenant's policy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredPolicy {
    /// When a node asked last.
    pub asked_at: Option<Timestamp>,
    /// Whether the answer is missing: it is on its way, or the read failed and may succeed soon.
    #[serde(default)]
    pub is_pending: bool,
    /// When the tenant answered last.
    pub told_at: Option<Timestamp>,
    policy: Option<StoredValues>,
    /// What it said of codes by e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<StoredValues>,
    /// Why the latest read failed.
    pub problem: Option<String>,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct StoredValues {
    length: usize,
    lifetime_ms: u64,
    max_failures: u32,
    lockout_ms: u64,
}

impl StoredValues {
    fn of(policy: &TenantPolicy) -> Self {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self {
            length: policy.length,
            lifetime_ms: millis(policy.lifetime),
            max_failures: policy.max_failures,
            lockout_ms: millis(policy.lockout),
        }
    }

    fn policy(self) -> Option<TenantPolicy> {
        let policy = TenantPolicy {
            length: self.length,
            lifetime: Duration::from_millis(self.lifetime_ms),
            max_failures: self.max_failures,
            lockout: Duration::from_millis(self.lockout_ms),
        };
        policy.is_plausible().then_some(policy)
    }
}

impl StoredPolicy {
    /// What the tenant said last.
    pub fn policies(&self) -> Option<TenantPolicies> {
        Some(TenantPolicies {
            sms: self.policy?.policy()?,
            email: self.email.and_then(StoredValues::policy),
        })
    }

    /// Says that a node asks now. Until the answer is recorded, it counts as a failure that may
    /// pass.
    pub fn claimed(self, now: Timestamp) -> Self {
        Self {
            asked_at: Some(now),
            is_pending: true,
            ..self
        }
    }

    /// Takes over what the tenant says.
    pub fn update(&mut self, policies: &TenantPolicies, now: Timestamp) {
        self.policy = Some(StoredValues::of(&policies.sms));
        self.email = policies.email.as_ref().map(StoredValues::of);
        (self.told_at, self.problem) = (Some(now), None);
    }

    /// Whether a node asked within `interval` before `now`.
    pub fn is_asked_within(&self, interval: Duration, now: Timestamp) -> bool {
        self.asked_at
            .is_some_and(|asked_at| asked_at <= now && now.since(asked_at) < interval)
    }

    /// The pause between two reads: a failure that may pass makes it short.
    pub fn interval(&self, interval: Duration) -> Duration {
        if self.is_pending {
            interval.min(SHORTEST_INTERVAL)
        } else {
            interval
        }
    }
}

/// The record of the application at its tenant. Another application does not get its policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct PolicyKey(Key);

impl PolicyKey {
    pub fn of(settings: &TransmitSettings) -> Self {
        let host = settings.base_url().map(String::from).unwrap_or_default();
        let app_id = settings.app_id.as_deref().unwrap_or_default();
        let application = format!("{host}\n{}\n{app_id}", settings.client_id);
        let id: Digest = sha256(application.as_bytes());
        Self(Key {
            kind: RecordKind::PasscodePolicy,
            id,
        })
    }

    /// Reads the record, and what must hold for it to be written. A record that cannot be read
    /// counts as none.
    pub async fn load(
        &self,
        deps: &PasscodePolicyDeps,
        now: Timestamp,
    ) -> Result<(Option<StoredPolicy>, Precondition), StoreError> {
        let Some(record) = deps.store.get(self.0, now).await? else {
            return Ok((None, Precondition::Absent));
        };
        let stored = deps.keys.decrypt_record(CONTEXT, &self.0.id, &record.bytes);
        Ok((stored, Precondition::Version(record.version)))
    }

    pub async fn store(
        &self,
        deps: &PasscodePolicyDeps,
        stored: &StoredPolicy,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let sealed = deps.keys.encrypt_record(CONTEXT, &self.0.id, stored)?;
        let put = deps
            .store
            .put(self.0, None, precondition, sealed, now + KEPT_FOR, now);
        put.await
    }
}
