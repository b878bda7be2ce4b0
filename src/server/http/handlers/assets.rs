//! The static files: inside the binary in optimised builds, with names that carry a hash of their
//! bytes, so that browsers keep them for good; from disk in development builds, where they change.
//! `build.rs` decides which.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::app::view::Assets;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::AppState;
use crate::server::http::handlers::pages::not_found;
use crate::server::http::middleware::caller::wants_page;

/// What is inside the binary, by name below the site's folder.
#[cfg(not(development))]
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
#[cfg(development)]
static EMBEDDED: &[(&str, &[u8])] = &[];

/// Name of the files that cargo-leptos makes.
const NAME: &str = "latchkey";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
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
    bytes: &'static [u8],
    /// The same, compressed with brotli.
    packed: Option<&'static [u8]>,
    etag: HeaderValue,
    media_type: HeaderValue,
    cache: HeaderValue,
}

impl Files {
    /// Those inside the binary; else those in the folder that the front end is built to.
    pub fn find() -> (Self, Assets) {
        if has_all_inside() {
            return embedded();
        }
        let folders = site_folders();
        let folder = folders
            .iter()
            .find(|folder| is_complete(folder))
            .or(folders.first());
        (
            Self::Folder(folder.cloned().unwrap_or_default()),
            plain_assets(),
        )
    }

    /// Makes sure that pages will have their style sheet and scripts.
    ///
    /// # Errors
    /// They are missing; the text says where they were looked for, and what builds them.
    pub fn ensure_complete() -> Result<(), String> {
        let folders = site_folders();
        // Under `cargo leptos watch` the front end may fail to compile now, and be there after the
        // next edit.
        let is_watched = std::env::var_os("LEPTOS_WATCH").is_some();
        if is_watched || has_all_inside() || folders.iter().any(|folder| is_complete(folder)) {
            return Ok(());
        }
        let looked: Vec<_> = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        Err(format!(
            "the style sheet and the scripts are missing: they are not inside this binary, \
             and not in {}. `cargo xtask run` builds and starts everything, \
             `cargo xtask dist` the binary to deploy",
            looked.join(" or ")
        ))
    }
}

/// What pages cannot do without.
fn needed() -> [String; 3] {
    ["css", "js", "wasm"].map(|extension| format!("pkg/{NAME}.{extension}"))
}

fn is_complete(folder: &Path) -> bool {
    needed().iter().all(|name| folder.join(name).is_file())
}

/// Never in a development build. An optimised one may have been compiled before the front end.
fn has_all_inside() -> bool {
    let is_inside = |name: &String| EMBEDDED.iter().any(|(inside, _)| inside == name);
    needed().iter().all(is_inside)
}

/// Where the files may be, the likeliest first: where cargo-leptos says, else in the checkout that
/// the binary was built from, else beside the folder of the binary.
fn site_folders() -> Vec<PathBuf> {
    // A deployed binary does not tell where it was built.
    #[cfg(development)]
    let checkout = Some(Path::new(env!("CARGO_MANIFEST_DIR")));
    #[cfg(not(development))]
    let checkout: Option<&Path> = None;
    if let Some(named) = std::env::var_os("LEPTOS_SITE_ROOT").map(PathBuf::from) {
        // A relative one is meant from the root of the checkout, wherever the server was started.
        let in_checkout = checkout.map(|folder| folder.join(&named));
        return std::iter::once(named).chain(in_checkout).collect();
    }
    let binary = std::env::current_exe().ok();
    let beside = binary
        .as_deref()
        .and_then(|path| Some(path.parent()?.parent()?.join("site")));
    let built = checkout.map(|folder| folder.join("target/site"));
    built.into_iter().chain(beside).collect()
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
    let packed: HashMap<_, _> = EMBEDDED
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_suffix(".br")?, *bytes)))
        .collect();
    for (name, bytes) in EMBEDDED.iter().filter(|(name, _)| !name.ends_with(".br")) {
        let hash = to_hex_128(digest::digest(&digest::SHA256, bytes).as_ref());
        let hash = hash.get(..12).unwrap_or(&hash);
        let path = path_of(name, hash);
        match *name {
            "pkg/latchkey.css" => assets.css.clone_from(&path),
            "pkg/latchkey.js" => assets.js.clone_from(&path),
            "pkg/latchkey.wasm" => assets.wasm.clone_from(&path),
            name if name.contains("/snippets/") && name.ends_with(".js") => {
                assets.snippets.push(path.clone())
            }
            _ => {}
        }
        let etag = HeaderValue::from_str(&format!("\"{hash}\""))
            .unwrap_or(HeaderValue::from_static("\"\""));
        let (media_type, cache, packed) =
            (media_type(name), cache_of(name), packed.get(name).copied());
        files.insert(
            path,
            File {
                bytes,
                packed,
                etag,
                media_type,
                cache,
            },
        );
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

fn media_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("ico") => "image/x-icon",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    })
}

/// The handler of every path that is neither a page nor an endpoint.
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
        None => (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], "not found\n").into_response(),
    }
}

impl File {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let takes_br = asked
            .get_all(ACCEPT_ENCODING)
            .iter()
            .any(|value| value.to_str().is_ok_and(takes_brotli));
        let packed = self.packed.filter(|_| takes_br);
        let mut response = match asked.get(IF_NONE_MATCH) {
            Some(tag) if *tag == self.etag => StatusCode::NOT_MODIFIED.into_response(),
            // Bytes of the binary are not copied.
            _ => Body::from(Bytes::from_static(packed.unwrap_or(self.bytes))).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(ETAG, self.etag.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if packed.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
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
    // The same types as those of an optimised build, whatever the library takes them for.
    response
        .headers_mut()
        .insert(CONTENT_TYPE, media_type(path));
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
    fn a_file_has_one_type_in_every_build() {
        for (name, expected) in [
            ("pkg/latchkey.css", "text/css; charset=utf-8"),
            ("pkg/latchkey.wasm", "application/wasm"),
            ("site.webmanifest", "application/manifest+json"),
            ("no-extension", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), expected, "{name}");
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
