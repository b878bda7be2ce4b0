//! The accent colour of a brand: its contrast wherever the style sheet uses it, and its shades.
//!
//! Text needs 4.5:1 (WCAG 2.2, 1.4.3), borders, bars and focus rings 3:1 (1.4.11).

use super::color::{Color, Oklch};
use super::scheme::Scheme;
use super::tokens;

const TEXT: f64 = 4.5;
const SHAPE: f64 = 3.0;

/// The surfaces that the style sheet puts the accent on, or text on the accent: the custom
/// property, what people call it, what is there, and the contrast that this needs.
const USES: [Use; 6] = [
    Use::new("--ground", "the page", "links", TEXT),
    Use::new("--surface", "the middle of the page", "links", TEXT),
    Use::new("--warning-soft", "a warning", "links", TEXT),
    Use::new("--on-accent", "a button", "its text", TEXT),
    Use::new("--sunken", "a sunken area", "the focus ring", SHAPE),
    Use::new("--line", "the bar of the time left", "the time", SHAPE),
];
/// The surfaces around what has the focus.
const AROUND_FOCUS: [&str; 2] = ["--ground", "--surface"];

/// How much lightness changes where the pointer is, the first that can be seen and read.
const HOVER: [f64; 4] = [0.08, 0.05, -0.08, -0.12];
/// A smaller change of lightness is not noticed.
const NOTICED: f64 = 0.03;
/// How colourful the tint behind a notice is.
const TINT_CHROMA: f64 = 0.04;
/// The accent on dark screens, unless it is named.
const DARK_LIGHTNESS: f64 = 0.8;
const DARK_CHROMA: f64 = 0.11;
/// The focus ring of a field is the accent, as transparent as contrast allows.
const RING_ALPHAS: [u8; 5] = [0x99, 0xb3, 0xcc, 0xe6, 0xff];
/// Steps of lightness, from 0 to 1, in which a colour that passes is looked for.
const STEPS: u32 = 1000;

impl Scheme {
    /// The direction that leads away from the surfaces, where contrast grows.
    fn away(self) -> f64 {
        match self {
            Self::Light => -1.0,
            Self::Dark => 1.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The lightness of a tint, the strongest first.
    fn tints(self) -> [f64; 4] {
        match self {
            Self::Light => [0.945, 0.955, 0.965, 0.975],
            Self::Dark => [0.3, 0.28, 0.26, 0.24],
        }
    }
}

struct Use {
    property: &'static str,
    surface: &'static str,
    what: &'static str,
    needed: f64,
}

impl Use {
    const fn new(
        property: &'static str,
        surface: &'static str,
        what: &'static str,
        needed: f64,
    ) -> Self {
        Self {
            property,
            surface,
            what,
            needed,
        }
    }
}

/// The accent and what is derived from it, for one scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Links, buttons, focus.
    pub accent: Color,
    /// The same where the pointer is.
    pub strong: Color,
    /// The tint behind a notice.
    pub soft: Color,
    /// Opacity of the focus ring of a field.
    pub ring_alpha: u8,
}

impl Palette {
    /// The palette of an accent that has enough contrast everywhere.
    ///
    /// # Errors
    /// A sentence for the operator without a subject: which surface has too little contrast, and
    /// the nearest colour of the same hue that has enough.
    pub fn new(scheme: Scheme, accent: Color) -> Result<Self, String> {
        match failure(scheme, accent) {
            None => Ok(Self::derive(scheme, accent)),
            Some((failed, found)) => {
                let nearest = nearest_passing(scheme, accent);
                let (what, surface, scheme) = (failed.what, failed.surface, scheme.name());
                Err(format!(
                    "`{accent}` has a contrast of {found:.2}:1 for {what} on {surface} in the \
                     {scheme} style, and {needed}:1 is needed (WCAG 2.2); the nearest colour of \
                     the same hue that passes is {nearest}",
                    needed = failed.needed,
                ))
            }
        }
    }

    /// The palette for dark screens that follows from the accent for light ones.
    pub fn dark_from(accent: Color) -> Self {
        let wanted = Oklch::from(accent)
            .with_chroma_below(DARK_CHROMA)
            .with_lightness(DARK_LIGHTNESS);
        let accent = nearest_passing(Scheme::Dark, wanted.to_color());
        Self::derive(Scheme::Dark, accent)
    }

    fn derive(scheme: Scheme, accent: Color) -> Self {
        let shade = Oklch::from(accent);
        let tint = |lightness: f64| {
            let tint = shade.with_chroma_below(TINT_CHROMA);
            tint.with_lightness(lightness).to_color()
        };
        let [.., faintest] = scheme.tints();
        let mut soft = scheme.tints().map(tint).into_iter();
        let soft = soft.find(|tint| accent.contrast(*tint) >= TEXT);
        let hover = HOVER
            .into_iter()
            .map(|change| shade.with_lightness(shade.lightness + scheme.away() * change));
        let hover = hover
            .filter(|hover| (hover.lightness - shade.lightness).abs() >= NOTICED)
            .map(Oklch::to_color)
            .find(|hover| failure(scheme, *hover).is_none());
        Self {
            accent,
            strong: hover.unwrap_or(accent),
            soft: soft.unwrap_or_else(|| tint(faintest)),
            ring_alpha: ring_alpha(scheme, accent),
        }
    }
}

/// The opacity that a ring needs. An accent that passes is enough without any transparency.
fn ring_alpha(scheme: Scheme, accent: Color) -> u8 {
    let is_enough = |alpha: &u8| {
        let surfaces = AROUND_FOCUS
            .into_iter()
            .filter_map(|name| tokens::color(scheme, name));
        let mut surfaces = surfaces.map(|surface| {
            let seen = accent.over(surface, f64::from(*alpha) / 255.0);
            seen.contrast(surface)
        });
        surfaces.all(|contrast| contrast >= SHAPE)
    };
    RING_ALPHAS.into_iter().find(is_enough).unwrap_or(u8::MAX)
}

/// The first use whose contrast is too low, with that contrast.
fn failure(scheme: Scheme, accent: Color) -> Option<(&'static Use, f64)> {
    USES.iter().find_map(|wanted| {
        let surface = tokens::color(scheme, wanted.property)?;
        let found = accent.contrast(surface);
        (found < wanted.needed).then_some((wanted, found))
    })
}

/// The colour of the same hue that passes and is nearest in lightness. Black passes on light
/// surfaces, white on dark ones, so there is one.
fn nearest_passing(scheme: Scheme, color: Color) -> Color {
    let shade = Oklch::from(color);
    let candidates = (0..=STEPS).flat_map(|step| {
        let change = f64::from(step) / f64::from(STEPS);
        [change, -change].map(|change| {
            let nearby = shade.with_lightness(shade.lightness + change);
            if step == 0 { color } else { nearby.to_color() }
        })
    });
    let mut passing = candidates.filter(|candidate| failure(scheme, *candidate).is_none());
    passing.next().unwrap_or(match scheme {
        Scheme::Light => Color { channels: [0; 3] },
        Scheme::Dark => Color::WHITE,
    })
}

#[cfg(test)]
mod tests;
