//! The style sheet of a brand: the custom properties that it changes, and nothing else.

use std::fmt::Write as _;

use super::palette::Palette;

/// How much rounder the middle of the page is than a button (`style/frame.css`).
const CARD_RATIO: f32 = 1.8;
/// Beyond it the corners of the middle of the page would cut into its content.
const MAX_CARD_RADIUS: f32 = 32.0;

/// The height of a logo in CSS pixels.
pub const LOGO_HEIGHT: u32 = 32;

/// What a brand changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Colours on light screens.
    pub light: Option<Palette>,
    /// Colours on dark screens.
    pub dark: Option<Palette>,
    /// Radius of the corners of fields and buttons, in CSS pixels.
    pub radius: Option<u16>,
    /// Whether there is a logo.
    pub has_logo: bool,
}

impl Style {
    /// The style sheet. Empty if nothing is changed.
    pub fn to_css(self) -> String {
        let mut css = String::new();
        let mut light = self.light.map(colors).unwrap_or_default();
        if let Some(radius) = self.radius {
            let _ = write!(light, "--radius:{radius}px;");
        }
        add_rule(&mut css, ":root", &light);
        if let Some(dark) = self.dark {
            let mut rule = String::new();
            add_rule(&mut rule, ":root", &colors(dark));
            add_rule(&mut css, "@media (prefers-color-scheme:dark)", &rule);
        }
        if let Some(radius) = self.radius {
            let card = (f32::from(radius) * CARD_RATIO)
                .round()
                .min(MAX_CARD_RADIUS);
            add_rule(&mut css, "main,dialog", &format!("border-radius:{card}px"));
            let small = format!("border-radius:min(var(--s1),{radius}px)");
            add_rule(&mut css, ".check input", &small);
        }
        if self.has_logo {
            let size = format!(
                "display:block;inline-size:auto;max-inline-size:100%;\
                 block-size:{}rem;object-fit:contain",
                f64::from(LOGO_HEIGHT) / 16.0
            );
            add_rule(&mut css, ".brand img", &size);
        }
        css
    }
}

fn add_rule(css: &mut String, selector: &str, body: &str) {
    let body = body.trim_end_matches(';');
    if !body.is_empty() {
        let _ = write!(css, "{selector}{{{body}}}");
    }
}

fn colors(palette: Palette) -> String {
    let Palette {
        accent,
        strong,
        soft,
        ring_alpha,
    } = palette;
    format!(
        "--accent:{accent};--accent-strong:{strong};--accent-soft:{soft};\
         --ring:{accent}{ring_alpha:02x};"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::brand::{Color, Scheme};

    #[test]
    fn a_brand_without_a_look_has_no_style_sheet() {
        assert_eq!(Style::default().to_css(), "");
    }

    #[test]
    fn the_style_sheet_holds_what_is_changed_alone() {
        let accent: Color = "#0a6e3f".parse().unwrap();
        let light = Palette::new(Scheme::Light, accent).unwrap();
        let style = Style {
            light: Some(light),
            dark: Some(Palette::dark_from(accent)),
            radius: Some(20),
            has_logo: true,
        };
        let css = style.to_css();
        assert!(
            css.starts_with(":root{--accent:#0a6e3f;--accent-strong:#"),
            "{css}"
        );
        assert!(css.contains("@media (prefers-color-scheme:dark){:root{--accent:#"));
        assert!(css.contains("--radius:20px}") && css.contains("main,dialog{border-radius:32px}"));
        assert!(css.len() < 600, "{}", css.len());
        let square = Style {
            radius: Some(0),
            ..Style::default()
        };
        assert_eq!(
            square.to_css(),
            ":root{--radius:0px}main,dialog{border-radius:0px}\
             .check input{border-radius:min(var(--s1),0px)}"
        );
    }
}
