//! One builder function per service.

use std::sync::Arc;

use crate::app::view::CountryOption;
use crate::server::applications::{Applications, AssertionKeys, Assertions};
use crate::server::audit::{Pseudonyms, RecentEvents};
use crate::server::crypto::key_ring::KeyRing;
use crate::server::guard::{Guard, IpThrottle};
use crate::server::http::AppState;
use crate::server::http::brands::Brands;
use crate::server::http::request_metrics::RequestMetrics;
use crate::server::http::state::{ForwardAuthLogs, PageDefaults, PublicSite, Services};
use crate::server::http::static_files::StaticFiles;
use crate::server::identifier_parser::{IdentifierParser, ServedCountry};
use crate::server::passcode_policy::{PasscodePolicyDeps, TenantPasscodePolicy};
use crate::server::session::Sessions;
use crate::server::settings::Settings;
use crate::server::settings::forward_auth::PhoneHeader;
use crate::server::sign_in::request_id_memory::RequestIdMemory;
use crate::server::sign_in::response_delay::ResponseDelay;
use crate::server::sign_in::send_queue::SendWorker;
use crate::server::sign_in::{
    FlowStore, PasscodeRules, RecognisedDevices, ReturnUrlPolicy, SendQueue, SignIn, SignInDeps,
};
use crate::server::sms_gateway::{Gateway, GatewayDeps};
use crate::server::test_numbers::{TestNumberDeps, TestNumbers};
use crate::server::transmit::Transmit;
use crate::server::wiring::Foundation;
use crate::server::wiring::startup_error::StartupError;

/// The state of the public HTTP server.
pub fn app_state(
    foundation: &Foundation,
    settings: Settings,
    transmit: &Transmit,
    policy: &TenantPasscodePolicy,
    ring: &KeyRing,
) -> Result<AppState, StartupError> {
    let brands = Brands::load(&settings.brand)?;
    let (files, assets) = StaticFiles::find();
    let site = PublicSite::new(&settings.server);
    let sessions = sessions(foundation, &settings, transmit);
    let sign_in = sign_in(foundation, &settings, &sessions, transmit, policy);
    let countries = countries(&sign_in.deps().identifier_parser);
    let services = Services {
        applications: Applications::new(&site.url, &settings.forward_auth),
        assertions: assertions(foundation, &settings, ring)?,
        ip_throttle: IpThrottle::new(&settings.guard),
        keys: foundation.keys.clone(),
        sessions,
        sign_in,
    };
    Ok(AppState {
        services,
        site,
        pages: PageDefaults::new(&settings, brands, assets, countries),
        files,
        forward_auth: ForwardAuthLogs::default(),
        requests: RequestMetrics::register(),
        clock: foundation.clock.clone(),
        random: foundation.random.clone(),
        audit: foundation.audit.clone(),
        settings,
    })
}

fn sessions(foundation: &Foundation, settings: &Settings, transmit: &Transmit) -> Sessions {
    let sessions = Sessions::new(
        foundation.store.clone(),
        foundation.keys.clone(),
        foundation.random.clone(),
        foundation.clock.clone(),
        foundation.audit.clone(),
        transmit.clone(),
        settings.session.clone(),
        foundation.tasks.clone(),
    );
    sessions.keep_phone_numbers(settings.forward_auth.phone == PhoneHeader::Full)
}

/// What the tenant says of its codes, and the limits that follow.
pub fn tenant_policy(
    foundation: &Foundation,
    settings: &Settings,
    transmit: &Transmit,
) -> TenantPasscodePolicy {
    let deps = PasscodePolicyDeps {
        store: foundation.store.clone(),
        keys: foundation.keys.clone(),
        transmit: transmit.clone(),
        clock: foundation.clock.clone(),
        audit: foundation.audit.clone(),
    };
    TenantPasscodePolicy::new(settings, deps)
}

fn sign_in(
    foundation: &Foundation,
    settings: &Settings,
    sessions: &Sessions,
    transmit: &Transmit,
    policy: &TenantPasscodePolicy,
) -> SignIn {
    let guard = guard(foundation, settings, policy);
    let flows = flow_store(foundation, settings);
    let public_url = settings.server.public_url();
    SignIn::new(SignInDeps {
        policy: PasscodeRules::new(policy.limits(), settings),
        tenant_policy: policy.clone(),
        identifier_parser: IdentifierParser::new(
            settings.sign_in.identifier,
            &settings.guard.countries,
        ),
        return_urls: ReturnUrlPolicy::new(public_url, &settings.forward_auth.origins)
            .requiring_sms(&settings.forward_auth.require_sms),
        devices: recognised_devices(foundation, settings),
        send_queue: send_queue(foundation, settings, &guard, &flows, transmit),
        flow_store: flows,
        guard,
        sessions: sessions.clone(),
        transmit: transmit.clone(),
        audit: foundation.audit.clone(),
        pseudonyms: pseudonyms(foundation),
        recent_events: recent_events(foundation),
        clock: foundation.clock.clone(),
        random: foundation.random.clone(),
        keys: foundation.keys.clone(),
        tasks: foundation.tasks.clone(),
        response_delay: ResponseDelay::new(
            &settings.sign_in.refuse_after,
            foundation.clock.clone(),
            foundation.random.clone(),
        ),
        settings: settings.sign_in.clone(),
    })
}

