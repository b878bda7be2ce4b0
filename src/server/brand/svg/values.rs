//! Values of attributes and of CSS: what they may refer to.

/// What no value needs, and why each is refused.
const REFUSED: [(&str, &str); 7] = [
    ("\\", "has a `\\`, by which words can be hidden"),
    ("/*", "has a comment, by which words can be hidden"),
    ("@", "has an `@`, by which styles load others"),
    ("javascript:", "runs a script"),
    ("vbscript:", "runs a script"),
    ("data:", "holds another file"),
    ("://", "has an address"),
];
/// The functions of CSS and of `transform` that neither load nor refer to anything.
const FUNCTIONS: [&str; 34] = [
    "calc",
    "circle",
    "clamp",
    "color",
    "color-mix",
    "ellipse",
    "hsl",
    "hsla",
    "hwb",
    "inset",
    "lab",
    "lch",
    "matrix",
    "matrix3d",
    "max",
    "min",
    "oklab",
    "oklch",
    "path",
    "polygon",
    "rgb",
    "rgba",
    "rotate",
    "rotatez",
    "scale",
    "scalex",
    "scaley",
    "skew",
    "skewx",
    "skewy",
    "translate",
    "translatex",
    "translatey",
    "var",
];

/// Checks that a value refers to nothing outside the file, and writes its references as `url(#id)`.
///
/// # Errors
/// The end of a sentence about the value.
pub fn normalise(value: &str) -> Result<String, &'static str> {
    let squeezed: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_lowercase)
        .collect();
    if let Some((_, reason)) = REFUSED.iter().find(|(word, _)| squeezed.contains(word)) {
        return Err(reason);
    }
    let mut kept = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("url(") {
        const ELSEWHERE: &str = "loads another file: only `url(#id)` is allowed";
        let (inside, after) = after.split_once(')').ok_or(ELSEWHERE)?;
        let inside = inside.trim_ascii();
        let quoted = |quote: char| inside.strip_prefix(quote)?.strip_suffix(quote);
        let inside = quoted('"').or_else(|| quoted('\'')).unwrap_or(inside);
        let id = fragment(inside).ok_or(ELSEWHERE)?;
        kept.push_str(before);
        kept.push_str(&format!("url(#{id})"));
        rest = after;
    }
    kept.push_str(rest);
    Ok(kept)
}

/// Checks that a mask or a clip is not taken from the element around: each element that does would
/// draw it once more, without a reference that is counted.
///
/// # Errors
/// The end of a sentence about the value.
pub fn check_inheritance(property: &str, value: &str) -> Result<(), &'static str> {
    // `!important` may follow.
    let start = value.trim_ascii().get(.."inherit".len());
    let is_handed_on = start.is_some_and(|start| start.eq_ignore_ascii_case("inherit"));
    if is_handed_on && matches!(property, "mask" | "clip-path") {
        return Err("is `inherit`: name the element that is meant");
    }
    Ok(())
}

/// Checks the functions in a value of CSS or of a transformation.
///
/// # Errors
/// The end of a sentence about the value.
pub fn check_functions(value: &str) -> Result<(), &'static str> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    for (start, _) in value.match_indices('(') {
        let before = value.get(..start).unwrap_or_default();
        let length = before.trim_end_matches(is_name).len();
        // Not by a comparison with what is before: a value may have a bracket in each byte.
        let name = before.get(length..).unwrap_or_default();
        let known = FUNCTIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        if !known && name != "url" && !name.is_empty() {
            return Err("has a function that loads another file or changes by itself");
        }
    }
    Ok(())
}

/// The ids in `url(#id)` of a value that was written by [`normalise`].
pub fn references(value: &str) -> impl Iterator<Item = &str> {
    value
        .split("url(")
        .skip(1)
        .filter_map(|rest| fragment(rest.split_once(')')?.0))
}

/// The id in `#id`; none for any other address. White space is that of URLs, so ASCII.
pub fn fragment(value: &str) -> Option<&str> {
    let id = value.trim_ascii().strip_prefix('#')?;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    (!id.is_empty() && id.chars().all(is_plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> Result<String, &'static str> {
        let written = normalise(value)?;
        check_functions(&written).map(|()| written)
    }

    #[test]
    fn a_value_may_name_an_element_of_its_file_and_nothing_else() {
        for value in [
            "",
            "#0a6e3f",
            "url(#a)",
            "M0 0h1v1z",
            "RGB(1,2,3)",
            "var(--x)",
            "translate(1 2) scaleX(2)",
        ] {
            assert_eq!(written(value).as_deref(), Ok(value));
        }
        for value in [
            "url(https://evil.example/x)",
            "url(//evil.example/x)",
            "url(x.svg#a)",
            "url(data:image/png;base64,AA)",
            "URL(#a)",
            "u\u{0}rl(//x)",
            "url(#a) url(b)",
            "url(#a",
            "url()",
            "url(/**/#a)",
            "url(#a/**/)",
            "url/**/(#a)",
            "\\75rl(//x)",
            "u\\rl(#a)",
            "@import 'x'",
            "java\nscript:alert(1)",
            "image-set('x' 1x)",
            "-webkit-image-set('x' 1x)",
            "-moz-element(#a)",
            "element(#a)",
            "cross-fade(x)",
            "expression(alert(1))",
            "attr(href)",
            "env(x)",
            "light-dark(#000,#fff)",
            "paint(x)",
            "src(x)",
        ] {
            assert!(written(value).is_err(), "{value}");
        }
    }

    #[test]
    fn white_space_of_ascii_alone_surrounds_a_reference_and_is_not_written() {
        for value in ["url(#a)", "url( '#a' )", "url(\"#a\")", "url(\t#a\n)"] {
            assert_eq!(written(value).as_deref(), Ok("url(#a)"), "{value:?}");
        }
        for space in [
            '\u{85}', '\u{a0}', '\u{1680}', '\u{2003}', '\u{2028}', '\u{2029}', '\u{202f}',
            '\u{205f}', '\u{3000}', '\u{feff}', '\u{200b}',
        ] {
            for address in [
                format!("{space}#a"),
                format!("#a{space}"),
                format!("#{space}a"),
            ] {
                assert_eq!(fragment(&address), None, "{address:?}");
                for value in [format!("url({address})"), format!("url('{address}')")] {
                    assert!(written(&value).is_err(), "{value:?}");
                }
            }
        }
    }
}
