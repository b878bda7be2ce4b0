//! The view models: all data that pages are rendered from. They contain no secret.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::brand::{Brand, LegalLinks};
use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, IdentifierType, Refusal};

/// What every page needs.
#[derive(Clone, Debug)]
pub struct PageFrame {
    /// The nonce of the Content-Security-Policy of this response.
    pub nonce: String,
    /// The brand of the company, or of the application that the sign-in is for.
    pub brand: Arc<Brand>,
    /// The URL of the support page.
    pub support_url: Option<Arc<str>>,
    /// The other links at the end of the page.
    pub legal_links: LegalLinks,
    /// The URLs of style sheet and scripts.
    pub assets: Arc<Assets>,
    /// Whether the sign-up page is open.
    pub sign_up_open: bool,
    /// Our base URL, if the page is served on the host of an application, where our files and pages
    /// are not served.
    pub base_url: Option<Arc<str>>,
    /// The host that browsers show for our pages, with its port if it is not the usual one.
    pub host: Arc<str>,
    /// The page that the form for another language leads to; none: the document's own URL.
    pub language_url: Option<&'static str>,
    /// The id of the request, which pages with an error show for the support team.
    pub request_id: Arc<str>,
}

impl PageFrame {
    /// The title of a page with the brand, as browsers show it.
    pub fn title(&self, title: &str) -> String {
        format!("{title} · {}", self.brand.name)
    }

    /// The URL of the start page, which is absolute on the host of an application.
    pub fn start_url(&self) -> String {
        self.base_url.as_deref().unwrap_or("/").to_owned()
    }
}

/// URLs of the static files.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The JavaScript glue of the islands.
    pub js: String,
    /// The WebAssembly of the islands.
    pub wasm: String,
    /// Modules that the glue imports, for preloading.
    pub snippets: Vec<String>,
    /// Port of the live-reload socket, under `cargo leptos watch` only.
    pub reload_port: Option<u32>,
}

/// A page and its data.
#[derive(Clone, Debug, strum::IntoStaticStr, strum::VariantNames)]
pub enum View {
    /// `/sign-in`
    SignIn(IdentifierForm),
    /// `/sign-up`
    SignUp(IdentifierForm),
    /// `/code`
    Code(CodeForm),
    /// `/account`
    Account(AccountView),
    /// `/sign-out`
    SignOut {
        /// Whether anybody is signed in.
        signed_in: bool,
    },
    /// Any other path.
    NotFound,
    /// An error of the service, or a request that was refused before a page handled it.
    Failure {
        /// The error.
        refusal: Refusal,
    },
    /// `/.latchkey/enter` on the host of an application, when the ticket is not accepted.
    TicketError {
        /// Why.
        error: TicketError,
        /// The URL that starts the sign-in again.
        retry_url: String,
    },
}

impl View {
    /// The return URL that the page was called with, or keeps for the person.
    pub fn return_to(&self) -> Option<&str> {
        match self {
            Self::SignIn(form) | Self::SignUp(form) => form.return_to.as_deref(),
            _ => None,
        }
    }
}

/// Why the ticket for an application is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub enum TicketError {
    /// The ticket was used before, has expired, or was issued to another browser.
    Used,
    /// The browser does not keep our cookies.
    NoCookie,
    /// The session ended before the ticket was used.
    SessionEnded,
    /// The service is unavailable.
    Unavailable,
}

/// The operator's labels of an identifier that the tenant defines.
#[derive(Clone, Debug, Default)]
pub struct IdentifierLabels {
    /// Labels by the tag of their language.
    pub by_language: HashMap<&'static str, String>,
    /// The label in the other languages.
    pub other: Option<String>,
}

impl IdentifierLabels {
    /// The label in a language; `None` if the operator has none for it.
    pub fn of(&self, language: &str) -> Option<&str> {
        let own = self.by_language.get(language).or(self.other.as_ref());
        own.map(String::as_str)
    }
}

/// The form that asks for the identifier.
#[derive(Clone, Debug, Default)]
pub struct IdentifierForm {
    /// The type of the identifier.
    pub identifier: IdentifierType,
    /// How the operator names an identifier that the tenant defines.
    pub labels: Arc<IdentifierLabels>,
    /// The served countries, for a phone number.
    pub countries: Arc<[CountryOption]>,
    /// The selected country.
    pub country: Option<String>,
    /// The rejected input.
    pub typed: Option<String>,
    /// The name that was typed (sign-up).
    pub name: Option<String>,
    /// Whether "stay signed in" is offered.
    pub offer_stay: bool,
    /// Whether it is checked.
    pub stay: bool,
    /// The return URL, which was validated.
    pub return_to: Option<String>,
    /// The number that is asked back, in E.164. `typed` then shows it in full.
    pub asked_number: Option<String>,
    /// The random id of this form.
    pub form: String,
    /// The error of the last request.
    pub refusal: Option<Refusal>,
    /// Why the browser is no longer signed in.
    pub signed_out_reason: Option<SignedOutReason>,
}

