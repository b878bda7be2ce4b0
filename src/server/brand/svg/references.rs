//! What drawing an image costs when its references are followed. A few elements that each refer
//! twice to the one before would otherwise keep a browser busy forever, as entities do in XML.

use std::collections::HashMap;

use roxmltree::{Node, NodeId};

use super::style::StyleRules;
use super::{MAX_DEPTH, at, plain_attribute, values};

/// The most elements that are drawn, each as often as it is referred to.
const MAX_DRAWN: u64 = 20_000;

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
    let drawn = counter.drawn(root, 0)?;
    if drawn > MAX_DRAWN {
        return Err(format!(
            "draws more than {MAX_DRAWN} elements when its references are followed"
        ));
    }
    Ok(())
}

struct Counter<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    rules: &'a StyleRules,
    /// None for an element whose references are being followed.
    known: HashMap<NodeId, Option<u64>>,
}

impl<'a, 'input> Counter<'a, 'input> {
    fn drawn(&mut self, element: Node<'a, 'input>, depth: usize) -> Result<u64, String> {
        match self.known.get(&element.id()) {
            Some(Some(drawn)) => return Ok(*drawn),
            Some(None) => {
                return Err(at(element, "has a reference that leads back to itself"));
            }
            None if depth > 2 * MAX_DEPTH => {
                return Err(at(element, "has too long a chain of references"));
            }
            None => {}
        }
        self.known.insert(element.id(), None);
        let mut drawn: u64 = 1;
        for child in element.children().filter(Node::is_element) {
            drawn = drawn.saturating_add(self.drawn(child, depth + 1)?);
        }
        for target in self.targets(element) {
            drawn = drawn.saturating_add(self.drawn(target, depth + 1)?);
        }
        self.known.insert(element.id(), Some(drawn));
        Ok(drawn)
    }

    fn targets(&self, element: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
        let values = element.attributes().flat_map(|attribute| {
            let link = values::fragment(attribute.value()).filter(|_| attribute.name() == "href");
            values::references(attribute.value()).chain(link)
        });
        let named: Vec<&str> = values.collect();
        let styled = self.rules.references(element);
        named
            .into_iter()
            .chain(styled)
            .filter_map(|id| self.by_id.get(id).copied())
            .collect()
    }
}
