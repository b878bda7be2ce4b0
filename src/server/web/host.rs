//! Other names of ours on loopback (`localhost` for `127.0.0.1`): a page there would have cookies that do not come back here.

use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::HOST;
use url::Url;

use super::Site;
use super::refuse::refuse;
use crate::domain::RefusalCode;
use crate::server::settings::server::is_loopback_host;

/// The layer.
pub async fn host<F: Future<Output = Response>>(
    site: &Site,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let own = request.headers().get(HOST).is_some_and(|host| host.as_bytes() == site.authority.as_bytes());
    if own || !is_other_name(request.headers(), &site.public_url) {
        return next(request).await;
    }
    if !request.method().is_safe() {
        return refuse(site, request.extensions(), request.headers(), &RefusalCode::CrossOrigin.into());
    }
    let path = request.uri().path_and_query().map_or("/", |text| text.as_str());
    // Joined as text: a path of `//elsewhere` must not become a host.
    Redirect::temporary(&format!("{}{path}", site.origin)).into_response()
}

/// Whether a request names this machine by another loopback name than the public URL does.
fn is_other_name(headers: &HeaderMap, public: &Url) -> bool {
    if !is_loopback_host(public.host()) {
        return false;
    }
    let Some(host) = headers.get(HOST).and_then(|value| value.to_str().ok()) else { return false };
    let Ok(asked) = Url::parse(&format!("{}://{host}/", public.scheme())) else { return false };
    is_loopback_host(asked.host()) && asked.origin() != public.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_other_names_from_its_own() {
        for (public, host, other) in [
            ("http://127.0.0.1:3000", "127.0.0.1:3000", false),
            ("http://127.0.0.1:3000", "localhost:3000", true),
            ("http://127.0.0.1:3000", "auth.localhost:3000", true),
            ("http://127.0.0.1:3000", "[::1]:3000", true),
            ("http://127.0.0.1:3000", "evil.example:3000", false),
            ("http://auth.localhost:3000", "127.0.0.1:3000", true),
            ("http://auth.localhost:3000", "AUTH.LOCALHOST:3000", false),
            ("http://127.0.0.1", "127.0.0.1:80", false),
            ("https://id.example.com", "127.0.0.1:3000", false),
            ("http://127.0.0.1:3000", "", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(is_other_name(&headers, &public.parse().unwrap()), other, "{public} {host}");
        }
    }
}
