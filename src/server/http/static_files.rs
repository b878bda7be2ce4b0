//! The static files: embedded in the binary in release builds, read from disk in development.
//!
//! The names of embedded files carry a hash of their content, so that browsers cache them forever.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::view::Assets;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::entity_tag::is_none_match_false;

/// The embedded files, by their path in the site folder.
#[cfg(not(development))]
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
#[cfg(development)]
static EMBEDDED: &[(&str, &[u8])] = &[];

/// Name of the files that cargo-leptos makes.
const NAME: &str = "latchkey";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The static files.
#[derive(Clone, Debug)]
pub enum StaticFiles {
    /// Embedded in the binary, by path.
    Embedded(Arc<HashMap<String, StaticFile>>),
    /// In a folder, without hashes.
    Folder(PathBuf),
}

/// An embedded file.
#[derive(Debug)]
pub struct StaticFile {
    bytes: &'static [u8],
    /// The bytes compressed with brotli.
    brotli: Option<&'static [u8]>,
    /// Of the bytes, in hexadecimal. Also the entity tag.
    hash: String,
    media_type: HeaderValue,
    cache: HeaderValue,
}

impl StaticFiles {
    /// The embedded files, or those in the output folder of the front end's build.
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

    /// The response for a file; none if there is no such file.
    pub async fn response(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        match self {
            Self::Embedded(files) => files.get(path).map(|file| file.response(headers)),
            Self::Folder(folder) => from_folder(folder, path, headers).await,
        }
    }

    /// Checks that the style sheet and the scripts exist.
    ///
    /// # Errors
    /// They are missing. The text names the folders and the command that builds them.
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

/// The files that every page needs.
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

fn embedded() -> (StaticFiles, Assets) {
    let mut files = HashMap::new();
    let mut assets = plain_assets();
    let brotli: HashMap<_, _> = EMBEDDED
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_suffix(".br")?, *bytes)))
        .collect();
    for (name, bytes) in EMBEDDED.iter().filter(|(name, _)| !name.ends_with(".br")) {
        let hash = short_hash(bytes);
        let path = path_of(name, &hash);
        match *name {
            "pkg/latchkey.css" => assets.css.clone_from(&path),
            "pkg/latchkey.js" => assets.js.clone_from(&path),
            "pkg/latchkey.wasm" => assets.wasm.clone_from(&path),
            name if name.contains("/snippets/") && name.ends_with(".js") => {
                assets.snippets.push(path.clone())
            }
            _ => {}
        }
        let (media_type, cache, brotli) =
            (media_type(name), cache_of(name), brotli.get(name).copied());
        files.insert(
            path,
            StaticFile {
                bytes,
                brotli,
                hash,
                media_type,
                cache,
            },
        );
    }
    (StaticFiles::Embedded(Arc::new(files)), assets)
}

