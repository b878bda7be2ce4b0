//! The code that runs in a browser. An island takes nothing but children, which the server has rendered: every word and
//! every time comes from their `data-*` attributes, so no language and no markup costs bytes, and nothing can mismatch.

use leptos::prelude::*;

/// Around a form that asks who somebody is: it is sent by `fetch`, and errors appear where one looks.
#[island]
pub fn FormIsland(children: Children) -> impl IntoView {
    view! { <div class="island">{children()}</div> }
}

/// Around the forms of the code page: as above, and time runs.
#[island]
pub fn CodeIsland(children: Children) -> impl IntoView {
    view! { <div class="island">{children()}</div> }
}

/// Around the account: warns before the session ends by itself.
#[island]
pub fn AccountIsland(children: Children) -> impl IntoView {
    view! { <div class="island">{children()}</div> }
}
