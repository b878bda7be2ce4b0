//! The code that runs in a browser. An island takes nothing but children, which the server has
//! rendered: every word and every time comes from their `data-*` attributes, so no language and no
//! markup costs bytes, and nothing can mismatch.
//!
//! What has to be decided is decided here, in Rust. What the web platform does in a line of
//! JavaScript (`fetch`, WebOTP, `Intl`, a class name) is done there, in `browser.js`. Listeners sit
//! on the document, so that hydration is only a start.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod code;
#[cfg(feature = "hydrate")]
mod countdown;
#[cfg(feature = "hydrate")]
mod form;

/// Around a form that asks who somebody is: it is sent by `fetch`, and errors appear where one
/// looks.
#[island]
pub fn FormIsland(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        form::listen();
        browser::follow_country();
    }
    view! { <div class="island">{children()}</div> }
}

/// Around the forms of the code page: as above; time runs, and a code is put in order as it comes.
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

/// Around the account: warns before the session ends by itself, and tells times as they are where
/// the reader is.
#[island]
pub fn AccountIsland(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    {
        form::listen();
        countdown::start();
        browser::local_times();
    }
    view! { <div class="island">{children()}</div> }
}
