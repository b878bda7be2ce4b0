//! What a page shows of a brand.

use std::sync::Arc;

/// The brand of a page: that of the company, or of the application that the sign-in is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brand {
    /// The name.
    pub name: Arc<str>,
    /// What stands at the top of a page.
    pub mark: BrandMark,
    /// The style sheet that changes ours; none if nothing is changed.
    pub style: Option<BrandStyle>,
    /// The icon of the tab; none for our own.
    pub icon: Option<BrandIcon>,
}

/// What stands at the top of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BrandMark {
    /// Our icon and the name.
    #[default]
    Key,
    /// A logo.
    Logo {
        /// The image.
        light: BrandImage,
        /// The image on dark screens, if it is another one.
        dark: Option<BrandImage>,
        /// Whether the name stands beside it.
        shows_name: bool,
    },
}

/// The URL of an image, and its size on a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrandImage {
    /// The URL.
    pub url: Arc<str>,
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
}

/// A style sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrandStyle {
    /// Its URL on our own host.
    pub url: Arc<str>,
    /// Its text, for pages on the host of an application.
    pub css: Arc<str>,
}

/// The icon of a tab.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrandIcon {
    /// The URL.
    pub url: Arc<str>,
    /// Its media type.
    pub media_type: &'static str,
}

/// Links at the end of every page, besides the support page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegalLinks {
    /// The privacy policy.
    pub privacy: Option<Arc<str>>,
    /// The terms of use.
    pub terms: Option<Arc<str>>,
}
