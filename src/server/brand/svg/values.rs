//! Values of attributes and of CSS: what they may refer to.

/// What no value needs, and why each is refused.
const REFUSED: [(&str, &str); 12] = [
    ("\\", "has a `\\`, by which words can be hidden"),
    ("@", "has an `@`, by which styles load others"),
    ("javascript:", "runs a script"),
    ("vbscript:", "runs a script"),
    ("data:", "holds another file"),
    ("://", "has an address"),
    ("expression(", "runs a script"),
    ("image(", "loads another file"),
    ("image-set(", "loads another file"),
    ("cross-fade(", "loads another file"),
    ("src(", "loads another file"),
    ("attr(", "takes its value from elsewhere"),
];

/// Checks that a value refers to nothing outside the file.
///
/// # Errors
/// The end of a sentence about the value.
pub fn check(value: &str) -> Result<(), &'static str> {
    let squeezed: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_lowercase)
        .collect();
    if let Some((_, reason)) = REFUSED.iter().find(|(word, _)| squeezed.contains(word)) {
        return Err(reason);
    }
    let named = squeezed.matches("url(").count();
    if named != references(value).count() {
        return Err("loads another file: only `url(#id)` is allowed");
    }
    Ok(())
}

/// The ids in `url(#id)`.
pub fn references(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|rest| {
        let (inside, _) = rest.split_once(')')?;
        let inside = inside.trim();
        let quoted = |quote: char| inside.strip_prefix(quote)?.strip_suffix(quote);
        let inside = quoted('"').or_else(|| quoted('\'')).unwrap_or(inside);
        fragment(inside)
    })
}

/// The id in `#id`; none for any other address.
pub fn fragment(value: &str) -> Option<&str> {
    let id = value.trim().strip_prefix('#')?;
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    (!id.is_empty() && id.chars().all(is_plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_name_an_element_of_its_file_and_nothing_else() {
        for value in [
            "",
            "#0a6e3f",
            "url(#a)",
            "url( '#a-1' ) #000",
            "url(\"#a\")",
            "M0 0h1v1z",
            "rgb(1,2,3)",
            "var(--x)",
            "translate(1 2)",
        ] {
            assert_eq!(check(value), Ok(()), "{value}");
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
            "\\75rl(//x)",
            "@import 'x'",
            "java\nscript:alert(1)",
            "image-set('x' 1x)",
            "expression(alert(1))",
            "src(x)",
        ] {
            assert!(check(value).is_err(), "{value}");
        }
    }
}
