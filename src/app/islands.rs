//! The islands: the code that runs in a browser, in Rust over `web-sys`.
//!
//! An island has only children, which the server rendered. It reads all texts and times from their
//! `data-*` attributes. So it needs no texts and no markup of its own, and hydration cannot
//! mismatch. Most listeners are on the window.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod code;
#[cfg(feature = "hydrate")]
mod countdown;
#[cfg(feature = "hydrate")]
mod country;
#[cfg(feature = "hydrate")]
mod dom;
#[cfg(feature = "hydrate")]
mod form;
#[cfg(feature = "hydrate")]
mod intl;
#[cfg(feature = "hydrate")]
mod messages;
#[cfg(feature = "hydrate")]
mod request;
#[cfg(feature = "hydrate")]
mod web_otp;

/// Wraps the form for the identifier: sends it with `fetch`, and shows errors at the field.
#[island]
pub fn FormIsland(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        form::listen();
        country::listen();
    }
    view! { <div class="island">{children()}</div> }
}

/// Wraps the forms of the code page: sends them with `fetch`, updates countdowns, and normalises
/// the code that is typed.
#[island]
pub fn CodeIsland(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        form::listen();
        countdown::start();
        code::listen();
    }
    view! { <div class="island">{children()}</div> }
}

/// Wraps the account page: warns before the session expires, and shows times in the time zone of
/// the reader.
#[island]
pub fn AccountIsland(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        form::listen();
        countdown::start();
        intl::show_local_times();
    }
    view! { <div class="island">{children()}</div> }
}
