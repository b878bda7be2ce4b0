//! `[transmit]`: the tenant, the credentials for it, and its passcode policy.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::server::is_trustworthy;
use crate::server::settings::{ConfigError, HumanDuration, Secret, whole_number};

mod credentials;
mod policy;
mod region;
mod request_id_mode;
mod route;
#[cfg(test)]
mod tests;

pub use credentials::PrivateKeyAlgorithm;
pub use policy::{
    EmailCodes, PasscodeLimits, PolicyDifference, PolicySource, TenantPolicies, TenantPolicy,
};
pub use region::TransmitRegion;
pub use request_id_mode::RequestIdMode;
pub use route::ReadCredentialsError;

/// How long a code is valid at most, whatever the tenant allows (NIST 800-63B-4 §3.1.3.2).
pub const MAX_CODE_LIFETIME: Duration = Duration::from_secs(600);

/// The domain of the issuers that tenants share.
const SHARED_ISSUER_DOMAIN: &str = "userid.security";

/// `[transmit]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct TransmitSettings {
    /// The region, which determines host and issuer.
    pub region: Option<TransmitRegion>,
    /// The API host, instead of a region.
    pub base_url: Option<Url>,
    /// The `iss` of tokens, where the region does not determine it.
    pub issuer: Option<String>,
    /// Further accepted issuers of the same tenant. Both occur while a tenant moves from its own
    /// signing key to the application's.
    pub other_issuers: Vec<String>,
    /// The URL of the signing keys. Default: `/cis/oidc/jwks` of the host.
    pub jwks_url: Option<Url>,
    /// The path of the token endpoint.
    pub token_path: String,
    /// The `tid` of tokens. Required with an issuer that tenants share
    /// ([`Self::shared_issuer`]); else unset means that it is not checked.
    pub tenant_id: Option<String>,
    /// The application whose policy is read. Unset: the `app_id` of the client token.
    pub app_id: Option<String>,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub client_secret_file: Option<PathBuf>,
    /// The private key that authenticates the client instead of a secret (`private_key_jwt`, RFC
    /// 7523): PEM, PKCS#8.
    pub private_key: Option<Secret>,
    /// A file that holds the private key.
    pub private_key_file: Option<PathBuf>,
    /// The `kid` of the key. Unset: its thumbprint (RFC 7638).
    pub private_key_id: Option<String>,
    /// The signing algorithm. Unset: by type of key, RS256 for RSA.
    pub private_key_algorithm: Option<PrivateKeyAlgorithm>,
    /// Digits of a code, instead of what the tenant's policy says. The next three too override
    /// the policy; unset, the tenant's value is adopted.
    #[serde(deserialize_with = "whole_number::deserialize")]
    pub otp_length: Option<usize>,
    /// The lifetime of a code.
    pub otp_lifetime: Option<HumanDuration>,
    /// The failures before a user is locked.
    #[serde(deserialize_with = "whole_number::deserialize")]
    pub otp_max_failures: Option<u32>,
    /// The duration of a lock.
    pub otp_lockout: Option<HumanDuration>,
    /// How long the tenant counts failures that have not caused a lock. Unset: see
    /// [`PasscodeLimits::failure_memory`].
    pub otp_failure_memory: Option<HumanDuration>,
    /// Accept a policy with fewer than six digits (NIST 800-63B-4 §3.1.3.2 does not).
    pub allow_short_codes: bool,
    /// Whether to ask for a request id with every code, which binds the code to its flow.
    pub generate_request_id: RequestIdMode,
    /// Send the tenant a keyed hash for each recognised device; it is not the cookie.
    pub device_id: bool,
    /// Send the tenant the user agent and address with every code sent or entered.
    pub client_attributes: bool,
    /// How long to wait for a connection.
    pub connect_timeout: HumanDuration,
    /// How long to wait for a response, except to a verify, which has `sign_in.refuse_after`.
    pub timeout: HumanDuration,
    /// Concurrent calls; further ones wait.
    pub max_in_flight: usize,
    /// A proxy for calls to the tenant. Unset: none, whatever `HTTPS_PROXY` and `ALL_PROXY` say.
    pub proxy: Option<Url>,
    /// `user:password` for the proxy.
    pub proxy_credentials: Option<Secret>,
    /// A file that holds them.
    pub proxy_credentials_file: Option<PathBuf>,
    /// Root certificates in PEM that are trusted for the tenant instead of the machine's.
    pub ca_file: Option<PathBuf>,
}

impl Default for TransmitSettings {
    fn default() -> Self {
        Self {
            region: None,
            base_url: None,
            issuer: None,
            other_issuers: Vec::new(),
            jwks_url: None,
            token_path: "/oidc/token".to_owned(),
            tenant_id: None,
            app_id: None,
            client_id: String::new(),
            client_secret: None,
            client_secret_file: None,
            private_key: None,
            private_key_file: None,
            private_key_id: None,
            private_key_algorithm: None,
            otp_length: None,
            otp_lifetime: None,
            otp_max_failures: None,
            otp_lockout: None,
            otp_failure_memory: None,
            allow_short_codes: false,
            generate_request_id: RequestIdMode::default(),
            device_id: false,
            client_attributes: true,
            connect_timeout: HumanDuration::seconds(3),
            timeout: HumanDuration::seconds(10),
            max_in_flight: 128,
            proxy: None,
            proxy_credentials: None,
            proxy_credentials_file: None,
            ca_file: None,
        }
    }
}

