//! The brand: logo, colours, links, and the look for applications.

use std::path::PathBuf;

use latchkey::server::settings::Settings;
use latchkey::server::settings::brand::{BrandOrigins, OriginBrand};

use crate::support::{KNOWN_PHONE, TestApp, TestResponse};

const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 90 30'>\
    <style>.a{fill:#0a6e3f}</style><path class='a' d='M0 0h90v30z'/></svg>";
const OTHER: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 30 30'>\
    <path d='M0 0h30v30z'/></svg>";
const SHOP: &str = "https://shop.example.com";

/// A file of a test, with the folder that is removed with it.
fn file(content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logo");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// The values of an attribute that begin with a path.
fn urls<'a>(page: &'a str, attribute: &str, start: &str) -> Vec<&'a str> {
    let opening = format!("{attribute}=\"");
    let places = page.match_indices(opening.as_str());
    let values = places.filter_map(|(at, found)| page[at + found.len()..].split('"').next());
    values.filter(|url| url.starts_with(start)).collect()
}

fn head(page: &TestResponse) -> &str {
    page.body.split("<main").next().unwrap()
}

#[tokio::test]
async fn a_page_without_a_brand_has_nothing_of_one() {
    let app = TestApp::start().await;
    let page = app.browser().get("/sign-in").await;
    assert!(!page.body.contains("/brand/") && !page.body.contains("<img"));
    assert!(page.body.contains("/favicon.svg"));
    assert_eq!(app.browser().get("/brand/x.css").await.status, 404);
    assert_eq!(urls(&page.body, "rel", "stylesheet").len(), 1);
}

