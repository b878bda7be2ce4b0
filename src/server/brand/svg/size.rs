//! The size of an image: its `viewBox`, or its width and height.

use std::ops::RangeInclusive;

use roxmltree::Node;

use super::plain_attribute;

/// Widths and heights in units of the image. Browsers compute with 32 bits, and show nothing where
/// these are not enough.
const LENGTHS: RangeInclusive<f64> = 0.01..=100_000.0;
/// The left and the upper edge in units of the image.
const EDGES: RangeInclusive<f64> = -1e6..=1e6;

/// The size of an image in its own units.
#[derive(Debug)]
pub struct Size {
    edges: [f64; 2],
    width: f64,
    height: f64,
}

impl Size {
    /// Reads the size of a file.
    ///
    /// # Errors
    /// The end of a sentence that begins with the name of the file.
    pub fn of(root: Node<'_, '_>) -> Result<Self, String> {
        let size = match plain_attribute(root, "viewBox") {
            Some(text) => Self::of_view_box(text).ok_or("has a `viewBox` that is not four numbers"),
            None => Self::of_sides(root)
                .ok_or("has neither a `viewBox` nor a width and a height in pixels"),
        }?;
        let lengths = [size.width, size.height];
        let fits = lengths.iter().all(|length| LENGTHS.contains(length))
            && size.edges.iter().all(|edge| EDGES.contains(edge));
        let (least, most) = LENGTHS.into_inner();
        fits.then_some(size).ok_or_else(|| {
            format!(
                "has a size beyond the range: width and height are from {least} to {most}, and a \
                 `viewBox` begins at most {} from 0",
                EDGES.end()
            )
        })
    }

    fn of_view_box(text: &str) -> Option<Self> {
        let separators = |c: char| c == ',' || c.is_ascii_whitespace();
        let numbers = text.split(separators).filter(|part| !part.is_empty());
        let numbers: Vec<f64> = numbers
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        match *numbers.as_slice() {
            [x, y, width, height] => Some(Self {
                edges: [x, y],
                width,
                height,
            }),
            _ => None,
        }
    }

    fn of_sides(root: Node<'_, '_>) -> Option<Self> {
        let length = |name| {
            let text = plain_attribute(root, name)?.trim_ascii();
            text.strip_suffix("px").unwrap_or(text).parse().ok()
        };
        Some(Self {
            edges: [0.0; 2],
            width: length("width")?,
            height: length("height")?,
        })
    }

    /// Width by height.
    pub fn ratio(&self) -> f64 {
        self.width / self.height
    }

    /// The value of `viewBox`.
    pub fn view_box(&self) -> String {
        let ([x, y], width, height) = (self.edges, self.width, self.height);
        format!("{x} {y} {width} {height}")
    }
}
