//! Wires the rooms: from settings to a router, the operations side, and what must be waited for at
//! the end.
//!
//! - `error`: why there is none

use std::sync::Arc;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::task::TaskTracker;
use url::Position;

use crate::app::view::CountryOption;
use crate::server::admin::dashboard::Dashboard;
use crate::server::admin::operations::{self, Operations};
use crate::server::applications::{Applications, AssertionKeys, Assertions};
use crate::server::audit::AuditLog;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hkdf::DeriveKeyError;
use crate::server::crypto::key_ring::KeyRing;
use crate::server::crypto::secret_key;
use crate::server::guard::{Guard, IpThrottle};
use crate::server::http::cookies::Cookies;
use crate::server::http::handlers::assets::Files;
use crate::server::http::handlers::forward_auth::forwarded_request::LogThrottle;
use crate::server::http::middleware::client_address::ClientAddress;
use crate::server::http::{self, AppState};
use crate::server::session::Sessions;
use crate::server::settings::forward_auth::PhoneHeader;
use crate::server::settings::{self, Settings, StoreEngine};
use crate::server::sign_in::identifier_parser::IdentifierParser;
use crate::server::sign_in::response_delay::ResponseDelay;
use crate::server::sign_in::send_queue::SendWorker;
use crate::server::sign_in::{
    FlowStore, PasscodePolicy, RecognisedDevices, ReturnUrlPolicy, SendQueue, SignIn, SignInDeps,
};
use crate::server::sms_gateway::{self, Gateway};
use crate::server::store::Store;
use crate::server::store::redb::{OpenRedbError, RedbOptions, RedbStore};
use crate::server::store::redis::{self, RedisStore};
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::test_numbers::{self, TestNumbers};
use crate::server::transmit::{ClientCredential, ClientKey, Transmit};

mod startup_error;

pub use startup_error::StartupError;

/// The product, wired.
#[derive(Debug)]
pub struct Product {
    /// What the public side is made of.
    pub site: Arc<AppState>,
    /// Where state rests.
    pub store: Arc<dyn Store>,
    /// Upstream.
    pub transmit: Transmit,
    /// The SMS gateway, if it is on.
    pub gateway: Option<Gateway>,
    /// Numbers whose messages the operator reads.
    pub test_numbers: TestNumbers,
    tasks: TaskTracker,
}

/// What the product takes from outside.
#[derive(Debug)]
pub struct Deps {
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The record.
    pub audit: AuditLog,
}

impl Product {
    /// Wires the product over the store that the settings name.
    ///
    /// # Errors
    /// [`WiringError`].
    pub fn open(settings: Settings, around: Deps) -> Result<Self, StartupError> {
        // The key first: a store is not begun without one.
        let ring = secret_key::read_or_create(&settings, &around.random)?;
        let store = open_store(&settings)?;
        Self::assemble(store, &ring, settings, around)
    }

    /// Wires the product over a store.
    ///
    /// # Errors
    /// [`WiringError`].
    pub fn over(
        store: Arc<dyn Store>,
        settings: Settings,
        around: Deps,
    ) -> Result<Self, StartupError> {
        let ring = secret_key::read_or_create(&settings, &around.random)?;
        Self::assemble(store, &ring, settings, around)
    }

