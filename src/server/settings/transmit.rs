//! `[transmit]`: the tenant upstream, and what its policy says.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::server::is_trustworthy;
use crate::server::settings::{ConfigError, HumanDuration, Secret};

mod credentials;
mod policy;
mod route;

pub use credentials::PrivateKeyAlgorithm;

/// How long a code can be used at most, whatever the tenant allows (NIST 800-63B-4 §3.1.3.2).
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(600);

/// A region of Transmit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// United States, and everywhere else.
    Us,
    /// European Union.
    Eu,
    /// Canada.
    Ca,
    /// Australia.
    Au,
    /// Transmit's own sandbox.
    Sbx,
}

impl Region {
    /// The API host.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Us => "https://api.transmitsecurity.io",
            Self::Eu => "https://api.eu.transmitsecurity.io",
            Self::Ca => "https://api.ca.transmitsecurity.io",
            Self::Au => "https://api.au.transmitsecurity.io",
            Self::Sbx => "https://api.sbx.transmitsecurity.io",
        }
    }

    /// The issuer of tokens signed by the region's own key. That of the sandbox is not published.
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Us => Some("https://userid.security"),
            Self::Eu => Some("https://eu.userid.security"),
            Self::Ca => Some("https://ca.userid.security"),
            Self::Au => Some("https://au.userid.security"),
            Self::Sbx => None,
        }
    }
}

/// The tenant upstream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransmitSettings {
    /// The region, which gives host and issuer.
    pub region: Option<Region>,
    /// The API host, instead of a region.
    pub base_url: Option<Url>,
    /// `iss` of the tokens, where the region does not say it.
    pub issuer: Option<String>,
    /// Further issuers of the same tenant whose tokens are taken: while it changes from the
    /// tenant's signing key to the application's own, tokens of both come.
    pub other_issuers: Vec<String>,
    /// Where the signing keys are. Default: `/cis/oidc/jwks` of the host.
    pub jwks_url: Option<Url>,
    /// Where client access tokens come from, below the host.
    pub token_path: String,
    /// `tid` of the tokens. Unset: not checked.
    pub tenant_id: Option<String>,
    /// The application's client id.
    pub client_id: String,
    /// The application's client secret.
    pub client_secret: Option<Secret>,
    /// A file that holds the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// The key that proves the client instead of a secret (`private_key_jwt`, RFC 7523): PEM,
    /// PKCS#8.
    pub private_key: Option<Secret>,
    /// A file that holds the key.
    pub private_key_file: Option<PathBuf>,
    /// `kid` of the key. Unset: its thumbprint (RFC 7638).
    pub private_key_id: Option<String>,
    /// How it signs. Unset: by its kind, RS256 for RSA.
    pub private_key_algorithm: Option<PrivateKeyAlgorithm>,
    /// The tenant's passcode policy: digits in a code.
    pub otp_length: usize,
    /// … how long a code lives.
    pub otp_lifetime: HumanDuration,
    /// … failures before a user is locked.
    pub otp_max_failures: u32,
    /// … how long the lock lasts.
    pub otp_lockout: HumanDuration,
    /// … how long it remembers failures that have not brought the lock about. Unset:
    /// [`Transmit::failure_memory`] says.
    pub otp_failure_memory: Option<HumanDuration>,
    /// Accept a tenant whose codes have fewer than six digits (NIST 800-63B-4 §3.1.3.2 does not).
    pub allow_short_codes: bool,
    /// Ask for a request id with every code: it then opens only the flow that it was sent for.
    /// Newer than some tenants.
    pub generate_request_id: bool,
    /// Name known browsers to the tenant, by a keyed hash that is no cookie.
    pub device_id: bool,
    /// Tell the tenant the person's user agent and address with every code sent and tried.
    pub client_attributes: bool,
    /// Longest wait for a connection.
    pub connect_timeout: HumanDuration,
    /// Longest wait for an answer to any call but a verify, which has `sign_in.refuse_after`.
    pub timeout: HumanDuration,
    /// Calls in flight at once; further ones wait.
    pub max_in_flight: usize,
    /// A proxy on the way to the tenant. Unset: none, whatever the variables `HTTPS_PROXY`,
    /// `ALL_PROXY` say.
    pub proxy: Option<Url>,
    /// `user:password` for the proxy.
    pub proxy_credentials: Option<Secret>,
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
            client_id: String::new(),
            client_secret: None,
            client_secret_file: None,
            private_key: None,
            private_key_file: None,
            private_key_id: None,
            private_key_algorithm: None,
            otp_length: 6,
            otp_lifetime: HumanDuration::minutes(5),
            otp_max_failures: 3,
            otp_lockout: HumanDuration::minutes(15),
            otp_failure_memory: None,
            allow_short_codes: false,
            generate_request_id: false,
            device_id: false,
            client_attributes: true,
            connect_timeout: HumanDuration::seconds(3),
            timeout: HumanDuration::seconds(10),
            max_in_flight: 128,
            proxy: None,
            proxy_credentials: None,
            ca_file: None,
        }
    }
}

impl TransmitSettings {
    /// Whether nothing has been said about the upstream at all.
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

    /// `iss` that tokens must have.
    pub fn issuer(&self) -> Option<String> {
        self.issuer
            .clone()
            .or_else(|| self.region.and_then(Region::issuer).map(str::to_owned))
    }

    /// Every `iss` that is taken, [`Transmit::issuer`] first.
    pub fn issuers(&self) -> Option<Vec<String>> {
        let issuer = self.issuer()?;
        Some(
            std::iter::once(issuer)
                .chain(self.other_issuers.iter().cloned())
                .collect(),
        )
    }

