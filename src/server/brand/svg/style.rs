//! Style sheets: rules of plain properties, without anything that loads, moves or applies only
//! sometimes.

use std::collections::HashMap;

use roxmltree::{Document, Node, NodeId};

use super::declarations::declarations;
use super::{SVG, at, plain_attribute, values};

/// The most rules of a file, in all its style sheets.
const MAX_RULES: usize = 200;
/// The most references of a file in all its style sheets. Each may apply to every element.
const MAX_REFERENCES: usize = 200;

/// The rules of all style sheets of a file.
#[derive(Debug, Default)]
pub struct StyleRules {
    by_element: HashMap<NodeId, Vec<Rule>>,
    /// Those of each rule that has some.
    references: Vec<Vec<Reference>>,
    /// The places of rules in `references`, by a name in their selectors: `path`, `.class`, `#id`,
    /// or `*`.
    by_name: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Rule {
    selector: String,
    declarations: String,
}

/// `url(#id)` in a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The id.
    pub id: String,
    /// Whether it is a fill or a stroke, which elements inherit.
    pub is_paint: bool,
}

impl Reference {
    /// Those of a property.
    pub fn in_value(property: &str, value: &str) -> impl Iterator<Item = Self> {
        let is_paint = matches!(property, "fill" | "stroke");
        values::references(value).map(move |id| Self {
            id: id.to_owned(),
            is_paint,
        })
    }

    /// Those of declarations that were written by [`declarations`].
    pub fn in_declarations(css: &str) -> impl Iterator<Item = Self> {
        let declared = css.split(';').filter_map(|text| text.split_once(':'));
        declared.flat_map(|(property, value)| Self::in_value(property, value))
    }
}

impl StyleRules {
    /// Reads the style sheets of a file.
    ///
    /// # Errors
    /// The end of a sentence that begins with the name of the file.
    pub fn of(document: &Document<'_>) -> Result<Self, String> {
        let is_style = |node: &Node<'_, '_>| node.has_tag_name((SVG, "style"));
        let mut found = Self::default();
        let mut count = 0;
        for node in document.descendants().filter(is_style) {
            check_attributes(node)?;
            if node.children().any(|child| child.is_element()) {
                return Err(at(node, "has a style sheet with elements in it"));
            }
            let texts = node.children().filter(Node::is_text);
            let css: String = texts.filter_map(|child| child.text()).collect();
            let rules = read_rules(&css)
                .map_err(|reason| at(node, format!("has a style sheet that {reason}")))?;
            count += rules.len();
            if count > MAX_RULES {
                return Err(format!(
                    "has more than {MAX_RULES} rules in its style sheets: export it with styles \
                     as attributes"
                ));
            }
            for rule in &rules {
                found.note_references(rule);
            }
            if found.references.iter().map(Vec::len).sum::<usize>() > MAX_REFERENCES {
                return Err(format!(
                    "has more than {MAX_REFERENCES} references in its style sheets: export it \
                     with styles as attributes"
                ));
            }
            found.by_element.insert(node.id(), rules);
        }
        Ok(found)
    }

    fn note_references(&mut self, rule: &Rule) {
        let references: Vec<_> = Reference::in_declarations(&rule.declarations).collect();
        if references.is_empty() {
            return;
        }
        let mut names = names_in(&rule.selector);
        names.sort_unstable();
        names.dedup();
        for name in names {
            let rules = self.by_name.entry(name).or_default();
            rules.push(self.references.len());
        }
        self.references.push(references);
    }

    /// The style sheet of an element, written again.
    pub fn css_of(&self, element: Node<'_, '_>) -> String {
        let rules = self.by_element.get(&element.id()).into_iter().flatten();
        rules
            .map(|rule| format!("{}{{{}}}", rule.selector, rule.declarations))
            .collect()
    }