    fn assemble(
        store: Arc<dyn Store>,
        ring: &KeyRing,
        settings: Settings,
        around: Deps,
    ) -> Result<Self, StartupError> {
        let Deps {
            clock,
            random,
            audit,
        } = around;
        let keys = Arc::new(DerivedKeys::derive(ring, random.clone())?);
        let transmit = client(&settings, clock.clone(), random.clone())?;
        let (test_numbers, gateway) =
            gateway(&settings, store.clone(), keys.clone(), &clock, &audit)?;
        let tasks = TaskTracker::new();
        let sessions = Sessions::new(
            store.clone(),
            keys.clone(),
            random.clone(),
            clock.clone(),
            audit.clone(),
            transmit.clone(),
            settings.session.clone(),
            tasks.clone(),
        );
        let sessions =
            sessions.keep_phone_numbers(settings.forward_auth.phone == PhoneHeader::Full);
        let guard = Guard::new(
            store.clone(),
            random.clone(),
            settings.guard.clone(),
            &settings.transmit,
        );
        let flows = FlowStore::new(
            store.clone(),
            keys.clone(),
            settings.sign_in.flow_lifetime.0,
        );
        let courier = SendWorker {
            transmit: transmit.clone(),
            flow_store: flows.clone(),
            guard: guard.clone(),
            audit: audit.clone(),
            clock: clock.clone(),
        };
        let public_url = settings.server.public_url();
        let identifier_parser =
            IdentifierParser::new(settings.sign_in.identifier, &settings.guard.countries);
        let countries = identifier_parser
            .served_countries()
            .into_iter()
            .map(country)
            .collect();
        let sign_in = SignIn::new(SignInDeps {
            policy: PasscodePolicy::new(&settings.transmit, &settings.guard, &settings.session),
            identifier_parser,
            return_urls: ReturnUrlPolicy::new(public_url, &settings.forward_auth.origins),
            flow_store: flows,
            devices: RecognisedDevices::new(
                store.clone(),
                keys.clone(),
                random.clone(),
                settings.guard.browsers_per_number,
            ),
            guard,
            sessions: sessions.clone(),
            transmit: transmit.clone(),
            send_queue: SendQueue::start(settings.sign_in.send_queue, courier),
            audit: audit.clone(),
            clock: clock.clone(),
            random: random.clone(),
            keys: keys.clone(),
            tasks: tasks.clone(),
            response_delay: ResponseDelay::default(),
            sign_up: settings.sign_up.mode,
            settings: settings.sign_in.clone(),
        });
        let assertions = settings.forward_auth.jwt.then(|| {
            let signing = AssertionKeys::derive(ring.newest_first())?;
            Ok::<_, DeriveKeyError>(Assertions::new(
                signing,
                settings.server.origin(),
                clock.clone(),
                random.clone(),
            ))
        });
        let assertions = assertions.transpose()?;
        let around = Deps {
            clock,
            random,
            audit,
        };
        let site = site(
            settings, sign_in, sessions, keys, assertions, around, countries,
        );
        Ok(Self {
            site: Arc::new(site),
            store,
            transmit,
            gateway,
            test_numbers,
            tasks,
        })
    }

    /// The public side.
    pub fn router(&self) -> Router {
        http::router(self.site.clone())
    }

    /// The operations side; `metrics` are what `/metrics` renders.
    pub fn operations(&self, metrics: PrometheusHandle) -> Router {
        let AppState {
            settings,
            sign_in,
            audit,
            clock,
            ..
        } = self.site.as_ref();
        operations::router(Arc::new(Operations {
            settings: settings.operations.clone(),
            store: self.store.clone(),
            transmit: self.transmit.clone(),
            metrics,
            console: Dashboard {
                recent: audit.recent().clone(),
                guard: sign_in.deps().guard.clone(),
                clock: clock.clone(),
            },
        }))
    }

