//! The files of a folder, as the front end's build writes them.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::{REVALIDATE, conditional_response, media_type, needed, short_hash};

pub fn is_complete(folder: &Path) -> bool {
    needed().iter().all(|name| folder.join(name).is_file())
}

/// Where the files may be, the likeliest first: where cargo-leptos says, else in the checkout that
/// the binary was built from, else beside the folder of the binary.
pub fn site_folders() -> Vec<PathBuf> {
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

/// The response for a file; none if there is no such file.
pub async fn response(folder: &Path, path: &str, headers: &HeaderMap) -> Option<Response> {
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
    use http::header::{ETAG, IF_NONE_MATCH};

    use super::*;

    #[tokio::test]
    async fn a_file_of_a_folder_has_a_tag_too() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.css"), "a{}").unwrap();
        let get = async |known: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(known) = known {
                headers.insert(IF_NONE_MATCH, known.parse().unwrap());
            }
            let response = super::response(folder.path(), "/main.css", &headers).await;
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
            super::response(folder.path(), "/none", &HeaderMap::new())
                .await
                .is_none()
        );
    }
}