    /// Where the signing keys are.
    pub fn jwks_url(&self) -> Option<Url> {
        self.jwks_url
            .clone()
            .or_else(|| self.base_url()?.join("/cis/oidc/jwks").ok())
    }

    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        let mut complain = |key, text: &str| complaints.push(ConfigError::new(key, text));
        if self.region.is_some() && self.base_url.is_some() {
            complain(
                "transmit.base_url",
                "set transmit.region or transmit.base_url, not both",
            );
        }
        match self.base_url() {
            None => complain(
                "transmit.region",
                "needed: us, eu, ca, au or sbx (or transmit.base_url)",
            ),
            Some(url) if !is_trustworthy(&url) => complain("transmit.base_url", "must be https"),
            Some(_) => {}
        }
        if self
            .jwks_url
            .as_ref()
            .is_some_and(|url| !is_trustworthy(url))
        {
            complain("transmit.jwks_url", "must be https");
        }
        if self.issuer().is_none() {
            complain(
                "transmit.issuer",
                "needed: the `issuer` of /cis/oidc/.well-known/openid-configuration",
            );
        }
        for (at, other) in self.other_issuers.iter().enumerate() {
            if !is_issuer(other) {
                let text = format!(
                    "`{other}` must be an https URL without query and fragment, as tokens carry it in `iss`"
                );
                complain("transmit.other_issuers", &text);
            }
            if self.issuer().as_ref() == Some(other) {
                complain(
                    "transmit.other_issuers",
                    &format!("`{other}` is transmit.issuer: name only further ones"),
                );
            }
            if self
                .other_issuers
                .iter()
                .take(at)
                .any(|earlier| earlier == other)
            {
                complain("transmit.other_issuers", &format!("`{other}` stands twice"));
            }
        }
        if !self.token_path.starts_with('/') {
            complain("transmit.token_path", "must begin with /");
        }
        if self.client_id.is_empty() {
            complain(
                "transmit.client_id",
                "needed: the client id of the application in the admin portal",
            );
        }
        self.complaints_of_proof(&mut complain);
        self.complaints_of_route(&mut complain);
        self.complaints_of_policy(&mut complain);
        let durations = [
            ("transmit.otp_lifetime", self.otp_lifetime),
            ("transmit.otp_lockout", self.otp_lockout),
            ("transmit.timeout", self.timeout),
            ("transmit.connect_timeout", self.connect_timeout),
        ];
        for (key, _) in durations.into_iter().filter(|(_, span)| span.0.is_zero()) {
            complain(key, "must be longer than nothing");
        }
        if self.max_in_flight == 0 {
            complain("transmit.max_in_flight", "must be at least 1");
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

#[cfg(test)]
mod tests {
    use crate::domain::timestamp::Timestamp;
    use crate::server::settings::load;

    #[test]
    fn other_issuers_are_urls_and_named_once() {
        let complaints = |others: &str| {
            let variables = [
                ("REGION", "us"),
                ("CLIENT_ID", "a"),
                ("CLIENT_SECRET", "b"),
                ("OTHER_ISSUERS", others),
            ];
            let variables = variables
                .map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), value.to_owned()));
            let settings = load(None, variables.into_iter()).unwrap();
            let all = settings
                .complaints(Timestamp::default())
                .into_iter()
                .map(|complaint| complaint.to_string());
            all.filter(|text| text.contains("transmit.other_issuers"))
                .collect::<Vec<_>>()
        };
        for fine in [
            "",
            "https://acme.app.transmitsecurity.io",
            "https://a.example,https://b.example/x",
            "http://127.0.0.1:4100",
        ] {
            assert_eq!(complaints(fine), Vec::<String>::new(), "{fine}");
        }
        for (wrong, why) in [
            ("userid.security", "https URL"),
            ("http://a.example", "https URL"),
            ("https://a.example?x=1", "https URL"),
            ("https://a.example#x", "https URL"),
            ("https://a b.example", "https URL"),
            ("mailto:a@a.example", "https URL"),
            ("https://userid.security", "is transmit.issuer"),
            ("https://a.example,https://a.example", "stands twice"),
        ] {
            let complaints = complaints(wrong);
            assert_eq!(complaints.len(), 1, "{wrong}: {complaints:?}");
            assert!(complaints[0].contains(why), "{wrong}: {complaints:?}");
        }
    }

    #[test]
    fn every_region_has_its_host_and_issuer() {
        for (name, host, issuer) in [
            (
                "us",
                "https://api.transmitsecurity.io/",
                Some("https://userid.security"),
            ),
            (
                "eu",
                "https://api.eu.transmitsecurity.io/",
                Some("https://eu.userid.security"),
            ),
            (
                "ca",
                "https://api.ca.transmitsecurity.io/",
                Some("https://ca.userid.security"),
            ),
            (
                "au",
                "https://api.au.transmitsecurity.io/",
                Some("https://au.userid.security"),
            ),
            ("sbx", "https://api.sbx.transmitsecurity.io/", None),
        ] {
            let variable = ("LATCHKEY_TRANSMIT__REGION".to_owned(), name.to_owned());
            let transmit = load(None, std::iter::once(variable)).unwrap().transmit;
            assert_eq!(transmit.base_url().unwrap().as_str(), host);
            assert_eq!(transmit.issuer().as_deref(), issuer, "{name}");
            assert_eq!(
                transmit.jwks_url().unwrap().as_str(),
                format!("{host}cis/oidc/jwks")
            );
        }
    }
}
