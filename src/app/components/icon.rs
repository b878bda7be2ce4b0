//! Icons as inline SVG, so that nothing is fetched for them. They are decorative: a text is always
//! next to them.

use leptos::prelude::*;

/// An icon on a 20 px grid, in the colour of the text.
#[component]
pub fn Icon(
    /// `key`, `alert`, `check`, `clock`, `info`, `device`, `phone`, or `help`.
    name: &'static str,
) -> impl IntoView {
    let path = match name {
        "key" => "M17 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM10.2 9.8 3 17m1.7-1.7 2 2m1-4.7 2 2",
        "alert" => "M10 3 2.5 16.5h15L10 3Zm0 5v4m0 2.2v.3",
        "check" => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM6.8 10.2l2.2 2.2 4.2-4.6",
        "clock" => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v4l2.7 2",
        "device" => "M3 4h14v9H3zM7 16.5h6M10 13v3.5",
        "phone" => {
            "M6.5 2h7A1.5 1.5 0 0 1 15 3.5v13a1.5 1.5 0 0 1-1.5 1.5h-7\
             A1.5 1.5 0 0 1 5 16.5v-13A1.5 1.5 0 0 1 6.5 2Zm2.5 13h2"
        }
        "help" => {
            "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z\
             M8 8a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4m0 2.5v.3"
        }
        _ => "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 9v4.5M10 6.2v.3",
    };
    view! {
        <svg
            class="icon"
            viewBox="0 0 20 20"
            width="20"
            height="20"
            aria-hidden="true"
            focusable="false"
        >
            <path d=path/>
        </svg>
    }
}
