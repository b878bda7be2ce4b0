//! Reads an SVG file and writes it again with what draws it alone, so that nothing in it runs,
//! loads or moves.
//!
//! Elements and attributes are those of a list of allowed ones. What an editor leaves behind and
//! nobody sees is left out. Anything else is refused with its line, because a logo that looks
//! different from its file would surprise more than an error.

mod declarations;
mod limits;
mod lists;
mod references;
mod size;
mod style;
mod values;

use std::collections::HashSet;

use roxmltree::{Document, Node, ParsingOptions};

use self::lists::{ElementRule, XLINK, element_rule, is_editor_namespace, is_ignored_attribute};
use self::size::Size;
use self::style::StyleRules;
use super::style_sheet::LOGO_HEIGHT;

const SVG: &str = "http://www.w3.org/2000/svg";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The most elements, comments and texts.
const MAX_NODES: u32 = 20_000;
/// How deep elements may be nested.
const MAX_DEPTH: usize = 64;

/// An SVG image that is safe to show.
#[derive(Debug)]
pub struct Svg {
    /// The file, written again.
    pub text: String,
    /// Whether it has `style` elements or attributes.
    pub has_style: bool,
    /// Its width by its height.
    pub ratio: f64,
}

/// Reads a file.
///
/// # Errors
/// The end of a sentence that begins with the name of the file.
pub fn sanitise(text: &str) -> Result<Svg, String> {
    limits::check(text)?;
    let document = parse(text)?;
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        return Err(format!(
            "is no SVG file: its first element must be `svg` of the namespace {SVG}"
        ));
    }
    if let Some(instruction) = document.root().descendants().find(Node::is_pi) {
        let reason = "has a processing instruction, which may load a style sheet";
        return Err(at(instruction, reason));
    }
    let mut writer = Writer {
        rules: StyleRules::of(&document)?,
        ids: HashSet::new(),
        text: String::new(),
        has_style: false,
    };
    let size = Size::of(root)?;
    writer.write_root(root, &size)?;
    let written = parse(&writer.text)?;
    references::check(written.root_element(), &StyleRules::of(&written)?)?;
    Ok(Svg {
        text: writer.text,
        has_style: writer.has_style,
        ratio: size.ratio(),
    })
}

fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => {
            "has a DOCTYPE, which could define entities: remove that line".to_owned()
        }
        roxmltree::Error::NodesLimitReached => {
            format!("has more than {MAX_NODES} elements, comments and texts")
        }
        error => format!("is no SVG file: {error}"),
    })
}

/// A reason with the line that it concerns.
fn at(node: Node<'_, '_>, reason: impl std::fmt::Display) -> String {
    let line = node.document().text_pos_at(node.range().start).row;
    format!("{reason} (line {line})")
}

/// The value of an attribute of SVG. The library would also find one of another namespace.
fn plain_attribute<'a>(element: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let mut attributes = element.attributes();
    let found = attributes.find(|found| found.namespace().is_none() && found.name() == name);
    found.map(|found| found.value())
}

struct Writer {
    rules: StyleRules,
    /// Those that were written.
    ids: HashSet<String>,
    text: String,
    has_style: bool,
}

impl Writer {
    fn write_root(&mut self, root: Node<'_, '_>, size: &Size) -> Result<(), String> {
        self.text.push_str("<svg");
        self.push_attribute("xmlns", SVG);
        self.push_attribute("viewBox", &size.view_box());
        // Without them some browsers show an image of 300 × 150 pixels. In hundredths of a pixel.
        let height = f64::from(LOGO_HEIGHT);
        let width = (size.ratio() * height * 100.0).round() / 100.0;
        self.push_attribute("width", &width.to_string());
        self.push_attribute("height", &height.to_string());
        self.write_attributes(root, &["viewBox", "width", "height", "x", "y"])?;
        self.text.push('>');
        self.write_children(root, 1)?;
        self.text.push_str("</svg>");
        Ok(())
    }

