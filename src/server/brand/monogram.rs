//! Icons for the tabs of browsers, where a logo is too wide for one: a tile in the accent.

use super::color::Color;

/// The key of `public/favicon.svg`.
const KEY: &str = include_str!("../../../public/favicon.svg");
/// The colour of its tile.
const KEY_COLOR: &str = "#2743b8";

/// The first letter of a name, white on the accent.
pub fn letter_tile(name: &str, accent: Color) -> String {
    let letter: String = name
        .chars()
        .find(|c| c.is_alphanumeric())
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">\
         <rect width=\"32\" height=\"32\" rx=\"7.5\" fill=\"{accent}\"/>\
         <text x=\"16\" y=\"23\" text-anchor=\"middle\" fill=\"#fff\" font-size=\"20\" \
         font-weight=\"650\" font-family=\"system-ui,sans-serif\">{letter}</text></svg>"
    )
}

/// Our own icon in the accent.
pub fn key_tile(accent: Color) -> String {
    KEY.replace(KEY_COLOR, &accent.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tile_has_the_first_letter_of_the_name_in_the_accent() {
        let accent: Color = "#0a6e3f".parse().unwrap();
        for (name, letter) in [
            ("Example", ">E<"),
            ("ökonom", ">Ö<"),
            ("<b>&", ">B<"),
            ("例え", ">例<"),
            ("…", "></text>"),
        ] {
            let tile = letter_tile(name, accent);
            assert!(tile.contains(letter), "{tile}");
            assert!(roxmltree::Document::parse(&tile).is_ok(), "{tile}");
        }
        let key = key_tile(accent);
        assert!(key.contains("#0a6e3f") && !key.contains(KEY_COLOR), "{key}");
    }
}
