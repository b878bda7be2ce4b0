//! What drawing an image costs when its references are followed. A few elements that each refer
//! twice to the one before would otherwise keep a browser busy forever, as entities do in XML.
//!
//! The file that was written is counted, not the one that was read: a browser draws that one.

use std::collections::HashMap;

use roxmltree::{Node, NodeId};

use super::style::{Reference, StyleRules};
use super::{MAX_DEPTH, plain_attribute, values};

/// The most elements that are drawn, each as often as it is referred to.
const MAX_DRAWN: u64 = 20_000;
/// As many bytes of attributes and text count as an element: a path may have thousands of corners.
const BYTES_OF_ELEMENT: usize = 100;
/// The elements that a pattern may fill. All others hand `fill` and `stroke` on to what they hold.
const SHAPES: [&str; 9] = [
    "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
];

/// Checks that no reference leads back to itself, and what all of them draw.
///
/// # Errors
/// The end of a sentence that begins with the name of the file.
pub fn check(root: Node<'_, '_>, rules: &StyleRules) -> Result<(), String> {
    let with_id = root
        .descendants()
        .filter_map(|node| Some((plain_attribute(node, "id")?, node)));
    let mut counter = Counter {
        by_id: with_id.collect(),
        rules,
        known: HashMap::new(),
    };
    if counter.cost(root, 0)?.drawn > MAX_DRAWN {
        return Err(format!(
            "draws more than {MAX_DRAWN} elements when its references are followed; each \
             {BYTES_OF_ELEMENT} bytes of a path or text count as one"
        ));
    }
    Ok(())
}

struct Counter<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    rules: &'a StyleRules,
    /// None for an element whose references are being followed.
    known: HashMap<NodeId, Option<Cost>>,
}

/// What an element costs.
#[derive(Clone, Copy)]
struct Cost {
    /// How much is drawn: elements, and long data as several of them.
    drawn: u64,
    /// How many elements are drawn.
    elements: u64,
    /// Whether it is a pattern, holds one or refers to one.
    has_pattern: bool,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.drawn = self.drawn.saturating_add(other.drawn);
        self.elements = self.elements.saturating_add(other.elements);
        self.has_pattern |= other.has_pattern;
    }
}

impl<'a, 'input> Counter<'a, 'input> {
    fn cost(&mut self, element: Node<'a, 'input>, depth: usize) -> Result<Cost, String> {
        match self.known.get(&element.id()) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => {
                return Err(about(element, "has a reference that leads back to itself"));
            }
            None if depth > 2 * MAX_DEPTH => {
                return Err(about(element, "has too long a chain of references"));
            }
            None => {}
        }
        self.known.insert(element.id(), None);
        let mut cost = Cost {
            drawn: weight(element),
            elements: 1,
            has_pattern: false,
        };
        for child in element.children().filter(Node::is_element) {
            cost.add(self.cost(child, depth + 1)?);
        }
        let is_pattern = element.has_tag_name("pattern");
        let link = plain_attribute(element, "href").and_then(values::fragment);
        if let Some(target) = link.and_then(|id| self.by_id.get(id).copied()) {
            let target_cost = self.cost(target, depth + 1)?;
            cost.add(Cost {
                // A pattern may take its size from another one, which it does not fill.
                has_pattern: target_cost.has_pattern && !is_pattern,
                ..target_cost
            });
        }
        // What inherits the fill and the stroke, in the worst case.
        let inside = cost.elements;
        for (target, is_paint) in self.targets(element) {
            let mut target_cost = self.cost(target, depth + 1)?;
            if is_paint {
                if target_cost.has_pattern && !is_shape(element) {
                    let reason = "has a pattern as `fill` or `stroke`, which only shapes may have";
                    return Err(about(element, reason));
                }
                target_cost.drawn = target_cost.drawn.saturating_mul(inside);
                target_cost.elements = target_cost.elements.saturating_mul(inside);
            }
            cost.add(target_cost);
        }
        if is_pattern && cost.has_pattern {
            return Err(about(element, "has a pattern that is drawn with a pattern"));
        }
        cost.has_pattern |= is_pattern;
        self.known.insert(element.id(), Some(cost));
        Ok(cost)
    }

    /// The elements in `url(#id)`, and whether they are a fill or a stroke.
    fn targets(&self, element: Node<'a, 'input>) -> Vec<(Node<'a, 'input>, bool)> {
        let mut references: Vec<Reference> = Vec::new();
        for attribute in element.attributes() {
            match attribute.name() {
                "style" => references.extend(Reference::in_declarations(attribute.value())),
                name => references.extend(Reference::in_value(name, attribute.value())),
            }
        }
        let styled = self.rules.references(element);
        let found = references.iter().chain(styled);
        found
            .filter_map(|found| Some((*self.by_id.get(found.id.as_str())?, found.is_paint)))
            .collect()
    }
}

/// What an element counts by itself.
fn weight(element: Node<'_, '_>) -> u64 {
    let attributes = element
        .attributes()
        .map(|attribute| attribute.value().len());
    let texts = element.children().filter(Node::is_text);
    let texts = texts.filter_map(|text| text.text()).map(str::len);
    let bytes: usize = attributes.chain(texts).sum();
    1 + u64::try_from(bytes / BYTES_OF_ELEMENT).unwrap_or(u64::MAX)
}

/// Whether a fill is drawn by the element itself, and by text in it alone.
fn is_shape(element: Node<'_, '_>) -> bool {
    let mut inner = element.descendants().skip(1).filter(Node::is_element);
    SHAPES.contains(&element.tag_name().name()) && inner.all(|inner| inner.has_tag_name("tspan"))
}

/// A reason with the element that it concerns. Lines are not those of the file that was read.
fn about(element: Node<'_, '_>, reason: &str) -> String {
    let name = element.tag_name().name();
    match plain_attribute(element, "id") {
        Some(id) => format!("{reason} (the element `{name}` with the id `{id}`)"),
        None => format!("{reason} (an element `{name}`)"),
    }
}