    fn write_children(&mut self, parent: Node<'_, '_>, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(at(
                parent,
                format!("is nested deeper than {MAX_DEPTH} elements"),
            ));
        }
        let shows_text = lists::shows_text(parent.tag_name().name());
        for child in parent.children() {
            if child.is_element() {
                self.write_element(child, depth)?;
            } else if shows_text && let Some(text) = child.text().filter(|_| child.is_text()) {
                push_escaped(&mut self.text, text);
            }
        }
        Ok(())
    }

    fn write_element(&mut self, element: Node<'_, '_>, depth: usize) -> Result<(), String> {
        let name = element.tag_name().name();
        let rule = match element.tag_name().namespace() {
            Some(SVG) => element_rule(name),
            Some(namespace) if is_editor_namespace(namespace) => ElementRule::LeaveOut,
            _ => ElementRule::Refuse("of another language than SVG, which a browser could run"),
        };
        match rule {
            ElementRule::Refuse(reason) => {
                Err(at(element, format!("has the element `{name}`, {reason}")))
            }
            ElementRule::LeaveOut => check_left_out(element),
            ElementRule::Style => {
                self.has_style = true;
                self.text.push_str("<style>");
                let css = self.rules.css_of(element);
                push_escaped(&mut self.text, &css);
                self.text.push_str("</style>");
                Ok(())
            }
            ElementRule::Keep => {
                self.text.push('<');
                self.text.push_str(name);
                self.write_attributes(element, &[])?;
                if !element.has_children() {
                    self.text.push_str("/>");
                    return Ok(());
                }
                self.text.push('>');
                self.write_children(element, depth + 1)?;
                self.text.push_str("</");
                self.text.push_str(name);
                self.text.push('>');
                Ok(())
            }
        }
    }

    /// Writes the attributes but for those that are written already.
    fn write_attributes(&mut self, element: Node<'_, '_>, done: &[&str]) -> Result<(), String> {
        for attribute in element.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            let refuse =
                |reason: &str| Err(at(element, format!("has the attribute `{name}`, {reason}")));
            match attribute.namespace() {
                None => {}
                Some(XLINK) if name == "href" => {}
                Some(XML) if name == "base" => {
                    return refuse("which changes what addresses lead to");
                }
                Some(XML | XLINK) => continue,
                Some(namespace) if is_editor_namespace(namespace) => continue,
                Some(_) => return refuse("of another language than SVG"),
            }
            if done.contains(&name) || is_ignored_attribute(name) {
                continue;
            }
            if name.to_ascii_lowercase().starts_with("on") {
                return refuse("which runs a script");
            }
            let written = match name {
                // The other notation of the same, where both are there.
                "href" if attribute.namespace().is_some() => {
                    if plain_attribute(element, "href").is_some() {
                        continue;
                    }
                    local_address(value)
                }
                "href" => local_address(value),
                "style" => {
                    let declarations = declarations::declarations(value)
                        .map_err(|reason| at(element, format!("has a style that {reason}")))?;
                    if declarations.is_empty() {
                        continue;
                    }
                    self.has_style = true;
                    Ok(declarations)
                }
                _ if !lists::is_allowed_attribute(name) => {
                    return refuse("which is not in the list of attributes that draw something");
                }
                _ => attribute_value(name, value),
            };
            match written {
                Ok(written) => self.push_attribute(name, &written),
                Err(reason) => return refuse(&format!("whose value {reason}")),
            }
            if name == "id" && !self.ids.insert(value.to_owned()) {
                return Err(at(element, format!("has the id `{value}` more than once")));
            }
        }
        Ok(())
    }

    fn push_attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        push_escaped(&mut self.text, value);
        self.text.push('"');
    }
}

/// The value of `href`.
fn local_address(value: &str) -> Result<String, &'static str> {
    let id = values::fragment(value).ok_or("leads out of the file: only `#id` is allowed")?;
    Ok(format!("#{id}"))
}

/// The value of an attribute that is a property, a transformation or a number.
fn attribute_value(name: &str, value: &str) -> Result<String, &'static str> {
    let value = values::normalise(value)?;
    // Names of people may have brackets.
    if !matches!(name, "id" | "class") {
        values::check_functions(&value)?;
        values::check_inheritance(name, &value)?;
    }
    Ok(value)
}

/// Whether what is left out holds nothing that a browser would have run. A file with a hidden
/// script is better refused than repaired.
fn check_left_out(element: Node<'_, '_>) -> Result<(), String> {
    let inner = element.descendants().skip(1).filter(Node::is_element);
    let is_harmless = |node: &Node<'_, '_>| {
        let namespace = node.tag_name().namespace();
        namespace.is_some_and(is_editor_namespace)
    };
    match inner.into_iter().find(|node| !is_harmless(node)) {
        None => Ok(()),
        Some(node) => Err(at(
            node,
            format!(
                "hides the element `{}` in its description",
                node.tag_name().name()
            ),
        )),
    }
}

fn push_escaped(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '"' => text.push_str("&quot;"),
            '\n' | '\r' | '\t' => text.push(' '),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
