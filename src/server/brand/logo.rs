//! The file of a logo: SVG or PNG, by its content.

use std::path::{Path, PathBuf};

use super::style_sheet::LOGO_HEIGHT;
use super::{png, svg};
use crate::server::system::setting_file;

/// The largest file, in bytes. A logo is on every page.
const MAX_BYTES: usize = 256 * 1024;
/// The narrowest and the widest logo, as width by height. A wider one would not fit on a phone.
const RATIOS: std::ops::RangeInclusive<f64> = 0.5..=10.0;
/// A logo up to this ratio can be the icon of a tab.
const SQUARE: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// The fewest pixels of a side: below it nothing can be recognised.
const MIN_SIDE: u32 = 16;

/// A logo, ready to be served.
#[derive(Clone, Debug, PartialEq)]
pub struct Logo {
    /// The file: SVG as it was written again, or PNG without chunks that are not needed.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: LogoFormat,
    /// Its width by its height.
    ratio: f64,
}

/// The format of a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoFormat {
    /// SVG.
    Svg {
        /// Whether it has styles, which its Content-Security-Policy must allow.
        has_style: bool,
    },
    /// PNG.
    Png,
}

/// A logo cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogoError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The content is refused.
    #[error("{0} {1}")]
    Refused(PathBuf, String),
}

impl Logo {
    /// Reads a file.
    ///
    /// # Errors
    /// [`LogoError`].
    pub fn read(path: &Path) -> Result<Self, LogoError> {
        let bytes = setting_file::read(path);
        let bytes = bytes.map_err(|error| LogoError::Unreadable(path.to_owned(), error))?;
        Self::parse(&bytes).map_err(|reason| LogoError::Refused(path.to_owned(), reason))
    }

    /// Checks the content of a file.
    ///
    /// # Errors
    /// The end of a sentence that begins with the name of the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            let (size, most) = (bytes.len().div_ceil(1024), MAX_BYTES / 1024);
            return Err(format!("has {size} KiB, and {most} KiB are the most"));
        }
        let logo = if png::is_png(bytes) {
            let image = png::read(bytes)?;
            if image.width.min(image.height) < MIN_SIDE {
                let (width, height) = (image.width, image.height);
                return Err(format!(
                    "has {width} × {height} pixels, and {MIN_SIDE} × {MIN_SIDE} are the least"
                ));
            }
            Self {
                bytes: image.bytes,
                format: LogoFormat::Png,
                ratio: f64::from(image.width) / f64::from(image.height),
            }
        } else {
            let text = std::str::from_utf8(bytes)
                .ok()
                .filter(|text| text.contains('<'))
                .ok_or("is neither an SVG file in UTF-8 nor a PNG file")?;
            let image = svg::sanitise(text)?;
            Self {
                bytes: image.text.into_bytes(),
                format: LogoFormat::Svg {
                    has_style: image.has_style,
                },
                ratio: image.ratio,
            }
        };
        if RATIOS.contains(&logo.ratio) {
            Ok(logo)
        } else {
            let (least, most) = RATIOS.into_inner();
            Err(format!(
                "is {:.1} times as wide as high, and {least} to {most} times is the range",
                logo.ratio
            ))
        }
    }

    /// Width and height on a page, in CSS pixels.
    pub fn shown_size(&self) -> (u32, u32) {
        let width = (self.ratio * f64::from(LOGO_HEIGHT)).round();
        // The ratio is bounded, so the cast cannot overflow.
        (width as u32, LOGO_HEIGHT)
    }

    /// Whether it can be the icon of a tab.
    pub fn is_square(&self) -> bool {
        SQUARE.contains(&self.ratio)
    }
}

impl LogoFormat {
    /// The ending of its name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg { .. } => "svg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Svg { .. } => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(attributes: &str) -> String {
        format!("<svg xmlns='http://www.w3.org/2000/svg' {attributes}><path d='M0 0h1v1z'/></svg>")
    }

    #[test]
    fn the_content_decides_what_a_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logo.svg");
        std::fs::write(&path, png::tests::png(64, 32)).unwrap();
        let logo = Logo::read(&path).unwrap();
        assert_eq!(
            (logo.format, logo.shown_size()),
            (LogoFormat::Png, (64, 32))
        );
        std::fs::write(&path, svg("viewBox='0 0 90 30'")).unwrap();
        let logo = Logo::read(&path).unwrap();
        assert_eq!(logo.format.media_type(), "image/svg+xml");
        assert_eq!((logo.shown_size(), logo.is_square()), ((96, 32), false));
        let error = Logo::read(&folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains("none: "), "{error}");
    }

    #[test]
    fn sizes_and_other_formats_are_refused_with_the_reason() {
        for (bytes, reason) in [
            (b"GIF89a".to_vec(), "neither an SVG file"),
            (b"\xff\xd8\xff\xe0 <jpeg>".to_vec(), "neither an SVG file"),
            (Vec::new(), "neither an SVG file"),
            (vec![b'<'; MAX_BYTES + 1], "257 KiB, and 256 KiB"),
            (png::tests::png(15, 16), "16 × 16 are the least"),
            (
                svg("viewBox='0 0 110 10'").into_bytes(),
                "11.0 times as wide",
            ),
            (svg("viewBox='0 0 10 30'").into_bytes(), "0.3 times as wide"),
            (b"<html><script/></html>".to_vec(), "no SVG"),
        ] {
            let error = Logo::parse(&bytes).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
