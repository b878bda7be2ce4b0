//! Colours: hexadecimal notation, the contrast of WCAG 2.2, and OKLCH.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Differences in lightness that are too small to be seen.
const GAMUT_TOLERANCE: f64 = 1e-4;

/// An opaque colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Color {
    /// Red, green and blue.
    pub channels: [u8; 3],
}

impl Color {
    /// `#fff`
    pub const WHITE: Self = Self {
        channels: [u8::MAX; 3],
    };

    /// The relative luminance (WCAG 2.2, definition of *relative luminance*), from 0 to 1.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast ratio (WCAG 2.2, definition of *contrast ratio*), from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }

    /// What is seen of this colour over another one. `alpha` is from 0 to 1.
    pub fn over(self, ground: Self, alpha: f64) -> Self {
        let mut channels = self.channels;
        for (channel, below) in channels.iter_mut().zip(ground.channels) {
            *channel =
                to_byte((f64::from(*channel) * alpha + f64::from(below) * (1.0 - alpha)) / 255.0);
        }
        Self { channels }
    }

    fn linear(self) -> [f64; 3] {
        self.channels.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
    }
}

impl FromStr for Color {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid =
            || format!("`{text}` is no colour: write # and 3 or 6 hexadecimal digits, as #2743b8");
        let digits = text.trim().strip_prefix('#').ok_or_else(invalid)?;
        let digits: Vec<u8> = digits
            .chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect::<Option<_>>()
            .ok_or_else(invalid)?;
        let channels = match *digits.as_slice() {
            [r, g, b] => [r * 17, g * 17, b * 17],
            [r, red, g, green, b, blue] => [r * 16 + red, g * 16 + green, b * 16 + blue],
            _ => return Err(invalid()),
        };
        Ok(Self { channels })
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.channels;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl TryFrom<String> for Color {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.to_string()
    }
}

/// A colour by what people see of it (<https://bottosson.github.io/posts/oklab/>).
#[derive(Clone, Copy, Debug)]
pub struct Oklch {
    /// From 0, black, to 1, white.
    pub lightness: f64,
    /// From 0, grey, to about 0.37 in sRGB.
    pub chroma: f64,
    /// An angle in radians.
    pub hue: f64,
}

impl Oklch {
    /// The same colour with another lightness, which is limited to the range.
    #[must_use]
    pub fn with_lightness(self, lightness: f64) -> Self {
        Self {
            lightness: lightness.clamp(0.0, 1.0),
            ..self
        }
    }

    /// The same colour, at most as colourful as this.
    #[must_use]
    pub fn with_chroma_below(self, chroma: f64) -> Self {
        Self {
            chroma: self.chroma.min(chroma),
            ..self
        }
    }

    /// The nearest colour that screens can show: of the same hue and lightness, and less colourful
    /// where sRGB ends.
    pub fn to_color(self) -> Color {
        if let Some(color) = self.in_gamut() {
            return color;
        }
        let (mut inside, mut outside) = (0.0, self.chroma);
        let mut found = Oklch {
            chroma: 0.0,
            ..self
        }
        .clamped();
        // Each step halves what is left; the rest is far below what a byte can tell.
        for _ in 0..24 {
            let chroma = f64::midpoint(inside, outside);
            match (Oklch { chroma, ..self }).in_gamut() {
                Some(color) => (inside, found) = (chroma, color),
                None => outside = chroma,
            }
        }
        found
    }

    fn in_gamut(self) -> Option<Color> {
        let range = -GAMUT_TOLERANCE..=1.0 + GAMUT_TOLERANCE;
        let is_inside = self.linear().iter().all(|value| range.contains(value));
        is_inside.then(|| self.clamped())
    }

    fn clamped(self) -> Color {
        let channels = self.linear().map(|value| {
            let value = value.clamp(0.0, 1.0);
            to_byte(if value <= 0.003_130_8 {
                value * 12.92
            } else {
                1.055 * value.powf(1.0 / 2.4) - 0.055
            })
        });
        Color { channels }
    }

    fn linear(self) -> [f64; 3] {
        let (sin, cos) = self.hue.sin_cos();
        let (a, b) = (self.chroma * cos, self.chroma * sin);
        let cube = |value: f64| value * value * value;
        let l = cube(self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
        let m = cube(self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
        let s = cube(self.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
    }
}

impl From<Color> for Oklch {
    fn from(color: Color) -> Self {
        let [red, green, blue] = color.linear();
        let l = 0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue;
        let m = 0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue;
        let s = 0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue;
        let (l, m, s) = (l.cbrt(), m.cbrt(), s.cbrt());
        let a = 1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s;
        Self {
            lightness: 0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            chroma: a.hypot(b),
            hue: b.atan2(a),
        }
    }
}

/// The byte nearest to a value from 0 to 1.
fn to_byte(value: f64) -> u8 {
    // The value is in range, so the cast cannot overflow.
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn a_colour_is_written_with_three_or_six_digits() {
        assert_eq!(color("#2743B8").to_string(), "#2743b8");
        assert_eq!(color(" #fA0 ").to_string(), "#ffaa00");
        for invalid in [
            "",
            "#",
            "red",
            "2743b8",
            "#12",
            "#1234",
            "#12345",
            "#1234567",
            "#12345g",
            "#١٢٣",
            "rgb(1,2,3)",
            "#fff;}",
            "##fff",
        ] {
            let error = invalid.parse::<Color>().unwrap_err();
            assert!(error.contains("hexadecimal digits"), "{invalid}: {error}");
        }
    }

    /// Pairs whose ratio WCAG's own tools state.
    #[test]
    fn w8_the_contrast_is_that_of_wcag() {
        for (one, other, ratio) in [
            ("#000", "#fff", 21.0),
            ("#fff", "#fff", 1.0),
            ("#777", "#fff", 4.478),
            ("#767676", "#fff", 4.542),
            ("#f00", "#fff", 3.998),
            ("#0f0", "#fff", 1.372),
            ("#00f", "#fff", 8.592),
        ] {
            let found = color(one).contrast(color(other));
            assert!((found - ratio).abs() < 0.002, "{one} on {other}: {found}");
            assert_eq!(color(other).contrast(color(one)), found);
        }
    }

    #[test]
    fn oklch_has_the_values_that_its_author_states() {
        // Of red: L 0.628, C 0.258, h 29.2°.
        let red = Oklch::from(color("#f00"));
        assert!((red.lightness - 0.628).abs() < 0.001, "{red:?}");
        assert!((red.chroma - 0.258).abs() < 0.001, "{red:?}");
        assert!((red.hue.to_degrees() - 29.2).abs() < 0.1, "{red:?}");
    }

    #[test]
    fn a_colour_beyond_srgb_keeps_hue_and_lightness() {
        for hue in 0..36 {
            let wanted = Oklch {
                lightness: 0.6,
                chroma: 0.4,
                hue: f64::from(hue * 10).to_radians(),
            };
            let shown = Oklch::from(wanted.to_color());
            assert!((shown.lightness - 0.6).abs() < 0.01, "{shown:?}");
            let turn = (shown.hue - wanted.hue).to_degrees().rem_euclid(360.0);
            assert!(turn.min(360.0 - turn) < 2.0, "{shown:?}");
            assert!(shown.chroma > 0.05, "{shown:?}");
        }
    }

    proptest! {
        #[test]
        fn every_colour_survives_oklch_and_its_notation(channels: [u8; 3]) {
            let color = Color { channels };
            prop_assert_eq!(Oklch::from(color).to_color(), color);
            prop_assert_eq!(color.to_string().parse(), Ok(color));
        }
    }
}