impl TransmitSettings {
    /// Whether no upstream is configured.
    pub fn is_unset(&self) -> bool {
        self.region.is_none() && self.base_url.is_none() && self.client_id.is_empty()
    }

    /// The API host.
    pub fn base_url(&self) -> Option<Url> {
        self.base_url.clone().or_else(|| {
            self.region
                .and_then(|region| Url::parse(region.base_url()).ok())
        })
    }

    /// The `iss` that tokens must have.
    pub fn issuer(&self) -> Option<String> {
        self.issuer.clone().or_else(|| {
            self.region
                .and_then(TransmitRegion::issuer)
                .map(str::to_owned)
        })
    }

    /// Every accepted `iss`, [`Self::issuer`] first.
    pub fn issuers(&self) -> Option<Vec<String>> {
        let issuer = self.issuer()?;
        Some(
            std::iter::once(issuer)
                .chain(self.other_issuers.iter().cloned())
                .collect(),
        )
    }

    /// An accepted issuer whose tokens are of every tenant, so that `tid` must be compared. Issuers
    /// of regions are shared; an application with keys of its own has an issuer of its own.
    pub fn shared_issuer(&self) -> Option<String> {
        self.issuers()?
            .into_iter()
            .find(|issuer| is_shared_issuer(issuer))
    }

    /// The URL of the signing keys.
    pub fn jwks_url(&self) -> Option<Url> {
        self.jwks_url
            .clone()
            .or_else(|| self.base_url()?.join("/cis/oidc/jwks").ok())
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        if self.region.is_some() && self.base_url.is_some() {
            error(
                "transmit.base_url",
                "set transmit.region or transmit.base_url, not both",
            );
        }
        match self.base_url() {
            None => error(
                "transmit.region",
                "needed: us, eu, ca, au or sbx (or transmit.base_url)",
            ),
            Some(url) if !is_trustworthy(&url) => error("transmit.base_url", "must be https"),
            Some(_) => {}
        }
        if self
            .jwks_url
            .as_ref()
            .is_some_and(|url| !is_trustworthy(url))
        {
            error("transmit.jwks_url", "must be https");
        }
        if self.issuer().is_none() {
            error(
                "transmit.issuer",
                "needed: the `issuer` of /cis/oidc/.well-known/openid-configuration",
            );
        }
        for other in &self.other_issuers {
            if !is_issuer(other) {
                let text = format!(
                    "`{other}` must be an https URL without query and fragment, as tokens carry \
                     it in `iss`"
                );
                error("transmit.other_issuers", &text);
            }
            if self.issuer().as_ref() == Some(other) {
                error(
                    "transmit.other_issuers",
                    &format!("`{other}` is transmit.issuer: name only further ones"),
                );
            }
        }
        let describe = |issuer: &String| format!("`{issuer}`");
        let others = &self.other_issuers;
        refuse_repeated("transmit.other_issuers", others, describe, errors);
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        match (self.tenant_id.as_deref(), self.shared_issuer()) {
            (Some(tenant_id), _) if tenant_id.trim().is_empty() => {
                error("transmit.tenant_id", "is empty");
            }
            (None, Some(issuer)) => {
                let text = format!(
                    "needed: every tenant's tokens are from {issuer}, and only the tenant ID tells \
                     them apart. `latchkey check` shows the ID that your client's token carries"
                );
                error("transmit.tenant_id", &text);
            }
            _ => {}
        }
        if !self.token_path.starts_with('/') {
            error("transmit.token_path", "must begin with /");
        }
        if self.client_id.is_empty() {
            error(
                "transmit.client_id",
                "needed: the client id of the application in the admin portal",
            );
        }
        self.validate_client_authentication(&mut error);
        self.validate_route(&mut error);
        self.validate_policy(&mut error);
        let durations = [
            ("transmit.otp_lifetime", self.otp_lifetime),
            ("transmit.otp_lockout", self.otp_lockout),
            ("transmit.timeout", Some(self.timeout)),
            ("transmit.connect_timeout", Some(self.connect_timeout)),
        ];
        let is_zero = |span: Option<HumanDuration>| span.is_some_and(|span| span.0.is_zero());
        for (key, _) in durations.into_iter().filter(|(_, span)| is_zero(*span)) {
            error(key, "must be longer than 0s");
        }
        if self.app_id.as_ref().is_some_and(|id| id.trim().is_empty()) {
            error("transmit.app_id", "is empty");
        }
        if self.max_in_flight == 0 {
            error("transmit.max_in_flight", "must be at least 1");
        }
    }
}

/// Whether this can be an issuer (OpenID Connect Core §1.2). It is compared as text, so it must be
/// written as in tokens.
fn is_issuer(text: &str) -> bool {
    let is_plain = |url: &Url| url.query().is_none() && url.fragment().is_none() && url.has_host();
    Url::parse(text).is_ok_and(|url| is_trustworthy(&url) && is_plain(&url))
        && !text.contains(char::is_whitespace)
}

/// Whether tenants share this issuer: the vendor's domain for tokens that a region's key signs.
fn is_shared_issuer(issuer: &str) -> bool {
    let url = Url::parse(issuer);
    let host = url.as_ref().ok().and_then(Url::host_str).unwrap_or(issuer);
    host == SHARED_ISSUER_DOMAIN
        || host
            .strip_suffix(SHARED_ISSUER_DOMAIN)
            .is_some_and(|rest| rest.ends_with('.'))
}
