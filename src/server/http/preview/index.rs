//! The list of all states, and the page that answers a form.

use leptos::prelude::*;

use crate::app::i18n::{LANGUAGES, Language};
use crate::app::page_states;

const STYLE: &str = "\
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}\
body{margin:0;padding:1.5rem}\
h1{font-size:1.25rem;margin:0}\
p,ul{margin:.75rem 0;padding:0}\
li{list-style:none;padding:.25rem 0;border-top:1px solid #8884}\
a{display:inline-block;margin-inline-end:.5rem}\
li b{display:block;font-weight:600}\
@media (min-width:60rem){\
body{display:grid;grid-template-columns:26rem 1fr;gap:1.5rem;height:100vh;box-sizing:border-box}\
main{overflow:auto}}\
iframe{width:100%;height:100%;min-height:40rem;border:1px solid #8888;border-radius:8px}";

/// What the list is about.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The name of the brand.
    pub brand: &'a str,
    /// The application whose brand is shown.
    pub origin: Option<&'a str>,
    /// All applications with a brand of their own.
    pub origins: &'a [&'a str],
}

/// What a page without a state says.
#[derive(Clone, Copy, Debug)]
pub enum Note {
    /// A form was sent, or a link of a page was followed.
    Preview,
    /// There is no such state or language.
    NoState,
}

/// The URL of a page.
pub fn page_url(language: &str, state: &str, origin: Option<&str>) -> String {
    let path = format!("/states/{language}/{state}");
    match origin {
        Some(origin) => format!("{path}?{}", query(origin)),
        None => path,
    }
}

fn query(origin: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("origin", origin)
        .finish()
}

/// The list: each state in each language, and a frame beside it that shows them.
pub fn render(choice: &Choice<'_>, nonce: &str) -> String {
    let states = page_states::all();
    let first = states.first().map_or("", |(name, _)| *name);
    let start = page_url(
        LANGUAGES.first().map_or("en", |language| language.tag),
        first,
        choice.origin,
    );
    let link = |language: &Language, state: &str| {
        let url = page_url(language.tag, state, choice.origin);
        view! { <a href=url target="page" title=language.name>{language.tag}</a> }
    };
    let row = |name: &'static str| {
        let links = LANGUAGES.iter().map(|language| link(language, name));
        view! { <li id=name><b>{name}</b>{links.collect_view()}</li> }
    };
    let rows = states.iter().map(|(name, _)| row(name)).collect_view();
    let brands = choice.origins.iter().map(|origin| {
        let is_current = choice.origin == Some(*origin);
        let url = format!("/?{}", query(origin));
        let text = (*origin).to_owned();
        view! { <a href=url aria-current=is_current.then_some("true")>{text}</a> }
    });
    let brands = (!choice.origins.is_empty()).then(|| {
        view! { <p>"Brand: " <a href="/">"own"</a>{brands.collect_view()}</p> }
    });
    let heading = format!("Preview: {}", choice.brand);
    let body = view! {
        <main>
            <h1>{heading}</h1>
            <p>
                "Every page in every state and language. All names, numbers and times \
                are invented. Pages are light or dark as the browser is."
            </p>
            {brands}
            <ul>{rows}</ul>
        </main>
        <iframe name="page" title="The page" src=start></iframe>
    };
    document("Preview", nonce, body.into_any())
}

/// The page that answers forms and links.
pub fn render_note(note: Note, nonce: &str) -> String {
    let (title, text) = match note {
        Note::Preview => (
            "This is a preview",
            "Nothing was sent and nothing was stored. Links and forms work on a running server.",
        ),
        Note::NoState => ("No such page", "The list names every state and language."),
    };
    let body = view! {
        <main>
            <h1>{title}</h1>
            <p>{text}</p>
            <p><a href="/" target="_top">"All pages"</a></p>
        </main>
    };
    document(title, nonce, body.into_any())
}

fn document(title: &'static str, nonce: &str, body: AnyView) -> String {
    let nonce = nonce.to_owned();
    let owner = Owner::new();
    let html = owner.with(|| {
        view! {
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <title>{title}</title>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <link rel="icon" href="data:,"/>
                    <style nonce=nonce inner_html=STYLE></style>
                </head>
                <body>{body}</body>
            </html>
        }
        .to_html()
    });
    owner.unset_with_forced_cleanup();
    format!("<!DOCTYPE html>{html}")
}