    /// Sends what waits to be sent, and waits for what goes on after answers. The store is left to
    /// the caller, and so is the gateway: what is sent here may come back through it.
    pub async fn close(&self) {
        self.site.sign_in.close().await;
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The store that the settings name; the folder of a file is made where it is missing, and Redis is
/// not asked yet.
///
/// # Errors
/// [`WiringError`].
pub fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, StartupError> {
    match settings.store.engine().map_err(StartupError::StoreUrl)? {
        StoreEngine::Redb(path) => {
            let options = RedbOptions {
                cache_size: settings.store.cache_bytes,
                ..RedbOptions::default()
            };
            Ok(Arc::new(RedbStore::open(&path, options)?))
        }
        StoreEngine::Redis(servers) => Ok(Arc::new(RedisStore::open(
            &redis::RedisOptions::from_settings(&settings.store, servers)?,
        )?)),
    }
}

/// The store that the settings name, if it is there: no file is made.
///
/// # Errors
/// [`WiringError`].
pub fn open_existing_store(settings: &Settings) -> Result<Arc<dyn Store>, StartupError> {
    if let Ok(StoreEngine::Redb(path)) = settings.store.engine() {
        std::fs::metadata(&path).map_err(|source| OpenRedbError::Io { path, source })?;
    }
    open_store(settings)
}

/// The upstream client that the settings describe.
///
/// # Errors
/// [`WiringError`].
pub fn client(settings: &Settings, clock: Clock, random: Random) -> Result<Transmit, StartupError> {
    Ok(Transmit::new(
        &settings.transmit,
        proof(&settings.transmit)?,
        clock,
        random,
    )?)
}

fn proof(transmit: &settings::TransmitSettings) -> Result<ClientCredential, StartupError> {
    if let Some(key) = client_key(transmit)? {
        return Ok(ClientCredential::Key(key));
    }
    let secret = settings::load::read_secret(
        transmit.client_secret.as_ref(),
        transmit.client_secret_file.as_deref(),
    )?;
    Ok(ClientCredential::Secret(
        secret.ok_or(StartupError::NoProof)?,
    ))
}

/// The key that proves the client, where it has one instead of a secret.
///
/// # Errors
/// [`WiringError`].
pub fn client_key(
    transmit: &settings::TransmitSettings,
) -> Result<Option<ClientKey>, StartupError> {
    let pem = settings::load::read_secret(
        transmit.private_key.as_ref(),
        transmit.private_key_file.as_deref(),
    )?;
    let name = if transmit.private_key.is_some() {
        "transmit.private_key"
    } else {
        "transmit.private_key_file"
    };
    let parsed = pem.map(|pem| {
        ClientKey::parse(
            &pem,
            transmit.private_key_id.as_deref(),
            transmit.private_key_algorithm,
        )
        .map_err(|error| StartupError::ClientKey(name, error))
    });
    parsed.transpose()
}

/// The SMS gateway, if it is on, and the numbers whose messages it keeps.
fn gateway(
    settings: &Settings,
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    clock: &Clock,
    audit: &AuditLog,
) -> Result<(TestNumbers, Option<Gateway>), StartupError> {
    let (clock, audit) = (clock.clone(), audit.clone());
    let kept = test_numbers::TestNumberDeps {
        store,
        keys: keys.clone(),
        clock: clock.clone(),
        audit: audit.clone(),
    };
    let test_numbers = TestNumbers::new(settings, kept);
    let around = sms_gateway::GatewayDeps {
        clock,
        audit,
        keys,
        test_numbers: test_numbers.clone(),
    };
    let gateway = settings
        .gateway
        .is_on()
        .then(|| Gateway::new(settings.gateway.clone(), around))
        .transpose()?;
    Ok((test_numbers, gateway))
}

fn site(
    settings: Settings,
    sign_in: SignIn,
    sessions: Sessions,
    keys: Arc<DerivedKeys>,
    assertions: Option<Assertions>,
    around: Deps,
    countries: Arc<[CountryOption]>,
) -> AppState {
    let (files, assets) = Files::find();
    let public_url = settings.server.public_url();
    // Browsers offer a bound code on https alone; a message with an address of a test machine would
    // only confuse.
    let message_host = if settings.server.is_https() {
        public_url.host_str().map(Arc::from)
    } else {
        None
    };
    AppState {
        cookies: Cookies::new(settings.server.is_https()),
        origin: settings.server.origin(),
        authority: public_url[Position::BeforeHost..Position::AfterPort].to_owned(),
        applications: Applications::new(&public_url, &settings.forward_auth),
        assertions,
        misdirected: LogThrottle::default(),
        not_believed: LogThrottle::default(),
        client_address: ClientAddress::new(&settings.server),
        flood: IpThrottle::new(&settings.guard),
        brand: settings.brand.name.as_str().into(),
        support_url: settings
            .brand
            .support_url
            .as_ref()
            .map(|url| url.as_str().into()),
        sign_in,
        sessions,
        keys,
        clock: around.clock,
        random: around.random,
        audit: around.audit,
        files,
        assets: Arc::new(assets),
        countries,
        message_host,
        public_url,
        settings,
    }
}

fn country(served: crate::server::sign_in::identifier_parser::ServedCountry) -> CountryOption {
    CountryOption {
        code: served.code,
        calling_code: served.calling_code,
        example: served.example,
    }
}
