//! The static files: inside the binary in release, with names that carry a hash of their bytes, so
//! that browsers keep them for good; from disk in development, where they change.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rust_embed::{Embed, EmbeddedFile};

use crate::app::view::Assets;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::AppState;
use crate::server::http::handlers::pages::not_found;
use crate::server::http::middleware::caller::wants_page;

/// What cargo-leptos leaves behind.
#[derive(Embed)]
#[folder = "target/site"]
#[exclude = "*.d.ts"]
#[exclude = "*.gz"]
#[allow_missing = true]
struct Built;

/// Name of the files that cargo-leptos makes.
const NAME: &str = "latchkey";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// The static files by path.
#[derive(Clone, Debug)]
pub enum Files {
    /// Inside the binary.
    Embedded(Arc<HashMap<String, File>>),
    /// From a folder, as it is.
    Folder(PathBuf),
}

/// A file inside the binary.
#[derive(Debug)]
pub struct File {
    name: String,
    etag: HeaderValue,
    media_type: HeaderValue,
    cache: HeaderValue,
    compressed: bool,
}

impl Files {
    /// Those inside the binary; in a debug build those in the folder that `cargo leptos` builds to.
    pub fn find() -> (Self, Assets) {
        if cfg!(debug_assertions) {
            let folder = std::env::var_os("LEPTOS_SITE_ROOT")
                .map_or_else(|| PathBuf::from("target/site"), PathBuf::from);
            return (Self::Folder(folder), plain_assets());
        }
        embedded()
    }
}

/// Names as cargo-leptos gives them.
fn plain_assets() -> Assets {
    let watched = std::env::var_os("LEPTOS_WATCH").is_some();
    let port = std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok());
    Assets {
        css: format!("/pkg/{NAME}.css"),
        js: format!("/pkg/{NAME}.js"),
        wasm: format!("/pkg/{NAME}.wasm"),
        snippets: Vec::new(),
        reload_port: if watched { port.or(Some(3001)) } else { None },
    }
}

fn embedded() -> (Files, Assets) {
    let mut files = HashMap::new();
    let mut assets = plain_assets();
    for name in Built::iter().filter(|name| !name.ends_with(".br")) {
        let Some(file) = Built::get(&name) else {
            continue;
        };
        let hash = to_hex_128(&file.metadata.sha256_hash());
        let hash = hash.get(..12).unwrap_or(&hash);
        let path = path_of(&name, hash);
        match name.as_ref() {
            "pkg/latchkey.css" => assets.css.clone_from(&path),
            "pkg/latchkey.js" => assets.js.clone_from(&path),
            "pkg/latchkey.wasm" => assets.wasm.clone_from(&path),
            name if name.contains("/snippets/") && name.ends_with(".js") => {
                assets.snippets.push(path.clone())
            }
            _ => {}
        }
        let compressed = Built::get(&format!("{name}.br")).is_some();
        let header = |text: &str| {
            HeaderValue::from_str(text)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"))
        };
        let file = File {
            etag: header(&format!("\"{hash}\"")),
            media_type: header(media_type(&file, &name)),
            cache: cache_of(&name),
            compressed,
            name: name.into_owned(),
        };
        files.insert(path, file);
    }
    (Files::Embedded(Arc::new(files)), assets)
}

fn cache_of(name: &str) -> HeaderValue {
    match name {
        // The glue imports these by a name that does not follow their bytes.
        name if name.contains("/snippets/") => ASK_FIRST,
        name if name.starts_with("pkg/") => FOREVER,
        _ => AN_HOUR,
    }
}

fn path_of(name: &str, hash: &str) -> String {
    let hashed = name
        .strip_prefix("pkg/")
        .filter(|rest| !rest.contains('/'))
        .and_then(|rest| rest.rsplit_once('.'));
    match hashed {
        Some((stem, extension)) => format!("/pkg/{stem}.{hash}.{extension}"),
        None => format!("/{name}"),
    }
}

