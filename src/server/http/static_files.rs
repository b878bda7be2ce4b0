//! The static files: embedded in the binary in release builds, read from disk in development.

mod content_coding;
mod embedded;
mod folder;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::ETAG;
use http::{HeaderMap, HeaderValue, StatusCode};

use self::embedded::StaticFile;
use crate::app::view::Assets;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::entity_tag::is_none_match_false;

/// Name of the files that cargo-leptos makes.
const NAME: &str = "latchkey";
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The static files.
#[derive(Clone, Debug)]
pub enum StaticFiles {
    /// Embedded in the binary, by path.
    Embedded(Arc<HashMap<String, StaticFile>>),
    /// In a folder, without hashes.
    Folder(PathBuf),
}

impl StaticFiles {
    /// The embedded files, or those in the output folder of the front end's build.
    pub fn find() -> (Self, Assets) {
        if embedded::has_all() {
            let (files, assets) = embedded::files();
            return (Self::Embedded(Arc::new(files)), assets);
        }
        let folders = folder::site_folders();
        let folder = folders
            .iter()
            .find(|folder| folder::is_complete(folder))
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
            Self::Folder(folder) => folder::response(folder, path, headers).await,
        }
    }

    /// Checks that the style sheet and the scripts exist.
    ///
    /// # Errors
    /// They are missing. The text names the folders and the command that builds them.
    pub fn ensure_complete() -> Result<(), String> {
        let folders = folder::site_folders();
        // Under `cargo leptos watch` the front end may fail to compile now, and be there after the
        // next edit.
        let is_watched = std::env::var_os("LEPTOS_WATCH").is_some();
        if is_watched
            || embedded::has_all()
            || folders.iter().any(|folder| folder::is_complete(folder))
        {
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

/// The start of the hash of the content, which names it.
pub(super) fn short_hash(bytes: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
