//! `latchkey preview`: every page in every state and language, with the brand of the settings.
//!
//! The pages are rendered as those of the server, from view models with invented data. There is no
//! store, no upstream and no secret, and a form that is sent gets a page that says so.

mod index;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{Method, StatusCode};
use serde::Deserialize;

use self::index::{Choice, Note};
use crate::app;
use crate::app::Text;
use crate::app::i18n::LANGUAGES;
use crate::app::page_states;
use crate::app::view::{PageFrame, View};
use crate::server::http::brands::{BrandError, Brands};
use crate::server::http::middleware::security_headers::{ContentPolicy, StyleSource};
use crate::server::http::negotiation::wants_page;
use crate::server::http::state::{PageDefaults, PublicSite};
use crate::server::http::static_files::StaticFiles;
use crate::server::settings::Settings;

/// Fixed, because nothing here is secret.
const NONCE: &str = "preview";
/// Where a form leads to.
const SENT: &str = "/sent";

/// What the handlers share.
#[derive(Debug)]
struct Preview {
    pages: PageDefaults,
    files: StaticFiles,
    site: PublicSite,
    is_sign_up_open: bool,
}

/// What links choose besides state and language.
#[derive(Debug, Default, Deserialize)]
struct Selection {
    /// The origin of an application with a brand of its own.
    origin: Option<String>,
    /// The language that the page itself offers.
    lang: Option<String>,
}

/// The routes. Of the settings only those that pages show are read.
///
/// # Errors
/// [`BrandError`]: a logo cannot be used.
pub fn router(settings: &Settings) -> Result<Router, BrandError> {
    let (files, assets) = StaticFiles::find();
    let brands = Brands::load(&settings.brand)?;
    let preview = Preview {
        pages: PageDefaults::new(settings, brands, assets, Arc::default()),
        files,
        site: PublicSite::new(&settings.server),
        is_sign_up_open: settings.is_sign_up_open(),
    };
    Ok(Router::new()
        .route("/", get(index))
        .route("/states/{language}/{state}", get(state_page))
        .fallback(file_or_note)
        .with_state(Arc::new(preview)))
}

async fn index(State(preview): State<Arc<Preview>>, Query(chosen): Query<Selection>) -> Response {
    let mut origins: Vec<&str> = preview.pages.brands.origins().collect();
    origins.sort_unstable();
    let choice = Choice {
        brand: &preview
            .pages
            .brands
            .of_origin(chosen.origin.as_deref())
            .name,
        origin: chosen.origin.as_deref(),
        origins: &origins,
    };
    preview.respond(
        StatusCode::OK,
        index::render(&choice, NONCE),
        StyleSource::Nonce,
    )
}

async fn state_page(
    State(preview): State<Arc<Preview>>,
    Path((language, name)): Path<(String, String)>,
    Query(chosen): Query<Selection>,
) -> Response {
    let is_known = |tag: &str| LANGUAGES.iter().any(|known| known.tag == tag);
    let state = page_states::all()
        .into_iter()
        .find(|(known, _)| *known == name);
    match (state, chosen.lang) {
        // The form at the end of a page asks for the same page in another language.
        (Some((name, _)), Some(language)) if is_known(&language) => {
            let url = index::page_url(&language, name, chosen.origin.as_deref());
            Redirect::to(&url).into_response()
        }
        (Some((_, view)), None) if is_known(&language) => {
            let text = Text::negotiate(Some(&language));
            let frame = preview.frame(&view, chosen.origin.as_deref());
            let style = match frame.base_url {
                Some(_) => StyleSource::Nonce,
                None => StyleSource::OwnHost,
            };
            preview.respond(StatusCode::OK, app::render(&frame, text, &view), style)
        }
        _ => preview.note(StatusCode::NOT_FOUND, Note::NoState),
    }
}

/// The files of pages; for every other path, and for every form, a page that says what this is.
async fn file_or_note(State(preview): State<Arc<Preview>>, request: Request) -> Response {
    if request.method() != Method::GET && !wants_page(request.headers()) {
        // What the script of a form understands.
        return axum::Json(serde_json::json!({ "next": SENT })).into_response();
    }
    let (path, brands) = (request.uri().path(), &preview.pages.brands);
    if request.method() == Method::GET && path != SENT {
        if let Some(response) = brands.response(path) {
            return response;
        }
        if !brands.hides(path)
            && let Some(response) = preview.files.response(path, request.headers()).await
        {
            return response;
        }
    }
    preview.note(StatusCode::OK, Note::Preview)
}

impl Preview {
    fn frame(&self, view: &View, origin: Option<&str>) -> PageFrame {
        let is_on_application_host = matches!(view, View::TicketError { .. });
        PageFrame {
            nonce: NONCE.to_owned(),
            brand: self.pages.brands.of_origin(origin).clone(),
            support_url: self.pages.support_url.clone(),
            legal_links: self.pages.legal_links.clone(),
            assets: self.pages.assets.clone(),
            sign_up_open: self.is_sign_up_open,
            base_url: is_on_application_host.then(|| self.site.origin.as_str().into()),
            host: self.site.authority.as_str().into(),
            language_url: None,
            request_id: page_states::REQUEST_ID.into(),
        }
    }

    fn note(&self, status: StatusCode, note: Note) -> Response {
        self.respond(status, index::render_note(note, NONCE), StyleSource::Nonce)
    }

    fn respond(&self, status: StatusCode, html: String, style: StyleSource) -> Response {
        let policy = ContentPolicy {
            nonce: NONCE,
            style,
            form_action: None,
            // The index shows the pages in a frame.
            frame_ancestors: "'self'",
            reload_port: self.pages.assets.reload_port,
        };
        let headers = [
            (
                CONTENT_SECURITY_POLICY,
                format!("{policy}; frame-src 'self'"),
            ),
            (CACHE_CONTROL, "no-store".to_owned()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        (status, headers, Html(html)).into_response()
    }
}