#[tokio::test]
async fn h4_a_logo_is_a_file_that_can_do_nothing_and_moves_nothing() {
    let (_folder, path) = file(LOGO);
    let (_other, dark) = file(OTHER);
    let app = TestApp::with_settings(|settings| {
        settings.brand.name = "Exa\"mple".to_owned();
        settings.brand.logo = Some(path);
        settings.brand.logo_dark = Some(dark);
    })
    .await;
    let mut browser = app.browser();
    let page = browser.get("/sign-in").await;
    let head = head(&page);
    assert!(
        !head.contains("class=\"icon\"") && !head.contains("favicon"),
        "{head}"
    );
    let image = head.split_once("<img ").unwrap().1;
    let image = image.split('>').next().unwrap();
    for attribute in ["width=\"96\"", "height=\"32\"", "alt=\"Exa&quot;mple\""] {
        assert!(image.contains(attribute), "{image}");
    }
    let source = head.split_once("<source ").unwrap().1;
    assert!(
        source.contains("media=\"(prefers-color-scheme: dark)\""),
        "{source}"
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self';") && policy.contains("img-src 'self' data:;"));

    let light = urls(head, "src", "/brand/")[0];
    let dark = urls(head, "srcset", "/brand/")[0];
    assert_ne!(light, dark);
    for (url, policy) in [
        (
            light,
            "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        ),
        (dark, "sandbox; default-src 'none'"),
    ] {
        let file = browser.get(url).await;
        assert_eq!(file.status, 200);
        for (name, value) in [
            ("content-type", "image/svg+xml"),
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "public, max-age=31536000, immutable"),
        ] {
            assert_eq!(file.header(name), Some(value), "{url} {name}");
        }
        assert!(file.body.starts_with("<svg xmlns=\"http"), "{}", file.body);
    }
    // Browsers ask for these without being told to.
    for own in ["/favicon.ico", "/favicon.svg", "/apple-touch-icon.png"] {
        assert_eq!(browser.get(own).await.status, 404, "{own}");
    }
    let icon = urls(head, "href", "/brand/");
    let icon = icon.iter().find(|url| url.ends_with(".svg")).unwrap();
    assert!(browser.get(icon).await.body.contains(">E</text>"));
    let post = browser.request(http::Method::POST, light);
    let post = post.body(axum::body::Body::empty()).unwrap();
    assert_eq!(browser.send(post).await.status, 405);
}

#[tokio::test]
async fn w8_colours_come_as_a_style_sheet_of_their_own() {
    let app = TestApp::with_settings(|settings| {
        settings.brand.accent = "#0a6e3f".parse().ok();
        settings.brand.radius = Some(4);
    })
    .await;
    let mut browser = app.browser();
    let page = browser.get("/sign-in").await;
    let css = urls(&page.body, "href", "/brand/");
    let css = css.iter().find(|url| url.ends_with(".css")).unwrap();
    let sheet = browser.get(css).await;
    assert_eq!(
        sheet.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert!(sheet.body.contains("--accent:#0a6e3f") && sheet.body.contains("--radius:4px"));
    assert!(
        sheet.body.contains("prefers-color-scheme:dark"),
        "derived for dark screens"
    );
    assert!(sheet.body.len() < 600, "{} bytes", sheet.body.len());
    // Our own icon takes the colour.
    assert!(head(&page).contains("class=\"icon\"") && !head(&page).contains("favicon"));
    let unbranded = TestApp::start().await.browser().get("/sign-in").await;
    let more = page.body.len() - unbranded.body.len().min(page.body.len());
    assert!(more < 100, "{more} bytes more");
}

#[tokio::test]
async fn the_links_of_the_company_are_at_the_end_of_every_page() {
    let app = TestApp::with_settings(|settings| {
        let url = |path: &str| format!("https://example.com/{path}").parse().ok();
        settings.brand.support_url = url("help");
        settings.brand.privacy_url = url("privacy");
        settings.brand.terms_url = url("terms");
    })
    .await;
    for path in ["/sign-in", "/sign-up", "/sign-out", "/none"] {
        let page = app.browser().without_javascript().get(path).await;
        let foot = page.body.split_once("<footer").unwrap().1;
        for link in ["help\">Help<", "privacy\">Privacy<", "terms\">Terms<"] {
            assert!(
                foot.contains(&format!("https://example.com/{link}")),
                "{path} {foot}"
            );
        }
    }
}

fn with_shop(settings: &mut Settings) {
    settings.brand.name = "Example".to_owned();
    settings.forward_auth.origins = vec![SHOP.parse().unwrap()];
    let shop = OriginBrand {
        name: Some("Corner Shop".to_owned()),
        accent: "#8a1f5c".parse().ok(),
        ..OriginBrand::default()
    };
    settings.brand.origins = BrandOrigins(vec![(SHOP.parse().unwrap(), shop)]);
}

#[tokio::test]
async fn a_sign_in_for_an_application_has_its_look_until_the_person_is_in() {
    let app = TestApp::with_settings(with_shop).await;
    let mut browser = app.browser().without_javascript();
    let return_to = format!("{SHOP}/orders");
    let query = format!("?return_to={}", SHOP.replace(':', "%3A"));
    let title = |page: &TestResponse| {
        let rest = page.body.split_once("<title>").unwrap().1;
        rest.split_once("</title>").unwrap().0.to_owned()
    };
    for path in ["/sign-in", "/sign-up"] {
        let page = app.browser().get(&format!("{path}{query}")).await;
        assert!(title(&page).ends_with(" · Corner Shop"), "{}", title(&page));
        assert!(page.body.contains("/brand/") && page.body.contains(">Corner Shop</a>"));
    }
    let fields = [("phone", KNOWN_PHONE), ("return_to", &return_to)];
    browser.get("/sign-in").await;
    browser.post("send-code", &fields).await;
    let page = browser.get("/code").await;
    assert!(title(&page).ends_with(" · Corner Shop"), "{}", title(&page));
    let account = app.browser().get("/sign-out").await;
    assert!(title(&account).ends_with(" · Example"));
}

#[tokio::test]
async fn h8_nobody_can_choose_the_look_of_another_origin() {
    let app = TestApp::with_settings(with_shop).await;
    for url in [
        "https%3A%2F%2Fevil.example",
        "https%3A%2F%2Fshop.example.com.evil.example",
        "https%3A%2F%2Fshop.example.com%40evil.example",
        "http%3A%2F%2Fshop.example.com",
        "%2Fshop.example.com",
        "Corner%20Shop",
        "",
    ] {
        let page = app
            .browser()
            .get(&format!("/sign-in?return_to={url}"))
            .await;
        assert!(!page.body.contains("Corner Shop"), "{url}");
        assert!(
            page.body.contains(">Example</a>") && !page.body.contains("/brand/"),
            "{url}"
        );
    }
}
