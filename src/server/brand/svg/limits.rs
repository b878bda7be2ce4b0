//! Limits that hold before a file is parsed, because the time to parse it grows with the square of
//! what they count.

/// The most elements. Logos have some hundred.
pub const MAX_ELEMENTS: usize = 5_000;
/// The most attributes of an element.
const MAX_ATTRIBUTES: usize = 200;
/// The most declarations of a namespace. Editors write about ten.
const MAX_NAMESPACES: usize = 64;
/// What may hold `<` and `=` that are no markup, by start and end.
const SPANS: [(&str, &str); 3] = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")];

/// Counts the markup of a file. One that is not well-formed may be counted wrongly: it is refused
/// afterwards, by the parser.
///
/// # Errors
/// The end of a sentence that begins with the name of the file.
pub fn check(text: &str) -> Result<(), String> {
    let (mut elements, mut namespaces) = (0_usize, 0_usize);
    let mut rest = text;
    while let Some((_, markup)) = rest.split_once('<') {
        let span = SPANS
            .iter()
            .find_map(|(start, end)| Some((markup.strip_prefix(start)?, end)));
        if let Some((inside, end)) = span {
            rest = inside.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        elements += usize::from(!markup.starts_with('/'));
        let tag = Tag::read(markup);
        namespaces += tag.namespaces;
        rest = tag.after;
        let exceeded = [
            (elements, MAX_ELEMENTS, "elements"),
            (tag.attributes, MAX_ATTRIBUTES, "attributes in an element"),
            (namespaces, MAX_NAMESPACES, "declarations of namespaces"),
        ];
        if let Some((_, most, what)) = exceeded.iter().find(|(count, most, _)| count > most) {
            return Err(format!("has more than {most} {what}"));
        }
    }
    Ok(())
}

/// A start or end tag.
struct Tag<'a> {
    attributes: usize,
    namespaces: usize,
    after: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads the tag whose `<` is before the text.
    fn read(text: &'a str) -> Self {
        let mut tag = Self {
            attributes: 0,
            namespaces: 0,
            after: text,
        };
        while let Some((names, after)) = tag.after.split_once(['"', '\'', '>']) {
            tag.attributes += names.matches('=').count();
            tag.namespaces += names.matches("xmlns").count();
            let end = tag.after.as_bytes().get(names.len()).copied();
            tag.after = after;
            let quote = match end {
                Some(b'>') => return tag,
                Some(b'"') => '"',
                _ => '\'',
            };
            tag.after = after.split_once(quote).map_or("", |(_, after)| after);
        }
        tag.after = "";
        tag
    }
}
