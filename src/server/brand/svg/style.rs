//! Style sheets and `style` attributes: rules of plain properties, without anything that loads,
//! moves or applies only sometimes.

use std::collections::HashMap;

use roxmltree::{Document, Node, NodeId};

use super::lists::is_property;
use super::{SVG, at, plain_attribute, values};

/// What a property does that a logo may not have.
const MOVING: [&str; 3] = ["animation", "transition", "offset"];

/// The rules of all style sheets of a file.
#[derive(Debug, Default)]
pub struct StyleRules {
    by_element: HashMap<NodeId, Vec<Rule>>,
}

#[derive(Debug)]
struct Rule {
    selector: String,
    declarations: String,
}

impl StyleRules {
    /// Reads the style sheets of a file.
    ///
    /// # Errors
    /// The end of a sentence that begins with the name of the file.
    pub fn of(document: &Document<'_>) -> Result<Self, String> {
        let is_style = |node: &Node<'_, '_>| node.has_tag_name((SVG, "style"));
        let mut by_element = HashMap::new();
        for node in document.descendants().filter(is_style) {
            if node.children().any(|child| child.is_element()) {
                return Err(at(node, "has a style sheet with elements in it"));
            }
            let css: String = node.children().filter_map(|child| child.text()).collect();
            let rules = read_rules(&css)
                .map_err(|reason| at(node, format!("has a style sheet that {reason}")))?;
            by_element.insert(node.id(), rules);
        }
        Ok(Self { by_element })
    }

    /// The style sheet of an element, written again.
    pub fn css_of(&self, element: Node<'_, '_>) -> String {
        let rules = self.by_element.get(&element.id()).into_iter().flatten();
        rules
            .map(|rule| format!("{}{{{}}}", rule.selector, rule.declarations))
            .collect()
    }

    /// The ids that rules refer to which may apply to an element.
    pub fn references<'a>(&'a self, element: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
        let rules = self.by_element.values().flatten();
        let rules = rules.filter(move |rule| may_match(&rule.selector, element));
        rules.flat_map(|rule| values::references(&rule.declarations))
    }
}

/// Whether a selector may match an element: it names the element, its id or a class of it, or has a
/// part that every element matches.
fn may_match(selector: &str, element: Node<'_, '_>) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '#');
    let is_end = |c: char| !is_name(c) || matches!(c, '.' | '#');
    let mut names: Vec<String> = vec![element.tag_name().name().to_owned()];
    let classes = plain_attribute(element, "class").unwrap_or_default();
    names.extend(classes.split_whitespace().map(|class| format!(".{class}")));
    names.extend(plain_attribute(element, "id").map(|id| format!("#{id}")));
    let is_named = |name: &String| {
        let starts_word = !name.starts_with(['.', '#']);
        selector.match_indices(name.as_str()).any(|(start, found)| {
            let (before, rest) = selector.split_at(start);
            let after = rest.strip_prefix(found).unwrap_or_default();
            (after.is_empty() || after.starts_with(is_end))
                && !(starts_word && before.ends_with(is_name))
        })
    };
    selector.contains('*') || names.iter().any(is_named)
}

fn read_rules(css: &str) -> Result<Vec<Rule>, String> {
    let css = without_comments(css)?;
    let mut rules = Vec::new();
    let mut rest = css.trim();
    while !rest.is_empty() {
        let (selector, after) = rest.split_once('{').ok_or("has a rule without an end")?;
        let (body, after) = after.split_once('}').ok_or("has a rule without an end")?;
        let selector = selector.trim();
        let is_plain = |c: char| {
            c.is_alphanumeric()
                || c.is_whitespace()
                || matches!(c, '.' | '#' | '-' | '_' | ',' | '*' | '>')
        };
        if selector.starts_with('@') {
            return Err(format!(
                "has `{}`, which loads or changes something",
                head(selector)
            ));
        }
        if selector.is_empty() || !selector.chars().all(is_plain) {
            return Err("has a selector other than names, classes and ids".to_owned());
        }
        rules.push(Rule {
            selector: selector.to_owned(),
            declarations: declarations(body)?,
        });
        rest = after.trim();
    }
    Ok(rules)
}

fn without_comments(css: &str) -> Result<String, String> {
    let mut kept = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        kept.push(' ');
        rest = after
            .split_once("*/")
            .ok_or("has a comment without an end")?
            .1;
    }
    kept.push_str(rest);
    Ok(kept)
}

/// The first word of a text, for a message.
fn head(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The declarations of a rule or of a `style` attribute, those that draw something.
///
/// # Errors
/// The end of a sentence about the style.
pub fn declarations(css: &str) -> Result<String, String> {
    let css = without_comments(css)?;
    if css.contains(['{', '}', '<']) {
        return Err("has brackets in a declaration".to_owned());
    }
    let mut kept = String::new();
    for declaration in css
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let Some((property, value)) = declaration.split_once(':') else {
            return Err("has a declaration without a value".to_owned());
        };
        let property = property.trim().to_ascii_lowercase();
        let value = value.trim();
        let bare = property.trim_start_matches('-');
        let bare = ["webkit-", "moz-", "ms-", "o-"]
            .iter()
            .find_map(|prefix| bare.strip_prefix(prefix))
            .unwrap_or(bare);
        if MOVING.iter().any(|moving| bare.starts_with(moving)) {
            return Err(format!(
                "has `{property}`, which moves, and a logo stays as it is"
            ));
        }
        if matches!(bare, "behavior" | "binding") {
            return Err(format!("has `{property}`, which runs a script"));
        }
        if let Err(reason) = values::check(value) {
            return Err(format!("has a `{property}` which {reason}"));
        }
        // What an editor notes for itself, or draws nothing in SVG.
        if is_property(&property) {
            if !kept.is_empty() {
                kept.push(';');
            }
            kept.push_str(&format!("{property}:{value}"));
        }
    }
    Ok(kept)
}
