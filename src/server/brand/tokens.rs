//! The colours of the pages that a brand does not change, read from `style/tokens.css`, so that
//! contrast is computed against what the style sheet has.

use std::str::FromStr;

use super::color::Color;
use super::scheme::Scheme;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Where the values for dark screens begin.
const DARK: &str = "@media (prefers-color-scheme: dark)";

/// The value of a custom property, such as `--ground`. None for one that is no plain colour.
pub fn color(scheme: Scheme, property: &str) -> Option<Color> {
    let (light, dark) = TOKENS.split_once(DARK)?;
    let block = match scheme {
        Scheme::Light => light,
        Scheme::Dark => dark,
    };
    let declared = block.lines().find_map(|line| {
        let (name, value) = line.trim().split_once(':')?;
        (name == property).then(|| value.trim().trim_end_matches(';'))
    });
    Color::from_str(declared?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_are_those_of_the_style_sheet() {
        let color = |scheme, name| color(scheme, name).map(|color| color.to_string());
        assert_eq!(
            color(Scheme::Light, "--surface").as_deref(),
            Some("#ffffff")
        );
        assert_ne!(
            color(Scheme::Light, "--ground"),
            color(Scheme::Dark, "--ground")
        );
        assert_eq!(color(Scheme::Light, "--radius"), None);
        assert_eq!(color(Scheme::Light, "--unknown"), None);
    }
}
