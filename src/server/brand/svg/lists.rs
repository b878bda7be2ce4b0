//! Which elements and attributes of SVG 2 a logo may have.

/// The namespace of `xlink:href`.
pub const XLINK: &str = "http://www.w3.org/1999/xlink";

/// What editors write for themselves: Inkscape, Illustrator, Sketch, Affinity, and descriptions.
const EDITOR_NAMESPACES: [&str; 9] = [
    "http://www.inkscape.org/namespaces/inkscape",
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://ns.adobe.com/",
    "http://www.bohemiancoding.com/sketch/ns",
    "http://www.serif.com/",
    "http://www.figma.com/figma/ns",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://purl.org/dc/",
    "http://creativecommons.org/ns#",
];

/// What happens to an element.
#[derive(Debug)]
pub enum ElementRule {
    /// It is written again.
    Keep,
    /// It is a style sheet, whose rules are checked.
    Style,
    /// Nobody sees it.
    LeaveOut,
    /// The file is refused. The text is the end of a sentence.
    Refuse(&'static str),
}

/// The rule for an element of SVG.
pub fn element_rule(name: &str) -> ElementRule {
    match name {
        "svg" | "g" | "defs" | "symbol" | "use" | "path" | "rect" | "circle" | "ellipse"
        | "line" | "polyline" | "polygon" | "text" | "tspan" | "linearGradient"
        | "radialGradient" | "stop" | "clipPath" | "mask" | "pattern" => ElementRule::Keep,
        "style" => ElementRule::Style,
        "title" | "desc" | "metadata" => ElementRule::LeaveOut,
        "script" | "handler" => ElementRule::Refuse("which runs a script"),
        "foreignObject" => ElementRule::Refuse("which holds another document"),
        "image" | "feImage" => ElementRule::Refuse("which loads another image: draw it as paths"),
        "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set" | "mpath"
        | "discard" => ElementRule::Refuse("which moves or changes, and a logo stays as it is"),
        "a" | "view" | "cursor" => ElementRule::Refuse("which is for documents that people open"),
        "marker" => {
            ElementRule::Refuse("which is drawn at every corner of a path: draw it as paths")
        }
        "filter" => ElementRule::Refuse(
            "which can take a browser very long: draw the effect as paths or gradients",
        ),
        _ => ElementRule::Refuse("which is not in the list of elements that a logo may have"),
    }
}

/// Whether the text in an element is drawn.
pub fn shows_text(element: &str) -> bool {
    matches!(element, "text" | "tspan")
}

/// Whether elements and attributes of a namespace are left out.
pub fn is_editor_namespace(namespace: &str) -> bool {
    EDITOR_NAMESPACES
        .iter()
        .any(|known| namespace.starts_with(known))
}

/// Whether an attribute draws nothing, and is left out.
pub fn is_ignored_attribute(name: &str) -> bool {
    name.starts_with("data-")
        || name.starts_with("aria-")
        || matches!(
            name,
            "version" | "baseProfile" | "role" | "focusable" | "lang" | "type"
        )
        || is_ignored_property(name)
}

/// Whether a property of CSS, without the prefix of a vendor, draws nothing in a logo.
pub fn is_ignored_property(name: &str) -> bool {
    name.starts_with("-inkscape-") || IGNORED_PROPERTIES.contains(&name)
}

/// Whether an attribute says where something is, or what shape it has.
pub fn is_geometry(name: &str) -> bool {
    GEOMETRY.contains(&name)
}

/// Whether an attribute may be kept, if its value is harmless.
pub fn is_allowed_attribute(name: &str) -> bool {
    GEOMETRY.contains(&name) || is_property(name)
}

/// Whether a property of CSS is also an attribute of SVG that draws something.
pub fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

const GEOMETRY: [&str; 38] = [
    "class",
    "clipPathUnits",
    "cx",
    "cy",
    "d",
    "dx",
    "dy",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "lengthAdjust",
    "maskContentUnits",
    "maskUnits",
    "offset",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "points",
    "preserveAspectRatio",
    "r",
    "rotate",
    "rx",
    "ry",
    "spreadMethod",
    "textLength",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

const PROPERTIES: [&str; 70] = [
    "alignment-baseline",
    "baseline-shift",
    "clip-path",
    "clip-rule",
    "color",
    "color-interpolation",
    "direction",
    "display",
    "dominant-baseline",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font",
    "font-family",
    "font-feature-settings",
    "font-kerning",
    "font-optical-sizing",
    "font-size",
    "font-size-adjust",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-variant-alternates",
    "font-variant-caps",
    "font-variant-east-asian",
    "font-variant-ligatures",
    "font-variant-numeric",
    "font-variant-position",
    "font-variation-settings",
    "font-weight",
    "image-rendering",
    "isolation",
    "letter-spacing",
    "line-height",
    "mask",
    "mask-type",
    "mix-blend-mode",
    "opacity",
    "overflow",
    "paint-order",
    "shape-rendering",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "text-align",
    "text-anchor",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-orientation",
    "text-rendering",
    "text-transform",
    "transform",
    "transform-box",
    "transform-origin",
    "unicode-bidi",
    "vector-effect",
    "visibility",
    "white-space",
    "word-spacing",
    "writing-mode",
];

/// What draws nothing, because it is for a pointer or an editor, or for elements that are refused.
const IGNORED_PROPERTIES: [&str; 19] = [
    "block-progression",
    "color-interpolation-filters",
    "color-profile",
    "color-rendering",
    "cursor",
    "enable-background",
    "flood-color",
    "flood-opacity",
    "font-smoothing",
    "font-specification",
    "lighting-color",
    "osx-font-smoothing",
    "pointer-events",
    "shape-margin",
    "shape-padding",
    "solid-color",
    "solid-opacity",
    "touch-action",
    "user-select",
];
