//! The brands of the company and of the applications, and the files that they consist of.
//!
//! All files are read and checked once, and served from memory under names that follow from their
//! content.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

use crate::app::brand::{Brand, BrandIcon, BrandImage, BrandMark, BrandStyle};
use crate::server::brand::logo::LogoFormat;
use crate::server::brand::style_sheet::Style;
use crate::server::brand::{Color, Logo, LogoError, Palette, Scheme, monogram, tokens};
use crate::server::http::static_files::short_hash;
use crate::server::settings::BrandSettings;
use crate::server::settings::brand::OriginBrand;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Opened by its address, an image is a document, which must be able to do nothing.
const IMAGE_POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// Some browsers apply it to images in pages too, where it would take away their styles.
const STYLED_POLICY: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'");
/// Our own icons, which a page with a logo does not name. Browsers ask for some of them anyway.
const OWN_ICONS: [&str; 4] = [
    "/favicon.ico",
    "/favicon.svg",
    "/apple-touch-icon.png",
    "/site.webmanifest",
];
const SVG: &str = "image/svg+xml";

/// A brand cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {source}")]
pub struct BrandError {
    /// The setting.
    key: String,
    source: LogoError,
}

/// The brands.
#[derive(Debug, Default)]
pub struct Brands {
    own: Arc<Brand>,
    by_origin: HashMap<String, Arc<Brand>>,
    files: HashMap<String, BrandFile>,
}

#[derive(Debug)]
struct BrandFile {
    bytes: Bytes,
    media_type: &'static str,
    policy: Option<HeaderValue>,
}

/// What a brand is made of: the settings of the company with those of an application over them.
#[derive(Clone, Default)]
struct Source {
    name: String,
    logo: Option<Logo>,
    logo_dark: Option<Logo>,
    shows_name: bool,
    accent: Option<Color>,
    accent_dark: Option<Color>,
    radius: Option<u16>,
}

impl Brands {
    /// Reads the logos that the settings name.
    ///
    /// # Errors
    /// [`BrandError`]: a file cannot be read, or is refused.
    pub fn load(settings: &BrandSettings) -> Result<Self, BrandError> {
        let own = Source::of_company(settings)?;
        let mut brands = Self::default();
        brands.own = brands.add(&own);
        for (url, application) in &settings.origins.0 {
            let origin = url.origin().ascii_serialization();
            let source = own.clone().with(application, &origin)?;
            let brand = brands.add(&source);
            brands.by_origin.insert(origin, brand);
        }
        Ok(brands)
    }

    /// The brand of an application, or that of the company.
    pub fn of_origin(&self, origin: Option<&str>) -> &Arc<Brand> {
        let named = origin.and_then(|origin| self.by_origin.get(origin));
        named.unwrap_or(&self.own)
    }

