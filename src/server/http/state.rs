//! The state that middleware and handlers share.

use std::sync::Arc;

use url::{Position, Url};

use crate::app::brand::LegalLinks;
use crate::app::view::{Assets, CountryOption, IdentifierLabels};
use crate::server::applications::{Applications, Assertions};
use crate::server::audit::AuditLog;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::guard::IpThrottle;
use crate::server::http::brands::Brands;
use crate::server::http::client_address::ClientAddressFinder;
use crate::server::http::cookies::Cookies;
use crate::server::http::request_metrics::RequestMetrics;
use crate::server::http::static_files::StaticFiles;
use crate::server::session::Sessions;
use crate::server::settings::{ServerSettings, Settings};
use crate::server::sign_in::SignIn;
use crate::server::system::clock::Clock;
use crate::server::system::log_throttle::LogThrottle;
use crate::server::system::random::Random;

/// The state of the public HTTP server.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub settings: Settings,
    /// The use cases and services that requests call.
    pub services: Services,
    /// The names by which clients reach this service.
    pub site: PublicSite,
    /// What every page needs besides its view.
    pub pages: PageDefaults,
    /// The static files.
    pub files: StaticFiles,
    /// Limits what `/forward-auth` logs.
    pub forward_auth: ForwardAuthLogs,
    /// Counts requests.
    pub requests: RequestMetrics,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The audit log.
    pub audit: AuditLog,
}

/// The use cases and services that requests call.
#[derive(Debug)]
pub struct Services {
    /// The use cases of a sign-in.
    pub sign_in: SignIn,
    /// The sessions.
    pub sessions: Sessions,
    /// The applications that this service signs people in to.
    pub applications: Applications,
    /// Signs JWTs for the applications; none if `forward_auth.jwt` is off.
    pub assertions: Option<Assertions>,
    /// The request rate limit by client address, which needs no store.
    pub ip_throttle: IpThrottle,
    /// Encrypts the flash cookie.
    pub keys: Arc<DerivedKeys>,
}

/// The names by which clients reach this service, and what follows from them.
#[derive(Debug)]
pub struct PublicSite {
    /// `server.public_url`.
    pub url: Url,
    /// The origin of `url`, which unsafe requests must come from.
    pub origin: String,
    /// The `Host` that browsers send for `url`.
    pub authority: String,
    /// Host name that messages bind their codes to; none where browsers would ignore it.
    pub message_host: Option<Arc<str>>,
    /// Names and attributes of the cookies on this host.
    pub cookies: Cookies,
    /// Finds the address of a client behind trusted proxies.
    pub client_address: ClientAddressFinder,
}

/// What every page needs besides its view.
#[derive(Debug)]
pub struct PageDefaults {
    /// The brands of the company and of the applications.
    pub brands: Brands,
    /// Where people get help.
    pub support_url: Option<Arc<str>>,
    /// The other links at the end of every page.
    pub legal_links: LegalLinks,
    /// URLs of style sheet and scripts.
    pub assets: Arc<Assets>,
    /// How the operator names an identifier that the tenant defines.
    pub identifier_labels: Arc<IdentifierLabels>,
    /// Options of the country field.
    pub countries: Arc<[CountryOption]>,
}

/// Limits how often `/forward-auth` logs what every request could repeat.
#[derive(Debug, Default)]
pub struct ForwardAuthLogs {
    /// For requests that name no known application.
    pub refused: LogThrottle,
    /// For identity headers that would be too long.
    pub too_long: LogThrottle,
    /// For forwarded headers that come from an untrusted peer.
    pub ignored: LogThrottle,
}

impl PublicSite {
    /// Derives everything from the settings.
    pub fn new(server: &ServerSettings) -> Self {
        let url = server.public_url();
        // Browsers offer a bound code on https alone.
        let host = url.host_str().filter(|_| server.is_https());
        Self {
            origin: server.origin(),
            authority: url[Position::BeforeHost..Position::AfterPort].to_owned(),
            message_host: host.map(Arc::from),
            cookies: Cookies::new(server.is_https()),
            client_address: ClientAddressFinder::new(server),
            url,
        }
    }
}

impl PageDefaults {
    /// Reads the settings.
    pub fn new(
        settings: &Settings,
        brands: Brands,
        assets: Assets,
        countries: Arc<[CountryOption]>,
    ) -> Self {
        let url = |url: &Option<Url>| url.as_ref().map(|url| Arc::from(url.as_str()));
        Self {
            brands,
            support_url: url(&settings.brand.support_url),
            legal_links: LegalLinks {
                privacy: url(&settings.brand.privacy_url),
                terms: url(&settings.brand.terms_url),
            },
            assets: Arc::new(assets),
            identifier_labels: Arc::new(IdentifierLabels {
                by_language: settings.sign_in.labels_by_language(),
                other: settings.sign_in.identifier_label.clone(),
            }),
            countries,
        }
    }
}
