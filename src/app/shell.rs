//! The HTML document around a page.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::prelude::*;

use crate::app::brand::Brand;
use crate::app::components::brand_mark::brand_mark;
use crate::app::components::language_switcher::LanguageSwitcher;
use crate::app::i18n::Text;
use crate::app::pages;
use crate::app::view::{Assets, PageFrame, View};
use crate::embedded::{Embedded, embedded};

/// The script for `cargo leptos watch`: it replaces a changed style sheet, and reloads the page
/// after any other change.
const RELOAD: Embedded = embedded!("shell/reload.js");

/// The style of a page on the host of an application, where our style sheet is not served.
const INLINE_STYLE: [Embedded; 7] = [
    embedded!("../../style/tokens.css"),
    embedded!("../../style/base.css"),
    embedded!("../../style/frame.css"),
    embedded!("../../style/buttons.css"),
    embedded!("../../style/fields.css"),
    embedded!("../../style/pages.css"),
    embedded!("../../style/media.css"),
];

/// Renders the HTML document of a page.
///
/// Nothing on a page waits for I/O, so it is rendered synchronously, without a stream. Islands are
/// marked for hydration.
pub fn render(frame: &PageFrame, text: &'static Text, view: &View) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| document(frame, text, view).to_html());
    owner.unset_with_forced_cleanup();
    format!("<!DOCTYPE html>{html}")
}

fn document(frame: &PageFrame, text: &'static Text, view: &View) -> impl IntoView + use<> {
    let page = pages::render_page(frame, text, view);
    let footer = footer(frame, text, view, page.has_error || page.is_failure);
    let plain = frame.title(page.title);
    let with_error = frame.title(&text.format("error-title", &[("title", page.title.into())]));
    let title = if page.has_error { &with_error } else { &plain }.clone();
    let states = page.has_islands.then_some((plain, with_error));
    let (plain, with_error) = states.unzip();
    let expired = page.expired_title.map(|title| frame.title(title));
    view! {
        <html lang=text.lang() dir=text.language().direction()>
            <head>
                <meta charset="utf-8"/>
                <title>{title}</title>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f6fa"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#10131a"/>
                <meta name="robots" content="noindex"/>
                {match frame.base_url {
                    None => linked_files(frame, page.has_islands).into_any(),
                    Some(_) => {
                        let nonce = frame.nonce.clone();
                        view! { <style nonce=nonce>{inline_style(frame)}</style> }.into_any()
                    }
                }}
            </head>
            <body>
                <a class="skip" href="#main">{text.get("skip")}</a>
                <header class="top">
                    <a class="brand" href=frame.start_url()>
                        {brand_mark(frame)}
                    </a>
                </header>
                // The islands show the title of a state that the page comes to.
                <main
                    id="main"
                    tabindex="-1"
                    data-title=plain
                    data-error-title=with_error
                    data-expired-title=expired
                >
                    {page.body}
                </main>
                {footer}
            </body>
        </html>
    }
}

/// The links of the company, the other languages, and on a page with an error what to tell the
/// support team. Pages on the host of an application offer no other language: the cookie that
/// remembers it is not theirs.
fn footer(
    frame: &PageFrame,
    text: &'static Text,
    view: &View,
    has_reference: bool,
) -> Option<impl IntoView + use<>> {
    let links = footer_links(frame, text);
    let reference = has_reference.then(|| {
        let id = frame.request_id.to_string();
        view! {
            <p class="reference">{text.get("failure-reference")} " " <code dir="ltr">{id}</code></p>
        }
    });
    let languages = frame.base_url.is_none().then(|| {
        let (action, return_to) = (frame.language_url, view.return_to().map(str::to_owned));
        view! { <LanguageSwitcher text action return_to/> }
    });
    (links.is_some() || reference.is_some() || languages.is_some())
        .then(|| view! { <footer class="foot">{reference}{links}{languages}</footer> })
}

/// The links to the support page, the privacy policy and the terms.
fn footer_links(frame: &PageFrame, text: &'static Text) -> Option<AnyView> {
    let link = |url: &Option<Arc<str>>, id| {
        let url = url.clone()?;
        Some(view! { <a href=url>{text.get(id)}</a> }.into_any())
    };
    let links = [
        link(&frame.support_url, "help"),
        link(&frame.legal_links.privacy, "privacy"),
        link(&frame.legal_links.terms, "terms"),
    ];
    // One after the other, so that a link that is not there leaves no mark in the document.
    links
        .into_iter()
        .flatten()
        .reduce(|before, link| view! { {before}" · "{link} }.into_any())
}

fn inline_style(frame: &PageFrame) -> String {
    let own: String = INLINE_STYLE.iter().map(Embedded::read).collect();
    match &frame.brand.style {
        Some(style) => own + &style.css,
        None => own,
    }
}

/// The files that a page on our own host loads.
fn linked_files(frame: &PageFrame, islands: bool) -> impl IntoView + use<> {
    view! {
        <link rel="stylesheet" href=frame.assets.css.clone()/>
        {islands.then(|| scripts(&frame.assets, &frame.nonce))}
        {brand_files(&frame.brand)}
        {frame.assets.reload_port.map(|port| reload_script(port, &frame.nonce))}
    }
}

/// The icon of the tab, and the style sheet of the brand after our own.
fn brand_files(brand: &Brand) -> AnyView {
    let icon = match &brand.icon {
        Some(icon) => {
            let url = icon.url.to_string();
            view! { <link rel="icon" href=url r#type=icon.media_type/> }.into_any()
        }
        None => view! {
            <link rel="icon" href="/favicon.ico" sizes="32x32"/>
            <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
            <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
            <link rel="manifest" href="/site.webmanifest"/>
        }
        .into_any(),
    };
    match &brand.style {
        Some(style) => {
            let url = style.url.to_string();
            view! { <link rel="stylesheet" href=url/>{icon} }.into_any()
        }
        None => icon,
    }
}

/// The scripts of a page with islands. Leptos' own tags do not know the hashed file names.
fn scripts(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    let (js, wasm) = (assets.js.clone(), assets.wasm.clone());
    let snippets = assets
        .snippets
        .iter()
        .map(|href| view! { <link rel="modulepreload" href=href.clone()/> })
        .collect_view();
    let start = format!(
        "import init,* as m from \"{js}\";await init({{module_or_path:\"{wasm}\"}});m.hydrate();\
         for(const e of document.querySelectorAll(\"leptos-island\"))\
         await m[e.dataset.component]?.(e)"
    );
    view! {
        // The style is needed first.
        <link rel="modulepreload" href=js fetchpriority="low"/>
        {snippets}
        <link
            rel="preload"
            href=wasm
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
            fetchpriority="low"
        />
        <script r#type="module" nonce=nonce.to_owned()>{start}</script>
    }
}

fn reload_script(port: u32, nonce: &str) -> impl IntoView + use<> {
    let script = format!("(port => {{{}}})({port})", RELOAD.read());
    view! { <script nonce=nonce.to_owned()>{script}</script> }
}
