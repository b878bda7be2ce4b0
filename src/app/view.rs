//! What a page is made from. Nothing in here is secret, and nothing else reaches a page.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::domain::{IdentifierType, Refusal};

/// What is around every page.
#[derive(Clone, Debug)]
pub struct PageFrame {
    /// The value of the Content-Security-Policy for this answer.
    pub nonce: String,
    /// Name of the company.
    pub brand: Arc<str>,
    /// Where help is.
    pub support_url: Option<Arc<str>>,
    /// Where the browser finds style and islands.
    pub assets: Arc<Assets>,
    /// Whether there is a sign-up page to link to.
    pub sign_up_open: bool,
    /// Our own address, where the page is seen under the name of an application: none of our files
    /// and pages are there.
    pub elsewhere: Option<Arc<str>>,
}

impl PageFrame {
    /// Where our own pages begin, also from under another name.
    pub fn start(&self) -> String {
        self.elsewhere.as_deref().unwrap_or("/").to_owned()
    }
}

/// Addresses of the static files.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The glue of the islands.
    pub js: String,
    /// The islands.
    pub wasm: String,
    /// Modules that the glue imports, to be fetched along with it.
    pub snippets: Vec<String>,
    /// Port of the reload socket, under `cargo leptos watch` only.
    pub reload_port: Option<u32>,
}

/// A page and what it shows.
#[derive(Clone, Debug)]
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
    /// We failed, or a request had to be refused before any page could take it.
    Failure {
        /// What to say; its code decides heading and text.
        refusal: Refusal,
        /// The request id, to be told to support.
        reference: String,
    },
    /// `/.latchkey/enter` on the host of an application, when it leads nowhere.
    NotEntered {
        /// Why.
        why: TicketError,
        /// Where to begin again.
        again: String,
        /// The request id, to be told to support.
        reference: String,
    },
}

/// Why a browser has not reached an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketError {
    /// The address was used before, is too old, or was made for another browser.
    Spent,
    /// The browser keeps no cookie of ours.
    NoCookie,
    /// The session ended on the way.
    Ended,
    /// We failed.
    Unavailable,
}

/// The form that asks who somebody is.
#[derive(Clone, Debug, Default)]
pub struct IdentifierForm {
    /// What is asked for.
    pub identifier: IdentifierType,
    /// Countries that are served, for a phone number.
    pub countries: Arc<[CountryOption]>,
    /// The country to be selected.
    pub country: Option<String>,
    /// What was typed before and could not be used.
    pub typed: Option<String>,
    /// The name that was typed (sign-up).
    pub name: Option<String>,
    /// Whether "stay signed in" is offered.
    pub offer_stay: bool,
    /// Whether it is chosen.
    pub stay: bool,
    /// The way back, already checked.
    pub return_to: Option<String>,
    /// What names this form; random.
    pub form: String,
    /// What went wrong before.
    pub refusal: Option<Refusal>,
    /// Why the browser, which was signed in, is not any more.
    pub farewell: Option<SignedOutReason>,
}

/// Why a browser that was signed in is not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOutReason {
    /// Its person was away for too long, or the session had lasted as long as it may.
    Expired,
    /// Its person signed in once too often elsewhere.
    TooMany,
    /// Its person signed it out from another browser.
    Revoked,
    /// The operator signed it out.
    Operator,
    /// Something else, or too long ago to be known.
    Over,
}

/// A country in the select of the phone field.
#[derive(Clone, Debug)]
pub struct CountryOption {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// ITU-T E.164 country calling code.
    pub calling_code: u16,
    /// How people there write a mobile number, national form; an example, never anybody's number.
    pub example: String,
}

/// The form that asks for the passcode. All times are ours; the browser counts down from `now`.
#[derive(Clone, Debug)]
pub struct CodeForm {
    /// Where the code went.
    pub masked: String,
    /// What was typed to begin with.
    pub identifier: IdentifierType,
    /// Digits of a code.
    pub length: usize,
    /// The server's time.
    pub now: Timestamp,
    /// When the code can no longer be used.
    pub deadline: Timestamp,
    /// When the code was sent: `deadline` less its lifetime.
    pub sent_at: Timestamp,
    /// When another code may be asked for.
    pub resend_at: Timestamp,
    /// Whether this is not the first send of the flow.
    pub resent: bool,
    /// Tries that this flow has left.
    pub tries_left: u32,
    /// When tries are spent: when the next one is possible.
    pub blocked_until: Option<Timestamp>,
    /// What went wrong before.
    pub refusal: Option<Refusal>,
    /// The general limits, for the help panel: the same for everybody.
    pub limits: GeneralLimits,
    /// Where "use another number" leads: the page that the flow began on.
    pub back: crate::domain::Page,
}

/// The general limits, in words on the help panel.
#[derive(Clone, Copy, Debug)]
pub struct GeneralLimits {
    /// How long a code can be used.
    pub code_lifetime: Duration,
    /// Tries per code.
    pub tries: u32,
    /// The first wait between two sends.
    pub cool_down: Duration,
    /// How long a wait can become when tries are spent.
    pub lockout: Duration,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The number or other identifier, masked.
    pub masked: String,
    /// The server's time.
    pub now: Timestamp,
    /// When this session began.
    pub signed_in_at: Timestamp,
    /// When it ends without activity.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// Whether this sign-in came from a browser that was not known.
    pub new_browser: bool,
    /// Browsers, new to us then, that signed in as this person elsewhere; newest first.
    pub newcomers: Vec<NewDeviceNotice>,
    /// When this person had signed in before, if that was long ago.
    pub absent_since: Option<Timestamp>,
    /// All live sessions of this person, this one first.
    pub sessions: Vec<SessionRow>,
    /// What went wrong before.
    pub refusal: Option<Refusal>,
}

/// A browser that signed in elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct NewDeviceNotice {
    /// Browser, as far as it can be told.
    pub browser: Option<&'static str>,
    /// System, as far as it can be told.
    pub system: Option<&'static str>,
    /// When.
    pub at: Timestamp,
}

/// A session in the list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// What `revoke-session` takes.
    pub id: String,
    /// The session that this page belongs to.
    pub current: bool,
    /// Browser, as far as it can be told: `Firefox`.
    pub browser: Option<&'static str>,
    /// System, as far as it can be told: `Android`.
    pub system: Option<&'static str>,
    /// When it began.
    pub signed_in_at: Timestamp,
    /// When it was last active, within a minute.
    pub last_seen_at: Timestamp,
}