    /// The origins of the applications with a brand of their own.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.by_origin.keys().map(String::as_str)
    }

    /// The number of files that browsers load for the brands.
    pub fn count_files(&self) -> usize {
        self.files.len()
    }

    /// The response for a file of a brand.
    pub fn response(&self, path: &str) -> Option<Response> {
        let file = self.files.get(path)?;
        let mut response = Response::new(Body::from(file.bytes.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
        headers.insert(CACHE_CONTROL, FOREVER);
        if let Some(policy) = &file.policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        Some(response)
    }

    /// Whether a path is an icon of ours that the logo of the company replaces.
    pub fn hides(&self, path: &str) -> bool {
        self.own.mark != BrandMark::Key && OWN_ICONS.contains(&path)
    }

    fn add(&mut self, source: &Source) -> Arc<Brand> {
        let mark = match &source.logo {
            None => BrandMark::Key,
            Some(logo) => BrandMark::Logo {
                light: self.add_image(logo),
                dark: source.logo_dark.as_ref().map(|logo| self.add_image(logo)),
                shows_name: source.shows_name,
            },
        };
        let css = source.style().to_css();
        let style = (!css.is_empty()).then(|| BrandStyle {
            url: self.add_file("css", "text/css; charset=utf-8", css.clone().into(), None),
            css: css.into(),
        });
        Arc::new(Brand {
            name: source.name.as_str().into(),
            icon: self.icon(source, &mark),
            mark,
            style,
        })
    }

    /// The icon of the tab: the logo if it is as wide as high, else a tile in the accent.
    fn icon(&mut self, source: &Source, mark: &BrandMark) -> Option<BrandIcon> {
        let accent = source
            .accent
            .or_else(|| tokens::color(Scheme::Light, "--accent"))?;
        let tile = match (&source.logo, mark) {
            (Some(logo), BrandMark::Logo { light, .. }) if logo.is_square() => {
                return Some(BrandIcon {
                    url: light.url.clone(),
                    media_type: logo.format.media_type(),
                });
            }
            (Some(_), _) => monogram::letter_tile(&source.name, accent),
            (None, _) => monogram::key_tile(source.accent?),
        };
        Some(BrandIcon {
            url: self.add_file("svg", SVG, tile.into(), Some(IMAGE_POLICY)),
            media_type: SVG,
        })
    }

    fn add_image(&mut self, logo: &Logo) -> BrandImage {
        let policy = match logo.format {
            LogoFormat::Svg { has_style: true } => STYLED_POLICY,
            _ => IMAGE_POLICY,
        };
        let (extension, media_type) = (logo.format.extension(), logo.format.media_type());
        let (width, height) = logo.shown_size();
        BrandImage {
            url: self.add_file(
                extension,
                media_type,
                logo.bytes.clone().into(),
                Some(policy),
            ),
            width,
            height,
        }
    }

    /// Adds a file, and returns its path.
    fn add_file(
        &mut self,
        extension: &str,
        media_type: &'static str,
        bytes: Bytes,
        policy: Option<HeaderValue>,
    ) -> Arc<str> {
        let path = format!("/brand/{}.{extension}", short_hash(&bytes));
        let file = BrandFile {
            bytes,
            media_type,
            policy,
        };
        self.files.insert(path.clone(), file);
        path.into()
    }
}

impl Source {
    fn of_company(settings: &BrandSettings) -> Result<Self, BrandError> {
        let read = |key: &str, path: &Option<_>| read_logo(key, path.as_ref());
        Ok(Self {
            name: settings.name.clone(),
            logo: read("brand.logo", &settings.logo)?,
            logo_dark: read("brand.logo_dark", &settings.logo_dark)?,
            shows_name: settings.show_name,
            accent: settings.accent,
            accent_dark: settings.accent_dark,
            radius: settings.radius,
        })
    }

    /// The same with what an application has of its own.
    fn with(mut self, application: &OriginBrand, origin: &str) -> Result<Self, BrandError> {
        let key = |name| format!("brand.origins.\"{origin}\".{name}");
        if let Some(name) = &application.name {
            self.name.clone_from(name);
            // Beside the logo of the company, which names the company alone.
            self.shows_name = true;
        }
        if application.logo.is_some() {
            self.logo = read_logo(&key("logo"), application.logo.as_ref())?;
            self.logo_dark = read_logo(&key("logo_dark"), application.logo_dark.as_ref())?;
            self.shows_name = false;
        }
        self.shows_name = application.show_name.unwrap_or(self.shows_name);
        if application.accent.is_some() {
            self.accent = application.accent;
            self.accent_dark = None;
        }
        self.accent_dark = application.accent_dark.or(self.accent_dark);
        Ok(self)
    }

    fn style(&self) -> Style {
        // Both passed the validation of the settings.
        let palette = |scheme, accent: Option<Color>| Palette::new(scheme, accent?).ok();
        let derived = || self.accent.map(Palette::dark_from);
        Style {
            light: palette(Scheme::Light, self.accent),
            dark: palette(Scheme::Dark, self.accent_dark).or_else(derived),
            radius: self.radius,
            has_logo: self.logo.is_some(),
        }
    }
}

fn read_logo(key: &str, path: Option<&std::path::PathBuf>) -> Result<Option<Logo>, BrandError> {
    let logo = path.map(|path| Logo::read(path)).transpose();
    logo.map_err(|source| BrandError {
        key: key.to_owned(),
        source,
    })
}
