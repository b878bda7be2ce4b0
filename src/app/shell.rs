//! The document around a page.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::pages::{self, RenderedPage};
use crate::app::view::{Assets, PageFrame, View};
use crate::embedded::{Embedded, embedded};

/// `cargo leptos watch` talks to the page through this: a new style sheet is swapped in, all else
/// reloads.
const RELOAD: Embedded = embedded!("shell/reload.js");

/// The style of a page that is seen under the name of an application, where no style sheet of ours
/// is.
const INLINE: [Embedded; 7] = [
    embedded!("../../style/tokens.css"),
    embedded!("../../style/base.css"),
    embedded!("../../style/frame.css"),
    embedded!("../../style/buttons.css"),
    embedded!("../../style/fields.css"),
    embedded!("../../style/pages.css"),
    embedded!("../../style/media.css"),
];

/// The whole HTML document of a page.
///
/// Rendered in one go: nothing on a page waits for anything, so there is no stream, no executor and
/// nothing to leak when a client leaves early. Islands are marked for the browser, which hydrates
/// them where they stand.
pub fn render(frame: &PageFrame, text: &'static Text, view: &View) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| document(frame, text, pages::page(frame, text, view)).to_html());
    owner.unset_with_forced_cleanup();
    format!("<!DOCTYPE html>{html}")
}

fn document(frame: &PageFrame, text: &'static Text, page: RenderedPage) -> impl IntoView + use<> {
    let title = if page.refused {
        text.format("error-title", &[("title", page.title.into())])
    } else {
        page.title.to_owned()
    };
    view! {
        <html lang=text.lang() dir=text.direction()>
            <head>
                <meta charset="utf-8"/>
                <title>{format!("{title} · {}", frame.brand)}</title>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f6fa"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#10131a"/>
                <meta name="robots" content="noindex"/>
                {match frame.elsewhere {
                    None => files(frame, page.islands).into_any(),
                    Some(_) => view! { <style nonce=frame.nonce.clone()>{inline()}</style> }.into_any(),
                }}
            </head>
            <body>
                <a class="skip" href="#main">{text.get("skip")}</a>
                <header class="top">
                    <a class="brand" href=frame.start()><Icon name="key"/>{frame.brand.clone()}</a>
                </header>
                <main id="main" tabindex="-1">{page.body}</main>
                {frame.support_url.clone().map(|url| view! {
                    <footer class="foot"><a href=url>{text.get("help")}</a></footer>
                })}
            </body>
        </html>
    }
}

fn inline() -> String {
    INLINE.iter().map(Embedded::read).collect()
}

/// What a page of ours loads.
fn files(frame: &PageFrame, islands: bool) -> impl IntoView + use<> {
    view! {
        <link rel="stylesheet" href=frame.assets.css.clone()/>
        {islands.then(|| scripts(&frame.assets, &frame.nonce))}
        <link rel="icon" href="/favicon.ico" sizes="32x32"/>
        <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
        <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
        <link rel="manifest" href="/site.webmanifest"/>
        {frame.assets.reload_port.map(|port| reload(port, &frame.nonce))}
    }
}

/// What a page with islands loads. The names are known here only, so Leptos' own tags cannot be
/// used.
fn scripts(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    let (js, wasm) = (assets.js.clone(), assets.wasm.clone());
    let snippets = assets
        .snippets
        .iter()
        .map(|href| view! { <link rel="modulepreload" href=href.clone()/> })
        .collect_view();
    let start = format!(
        r#"import init,* as m from "{js}";await init({{module_or_path:"{wasm}"}});m.hydrate();for(const e of document.querySelectorAll("leptos-island"))await m[e.dataset.component]?.(e)"#
    );
    view! {
        <link rel="modulepreload" href=js/>
        {snippets}
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script r#type="module" nonce=nonce.to_owned()>{start}</script>
    }
}

fn reload(port: u32, nonce: &str) -> impl IntoView + use<> {
    view! { <script nonce=nonce.to_owned()>{format!("(port => {{{}}})({port})", RELOAD.read())}</script> }
}