fn pseudonyms(foundation: &Foundation) -> Pseudonyms {
    Pseudonyms::new(
        foundation.store.clone(),
        foundation.keys.clone(),
        foundation.random.clone(),
    )
}

fn recent_events(foundation: &Foundation) -> RecentEvents {
    RecentEvents::new(
        foundation.store.clone(),
        foundation.keys.clone(),
        pseudonyms(foundation),
        foundation.clock.clone(),
        foundation.audit.unsaved().clone(),
    )
}

fn guard(foundation: &Foundation, settings: &Settings, policy: &TenantPasscodePolicy) -> Guard {
    Guard::new(
        foundation.store.clone(),
        foundation.random.clone(),
        settings.guard.clone(),
        policy.limits(),
    )
}

fn flow_store(foundation: &Foundation, settings: &Settings) -> FlowStore {
    FlowStore::new(
        foundation.store.clone(),
        foundation.keys.clone(),
        settings.sign_in.flow_lifetime.0,
    )
}

fn recognised_devices(foundation: &Foundation, settings: &Settings) -> RecognisedDevices {
    RecognisedDevices::new(
        foundation.store.clone(),
        foundation.keys.clone(),
        foundation.random.clone(),
        settings.guard.browsers_per_number,
        settings.sign_in.recycled_after.0,
    )
}

fn send_queue(
    foundation: &Foundation,
    settings: &Settings,
    guard: &Guard,
    flows: &FlowStore,
    transmit: &Transmit,
) -> SendQueue {
    let worker = SendWorker {
        transmit: transmit.clone(),
        flow_store: flows.clone(),
        guard: guard.clone(),
        audit: foundation.audit.clone(),
        clock: foundation.clock.clone(),
        request_ids: Arc::new(RequestIdMemory::new(foundation.store.clone())),
    };
    SendQueue::start(settings.sign_in.send_queue, worker)
}

/// Signs JWTs for applications, if that is on.
fn assertions(
    foundation: &Foundation,
    settings: &Settings,
    ring: &KeyRing,
) -> Result<Option<Assertions>, StartupError> {
    if !settings.forward_auth.jwt {
        return Ok(None);
    }
    Ok(Some(Assertions::new(
        AssertionKeys::derive(ring.newest_first())?,
        settings.server.origin(),
        foundation.clock.clone(),
        foundation.random.clone(),
    )))
}

/// The numbers whose messages are shown to the operator.
pub fn test_numbers(
    foundation: &Foundation,
    settings: &Settings,
    policy: &TenantPasscodePolicy,
) -> TestNumbers {
    let deps = TestNumberDeps {
        store: foundation.store.clone(),
        keys: foundation.keys.clone(),
        clock: foundation.clock.clone(),
        audit: foundation.audit.clone(),
        pseudonyms: pseudonyms(foundation),
        limits: policy.limits(),
    };
    TestNumbers::new(settings, deps)
}

/// The SMS gateway, if it is on.
pub fn sms_gateway(
    foundation: &Foundation,
    settings: &Settings,
    test_numbers: &TestNumbers,
) -> Result<Option<Gateway>, StartupError> {
    if !settings.gateway.is_on() {
        return Ok(None);
    }
    let deps = GatewayDeps {
        clock: foundation.clock.clone(),
        audit: foundation.audit.clone(),
        pseudonyms: pseudonyms(foundation),
        keys: foundation.keys.clone(),
        test_numbers: test_numbers.clone(),
        senders: settings.sign_in.senders.clone(),
    };
    Ok(Some(Gateway::new(settings.gateway.clone(), deps)?))
}

/// The options of the country field.
fn countries(parser: &IdentifierParser) -> Arc<[CountryOption]> {
    let option = |served: ServedCountry| CountryOption {
        code: served.code,
        calling_code: served.calling_code,
        is_main: served.is_main,
        example: served.example,
    };
    parser.served_countries().into_iter().map(option).collect()
}