fn media_type<'a>(file: &'a EmbeddedFile, name: &str) -> &'a str {
    match name.rsplit('.').next() {
        Some("webmanifest") => "application/manifest+json",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => file.metadata.mimetype(),
    }
}

/// The handler of every path that is no page and no door.
pub async fn file_or_not_found(State(site): State<Arc<AppState>>, request: Request) -> Response {
    let path = request.uri().path();
    let answer = match &site.files {
        Files::Embedded(files) => files.get(path).map(|file| file.answer(request.headers())),
        Files::Folder(folder) => from_folder(folder, path).await,
    };
    match answer {
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            ([(ALLOW, "GET, HEAD")], StatusCode::METHOD_NOT_ALLOWED).into_response()
        }
        Some(response) => response,
        None if wants_page(request.headers()) => not_found(&site, &request),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl File {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let takes_br = asked
            .get_all(ACCEPT_ENCODING)
            .iter()
            .any(|value| value.to_str().is_ok_and(takes_brotli));
        let packed = self.compressed && takes_br;
        let mut response = match asked.get(IF_NONE_MATCH) {
            Some(tag) if *tag == self.etag => StatusCode::NOT_MODIFIED.into_response(),
            _ => {
                let name = if packed {
                    format!("{}.br", self.name)
                } else {
                    self.name.clone()
                };
                match Built::get(&name) {
                    Some(file) => body_of(file).into_response(),
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(ETAG, self.etag.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if packed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
    }
}

/// Bytes of the binary are not copied.
fn body_of(file: EmbeddedFile) -> Body {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes::Bytes::from_static(bytes)),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn takes_brotli(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let refused = |part: &str| {
            part.replace(' ', "")
                .strip_prefix("q=")
                .is_some_and(|q| q.parse() == Ok(0.0_f32))
        };
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("br"))
            && !parts.any(refused)
    })
}

async fn from_folder(folder: &std::path::Path, path: &str) -> Option<Response> {
    use tower::ServiceExt as _;
    let request = http::Request::builder()
        .uri(path)
        .body(Body::empty())
        .ok()?;
    let service =
        tower_http::services::ServeDir::new(folder).append_index_html_on_directories(false);
    let response = service.oneshot(request).await.ok()?;
    if response.status() != StatusCode::OK {
        return None;
    }
    let mut response = response.map(Body::new);
    response.headers_mut().insert(CACHE_CONTROL, ASK_FIRST);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_hash_of_their_bytes() {
        assert_eq!(
            path_of("pkg/latchkey.wasm", "abc"),
            "/pkg/latchkey.abc.wasm"
        );
        assert_eq!(
            path_of("pkg/snippets/x/inline0.js", "abc"),
            "/pkg/snippets/x/inline0.js"
        );
        assert_eq!(path_of("favicon.svg", "abc"), "/favicon.svg");
        assert_eq!(
            path_of(".well-known/security.txt", "abc"),
            "/.well-known/security.txt"
        );
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_for_good_and_nothing_else() {
        for (name, kept) in [
            ("pkg/latchkey.wasm", true),
            ("pkg/latchkey.css", true),
            ("pkg/snippets/x/inline0.js", false),
            ("favicon.svg", false),
            ("robots.txt", false),
        ] {
            let cache = cache_of(name);
            assert_eq!(
                cache.to_str().unwrap().ends_with(", immutable"),
                kept,
                "{name}"
            );
            assert_eq!(path_of(name, "abc").contains("abc"), kept, "{name}");
        }
    }

    #[test]
    fn brotli_is_taken_where_it_is_named() {
        assert!(takes_brotli("gzip, deflate, br, zstd"));
        assert!(takes_brotli("br;q=0.5"));
        assert!(!takes_brotli("gzip"));
        assert!(!takes_brotli("br;q=0, gzip"));
        assert!(!takes_brotli("brotli"));
    }
}