fn cache_of(name: &str) -> HeaderValue {
    match name {
        // The glue imports these by a name that does not follow their bytes.
        name if name.contains("/snippets/") => REVALIDATE,
        name if name.starts_with("pkg/") => FOREVER,
        _ => ONE_HOUR,
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

impl StaticFile {
    fn response(&self, request: &HeaderMap) -> Response {
        let accepts_brotli = request
            .get_all(ACCEPT_ENCODING)
            .iter()
            .any(|value| value.to_str().is_ok_and(accepts_br_coding));
        let brotli = self.brotli.filter(|_| accepts_brotli);
        // Other bytes have another strong tag (RFC 9110 §8.8.3.3).
        let coding = if brotli.is_some() { "-br" } else { "" };
        let tag = format!("{}{coding}", self.hash);
        // Bytes of the binary are not copied.
        let bytes = Bytes::from_static(brotli.unwrap_or(self.bytes));
        let mut response = conditional_response(request, &tag, bytes);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if brotli.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
    }
}

/// The start of the hash of the content, which names it.
fn short_hash(bytes: &[u8]) -> String {
    let mut hash = to_hex_128(digest::digest(&digest::SHA256, bytes).as_ref());
    hash.truncate(12);
    hash
}

/// The bytes with their tag, or 304 if the client has them.
fn conditional_response(request: &HeaderMap, tag: &str, bytes: Bytes) -> Response {
    let mut response = if is_none_match_false(request, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(bytes).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn accepts_br_coding(accepted: &str) -> bool {
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

async fn from_folder(folder: &Path, path: &str, headers: &HeaderMap) -> Option<Response> {
    use http_body_util::BodyExt as _;
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
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    let mut response = conditional_response(headers, &short_hash(&bytes), bytes);
    // The same types as those of an optimised build, whatever the library takes them for.
    response
        .headers_mut()
        .insert(CONTENT_TYPE, media_type(path));
    response.headers_mut().insert(CACHE_CONTROL, REVALIDATE);
    Some(response)
}

#[cfg(test)]
mod tests {
    use http::header::IF_NONE_MATCH;

    use super::*;

    #[test]
    fn names_carry_the_hash_of_the_content() {
        assert_eq!(
            path_of("pkg/latchkey.wasm", "abc"),
            "/pkg/latchkey.abc.wasm"
        );
        assert_eq!(
            path_of("pkg/snippets/x/inline0.js", "abc"),
            "/pkg/snippets/x/inline0.js"
        );
        assert_eq!(path_of("favicon.svg", "abc"), "/favicon.svg");
        assert_eq!(path_of("robots.txt", "abc"), "/robots.txt");
    }

    #[test]
    fn only_files_with_a_hash_in_their_name_are_cached_forever() {
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
    fn each_coding_has_a_tag_and_a_client_that_has_it_gets_304() {
        let file = StaticFile {
            bytes: b"plain",
            brotli: Some(b"packed"),
            hash: "a1b2".to_owned(),
            media_type: HeaderValue::from_static("text/css"),
            cache: FOREVER,
        };
        for (accepted, known, expected_tag, status) in [
            ("gzip", None, "\"a1b2\"", 200),
            ("br", None, "\"a1b2-br\"", 200),
            ("gzip", Some("\"a1b2\""), "\"a1b2\"", 304),
            ("gzip", Some("W/\"a1b2\", \"x\""), "\"a1b2\"", 304),
            ("br", Some("\"x\", W/\"a1b2-br\""), "\"a1b2-br\"", 304),
            ("br", Some("*"), "\"a1b2-br\"", 304),
            ("br", Some("\"a1b2\""), "\"a1b2-br\"", 200),
            ("gzip", Some("\"a1b2-br\""), "\"a1b2\"", 200),
        ] {
            let mut request = HeaderMap::new();
            request.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            if let Some(known) = known {
                request.insert(IF_NONE_MATCH, HeaderValue::from_static(known));
            }
            let response = file.response(&request);
            assert_eq!(response.status(), status, "{accepted} {known:?}");
            let headers = response.headers();
            assert_eq!(headers[ETAG], expected_tag, "{accepted} {known:?}");
            assert_eq!(headers[VARY], "accept-encoding");
            assert_eq!(headers[CACHE_CONTROL], FOREVER);
        }
    }

    #[tokio::test]
    async fn a_file_of_a_folder_has_a_tag_too() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.css"), "a{}").unwrap();
        let get = async |known: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(known) = known {
                headers.insert(IF_NONE_MATCH, known.parse().unwrap());
            }
            let response = from_folder(folder.path(), "/main.css", &headers).await;
            let response = response.unwrap();
            let tag = response.headers()[ETAG].to_str().unwrap().to_owned();
            assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
            (response.status().as_u16(), tag)
        };
        let (status, tag) = get(None).await;
        assert_eq!((status, tag.len()), (200, 14));
        assert_eq!(get(Some(&format!("W/{tag}"))).await, (304, tag.clone()));
        assert_eq!(get(Some("\"x\"")).await, (200, tag));
        assert!(
            from_folder(folder.path(), "/none", &HeaderMap::new())
                .await
                .is_none()
        );
    }

    #[test]
    fn brotli_is_sent_only_if_it_is_accepted() {
        assert!(accepts_br_coding("gzip, deflate, br, zstd"));
        assert!(accepts_br_coding("br;q=0.5"));
        assert!(!accepts_br_coding("gzip"));
        assert!(!accepts_br_coding("br;q=0, gzip"));
        assert!(!accepts_br_coding("brotli"));
    }
}