/// Why a browser is no longer signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub enum SignedOutReason {
    /// The session reached its idle or absolute limit.
    Expired,
    /// The person signed in on more devices than allowed.
    TooManySessions,
    /// The person ended the session from another browser.
    Revoked,
    /// The operator ended the session.
    Operator,
    /// The session goes on, but the application asks for a fresh code.
    CodeTooOld,
    /// The session goes on, but the application asks for a code by SMS.
    CodeNotBySms,
    /// The person signed out, here and just now.
    Requested,
    /// Another reason, or one that is no longer stored.
    Other,
}

/// A country in the select of the phone field.
#[derive(Clone, Debug)]
pub struct CountryOption {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// ITU-T E.164 country calling code.
    pub calling_code: u16,
    /// Whether a number with this calling code is taken to be of this country and of no other.
    pub is_main: bool,
    /// An example of a mobile number in national format, which nobody has.
    pub example: String,
}

/// The form that asks for the passcode. All times are of the server; the browser counts from `now`.
#[derive(Clone, Debug)]
pub struct CodeForm {
    /// The masked identifier.
    pub masked: String,
    /// The tag of the flow, by which the forms are recognised as belonging to it.
    pub flow_tag: String,
    /// The type of the identifier.
    pub identifier: IdentifierType,
    /// How the last code was requested.
    pub channel: Channel,
    /// Whether a code may be requested by e-mail.
    pub offers_email: bool,
    /// The number of digits of a code.
    pub length: usize,
    /// The current time.
    pub now: Timestamp,
    /// When the code expires.
    pub deadline: Timestamp,
    /// When the code was sent: `deadline` minus its lifetime.
    pub sent_at: Timestamp,
    /// When another code may be requested.
    pub resend_at: Timestamp,
    /// Whether this is not the first send of the flow.
    pub resent: bool,
    /// Attempts that this flow has left.
    pub tries_left: u32,
    /// When the next attempt is allowed, if none is left now.
    pub blocked_until: Option<Timestamp>,
    /// The error of the last request.
    pub refusal: Option<Refusal>,
    /// The general limits, for the help panel.
    pub limits: GeneralLimits,
    /// The page that started the flow, for "use another number".
    pub back: crate::domain::Page,
}

/// The general limits on the help panel. They are the same for everybody.
#[derive(Clone, Copy, Debug)]
pub struct GeneralLimits {
    /// The lifetime of a code.
    pub code_lifetime: Duration,
    /// Attempts per code.
    pub tries: u32,
    /// The shortest wait between two sends.
    pub cool_down: Duration,
    /// The longest wait after too many failed attempts.
    pub lockout: Duration,
}

/// The account page.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The masked identifier.
    pub masked: String,
    /// The current time.
    pub now: Timestamp,
    /// When this session began.
    pub signed_in_at: Timestamp,
    /// When it expires without activity.
    pub idle_expires_at: Timestamp,
    /// When it expires in any case.
    pub expires_at: Timestamp,
    /// Whether this sign-in came from an unrecognised device.
    pub unrecognised_device: bool,
    /// Unrecognised devices that signed in as this person; the newest first.
    pub new_devices: Vec<NewDeviceNotice>,
    /// The last sign-in before this one, if it was long ago.
    pub absent_since: Option<Timestamp>,
    /// All active sessions of this person, this one first.
    pub sessions: Vec<SessionRow>,
    /// The error of the last request.
    pub refusal: Option<Refusal>,
}

/// A sign-in from an unrecognised device.
#[derive(Clone, Copy, Debug)]
pub struct NewDeviceNotice {
    /// The browser, if it is known.
    pub browser: Option<&'static str>,
    /// The operating system, if it is known.
    pub system: Option<&'static str>,
    /// The time of the sign-in.
    pub at: Timestamp,
}

/// A session in the list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The id for `revoke-session`.
    pub id: String,
    /// Whether it is the session of this browser.
    pub current: bool,
    /// The browser, if it is known, such as `Firefox`.
    pub browser: Option<&'static str>,
    /// The operating system, if it is known, such as `Android`.
    pub system: Option<&'static str>,
    /// When it began.
    pub signed_in_at: Timestamp,
    /// When it was last active, accurate to a minute.
    pub last_seen_at: Timestamp,
}
