//! Renders a page as HTML.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Html;
use http::{Extensions, HeaderMap};

use crate::app;
use crate::app::Text;
use crate::app::view::{PageFrame, View};
use crate::domain::Page;
use crate::server::http::extensions::{BrandOrigin, HostKind, PageNonce, RequestInfo};
use crate::server::http::negotiation::text;
use crate::server::http::state::AppState;

/// What the frame of a page takes from its request.
#[derive(Clone)]
pub struct PageRequest {
    /// The nonce of inline scripts and styles.
    pub nonce: Option<Arc<str>>,
    /// The id of the request.
    pub request_id: Arc<str>,
    /// The texts in the person's language.
    pub text: &'static Text,
    /// The page whose form was posted, if the URL of the request is not a page's own.
    pub form_page: Option<Page>,
    /// The origin of the application whose brand the page shows, if it has one.
    pub brand_origin: Option<Arc<str>>,
    /// Whether the page is seen under the host of an application. Its links then are absolute.
    pub is_on_application_host: bool,
}

impl PageRequest {
    /// Reads the extensions and headers of a request.
    pub fn new(extensions: &Extensions, headers: &HeaderMap) -> Self {
        Self {
            nonce: extensions.get::<PageNonce>().map(|nonce| nonce.0.clone()),
            request_id: extensions
                .get::<RequestInfo>()
                .map(|info| info.id.clone())
                .unwrap_or_default(),
            text: text(extensions, headers),
            form_page: None,
            brand_origin: match extensions.get() {
                Some(HostKind::Application(application)) => Some(application.origin.clone()),
                _ => extensions.get().map(|BrandOrigin(origin)| origin.clone()),
            },
            is_on_application_host: matches!(extensions.get(), Some(HostKind::Application(_))),
        }
    }
}

/// The page of a view, for a request.
pub fn render(state: &AppState, request: &Request, view: &View) -> Html<String> {
    let request = PageRequest::new(request.extensions(), request.headers());
    render_page(state, request, view)
}

/// The page of a view that shows a refusal: it names the refused request, where that is known.
pub fn render_refusal(
    state: &AppState,
    request: &Request,
    view: &View,
    refused: Option<&str>,
) -> Html<String> {
    let mut page = PageRequest::new(request.extensions(), request.headers());
    if let Some(id) = refused {
        page.request_id = id.into();
    }
    render_page(state, page, view)
}

/// The page of a view.
pub fn render_page(state: &AppState, request: PageRequest, view: &View) -> Html<String> {
    let return_urls = &state.services.sign_in.deps().return_urls;
    let return_origin = || return_urls.foreign_origin(view.return_to()?);
    let brands = &state.pages.brands;
    let brand = match &request.brand_origin {
        Some(origin) => brands.of_origin(Some(origin)),
        None => brands.of_origin(return_origin().as_deref()),
    };
    let frame = PageFrame {
        nonce: request.nonce.as_deref().unwrap_or_default().to_owned(),
        brand: brand.clone(),
        support_url: state.pages.support_url.clone(),
        legal_links: state.pages.legal_links.clone(),
        assets: state.pages.assets.clone(),
        sign_up_open: state.settings.is_sign_up_open(),
        base_url: request
            .is_on_application_host
            .then(|| state.site.origin.as_str().into()),
        host: state.site.authority.as_str().into(),
        request_id: request.request_id,
        language_url: request.form_page.map(Page::path),
    };
    Html(app::render(&frame, request.text, view))
}