    /// What rules refer to that may apply to an element: their selectors name the element, its id
    /// or a class of it, or what every element is.
    pub fn references(&self, element: Node<'_, '_>) -> Vec<&Reference> {
        if self.references.is_empty() {
            return Vec::new();
        }
        let mut names = vec!["*".to_owned(), element.tag_name().name().to_owned()];
        let classes = plain_attribute(element, "class").unwrap_or_default();
        names.extend(
            classes
                .split_ascii_whitespace()
                .map(|class| format!(".{class}")),
        );
        names.extend(plain_attribute(element, "id").map(|id| format!("#{id}")));
        let mut rules: Vec<usize> = names
            .iter()
            .filter_map(|name| self.by_name.get(name))
            .flatten()
            .copied()
            .collect();
        rules.sort_unstable();
        rules.dedup();
        let found = rules.iter().filter_map(|rule| self.references.get(*rule));
        found.flatten().collect()
    }
}

/// The names in a selector, with the `.` or `#` before them.
fn names_in(selector: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut is_inside = false;
    for character in selector.chars() {
        let is_mark = matches!(character, '.' | '#' | '*');
        let is_part = character.is_alphanumeric() || matches!(character, '-' | '_');
        if let Some(name) = names.last_mut().filter(|_| is_inside && is_part) {
            name.push(character);
        } else if is_mark || is_part {
            names.push(character.to_string());
        }
        is_inside = is_part || (is_mark && character != '*');
    }
    names
}

/// What an element `style` may have. Other attributes change when or as what it applies.
fn check_attributes(style: Node<'_, '_>) -> Result<(), String> {
    for attribute in style.attributes() {
        let (name, value) = (attribute.name(), attribute.value());
        let is_type = value.is_empty() || value.eq_ignore_ascii_case("text/css");
        let is_harmless = attribute.namespace().is_some()
            || matches!(name, "id" | "lang")
            || name.starts_with("data-")
            || (name == "type" && is_type);
        if is_harmless {
            continue;
        }
        let reason = match name {
            "media" => {
                "applies only sometimes: a logo for dark screens is a file of its own, \
                 brand.logo_dark"
            }
            "type" => "is of another language than CSS",
            _ => "could change what it does",
        };
        let found = format!("has a style sheet with the attribute `{name}`, which {reason}");
        return Err(at(style, found));
    }
    Ok(())
}

fn read_rules(css: &str) -> Result<Vec<Rule>, String> {
    const NO_END: &str = "has a rule or a comment without an end";
    if css.contains('\\') {
        return Err("has a `\\`, by which words can be hidden".to_owned());
    }
    let mut rules = Vec::new();
    let mut rest = css.trim_ascii();
    while !rest.is_empty() {
        // Between rules alone, where it can hide nothing.
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").ok_or(NO_END)?.1.trim_ascii();
            continue;
        }
        let (selector, after) = rest.split_once('{').ok_or(NO_END)?;
        let (body, after) = after.split_once('}').ok_or(NO_END)?;
        let selector = selector.trim_ascii();
        let is_plain = |c: char| {
            c.is_alphanumeric()
                || c.is_ascii_whitespace()
                || matches!(c, '.' | '#' | '-' | '_' | ',' | '*' | '>')
        };
        if selector.starts_with('@') {
            let name = selector.split_ascii_whitespace().next();
            return Err(format!(
                "has `{}`, which loads or changes something",
                name.unwrap_or_default()
            ));
        }
        if selector.is_empty() || !selector.chars().all(is_plain) {
            return Err("has a selector other than names, classes and ids".to_owned());
        }
        rules.push(Rule {
            selector: selector.to_owned(),
            declarations: declarations(body)?,
        });
        rest = after.trim_ascii();
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_a_selector_are_found_with_their_marks() {
        for (selector, names) in [
            ("path", vec!["path"]),
            ("*", vec!["*"]),
            (".a,g.b-c#d>*", vec![".a", "g", ".b-c", "#d", "*"]),
            ("g .x_1 , text", vec!["g", ".x_1", "text"]),
            ("*.a", vec!["*", ".a"]),
            (".a.b", vec![".a", ".b"]),
        ] {
            assert_eq!(names_in(selector), names, "{selector}");
        }
    }
}
