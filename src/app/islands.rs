//! The code that runs in a browser. An island takes nothing but children, which the server has rendered: every word and
//! every time comes from their `data-*` attributes, so no language and no markup costs bytes, and nothing can mismatch.
//!
//! An island is one element with delegated listeners. What the web platform does in one line of JavaScript (`fetch`,
//! WebOTP, `Intl`) is done there, in `browser.js`; what has to be decided is decided here.

use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod code;
#[cfg(feature = "hydrate")]
mod countdown;
#[cfg(feature = "hydrate")]
mod form;

/// Around a form that asks who somebody is: it is sent by `fetch`, and errors appear where one looks.
#[island]
pub fn FormIsland(children: Children) -> impl IntoView {
    view! { <div class="island" on:submit=submit on:change=show_example>{children()}</div> }
}

/// Around the forms of the code page: as above; time runs, and a code is put in order as it comes.
#[island]
pub fn CodeIsland(children: Children) -> impl IntoView {
    start();
    listen_for_code();
    view! { <div class="island" on:submit=submit on:input=tidy>{children()}</div> }
}

/// Around the account: warns before the session ends by itself, and tells times as they are where the reader is.
#[island]
pub fn AccountIsland(children: Children) -> impl IntoView {
    start();
    localise();
    view! { <div class="island" on:submit=submit>{children()}</div> }
}

#[cfg(not(feature = "hydrate"))]
use self::server::*;
#[cfg(feature = "hydrate")]
use self::{
    browser::local_times as localise,
    code::{listen_for_code, tidy},
    countdown::start,
    form::{show_example, submit},
};

/// On the server nothing listens and no time runs.
#[cfg(not(feature = "hydrate"))]
mod server {
    use super::{Event, SubmitEvent};

    pub fn submit(_: SubmitEvent) {}
    pub fn show_example(_: Event) {}
    pub fn tidy(_: Event) {}
    pub fn start() {}
    pub fn localise() {}
    pub fn listen_for_code() {}
}
