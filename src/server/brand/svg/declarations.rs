//! The declarations of a rule or of a `style` attribute.

use super::lists::{is_geometry, is_ignored_property, is_property};
use super::values;

/// What moves, by the first word of the property.
const MOVING: [&str; 4] = ["animation", "transition", "offset", "motion"];
const VENDORS: [&str; 4] = ["-webkit-", "-moz-", "-ms-", "-o-"];
/// Values by which a property that is not kept changes nothing.
const INITIAL: [&str; 3] = ["none", "normal", "auto"];

/// Writes declarations again, those that draw something. Properties that draw and are not in the
/// list are refused.
///
/// # Errors
/// The end of a sentence about the style.
pub fn declarations(css: &str) -> Result<String, String> {
    if css.contains("/*") {
        return Err("has a comment within a rule, by which words can be hidden".to_owned());
    }
    if css.contains('\\') {
        return Err("has a `\\`, by which words can be hidden".to_owned());
    }
    if css.contains(['{', '}', '[', ']', '<']) {
        return Err("has brackets in a declaration".to_owned());
    }
    let mut kept = String::new();
    let parts = css.split(';').map(str::trim_ascii);
    for declaration in parts.filter(|text| !text.is_empty()) {
        let Some((property, value)) = declaration.split_once(':') else {
            return Err("has a declaration without a value".to_owned());
        };
        let property = property.trim_ascii_end().to_ascii_lowercase();
        let value = value.trim_ascii();
        let refuse = |reason| format!("has a `{property}` which {reason}");
        let value = values::normalise(value).map_err(refuse)?;
        // A browser would read on in the next declaration.
        if !is_balanced(&value) {
            return Err(refuse("has a bracket or a quote without an end"));
        }
        if keeps(&property, &value)? {
            values::check_functions(&value).map_err(refuse)?;
            values::check_inheritance(&property, &value).map_err(refuse)?;
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(&format!("{property}:{value}"));
        }
    }
    Ok(kept)
}

/// Whether a declaration is written. If not, it draws nothing.
fn keeps(property: &str, value: &str) -> Result<bool, String> {
    if is_property(property) {
        return Ok(true);
    }
    let bare = VENDORS
        .iter()
        .find_map(|vendor| property.strip_prefix(vendor));
    let bare = bare.unwrap_or(property);
    if matches!(bare, "behavior" | "binding") {
        return Err(format!("has `{property}`, which runs a script"));
    }
    let first_word = bare.split('-').next().unwrap_or_default();
    if MOVING.contains(&first_word) {
        return Err(format!(
            "has `{property}`, which moves, and a logo stays as it is"
        ));
    }
    let is_initial = INITIAL
        .iter()
        .any(|initial| value.eq_ignore_ascii_case(initial));
    if is_ignored_property(bare) || (is_initial && !is_geometry(bare)) {
        return Ok(false);
    }
    let reason = match first_word {
        "filter" | "backdrop" => "can take a browser very long: draw it as paths",
        "marker" => "is drawn at every corner of a path: draw it as paths",
        _ if is_geometry(bare) => "must be an attribute",
        _ => "is not in the list of properties that a logo may have: draw it as paths",
    };
    Err(format!("has `{property}`, which {reason}"))
}

/// Whether each bracket and each quote of a value ends.
fn is_balanced(value: &str) -> bool {
    let mut open = 0_i32;
    let mut quote = None;
    for character in value.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(begun), _) if begun == character => quote = None,
            (None, '(') => open += 1,
            (None, ')') => open -= 1,
            // An end of line ends a string too.
            (Some(_), '\n' | '\r') => return false,
            _ => {}
        }
        if open < 0 {
            return false;
        }
    }
    open == 0 && quote.is_none()
}
