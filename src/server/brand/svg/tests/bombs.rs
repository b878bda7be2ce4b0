//! Files that would keep a browser busy, or the server that reads them.

use std::fmt::Write as _;

use super::*;

/// Elements of `levels` levels, each of which refers to the one below.
fn levels(levels: usize, element: impl Fn(usize, usize) -> String) -> String {
    (1..levels).fold(String::new(), |mut text, level| {
        text.push_str(&element(level, level - 1));
        text
    })
}

#[test]
fn what_references_draw_is_counted_in_the_file_that_is_written() {
    let uses = |level: usize, below: usize, decoy: &str| {
        let uses = format!("<use href='#x{below}'/>").repeat(3);
        format!("<g id='x{level}'>{uses}</g>{decoy}")
    };
    let shape = "<path id='x0' d='M0 0h9v9z'/>";
    let masks = |value: &str| {
        levels(20, |level, below| {
            let value = value.replace('%', &format!("#m{below}"));
            let masked = format!("<path d='M0 0h9v9z' {value}/>").repeat(3);
            format!("<mask id='m{level}'>{masked}</mask>")
        })
    };
    let mask = "<mask id='m0'><path d='M0 0h9v9z'/></mask>";
    let pattern = "<pattern id='p0'><path d='M0 0h9v9z'/></pattern>";
    let paths = "<path d='M0 0h9v9z'/>".repeat(150);
    let gradient = format!(
        "<linearGradient id='s'>{}</linearGradient>",
        "<stop/>".repeat(200)
    );
    let patterns = |fill: &str| {
        let filled = levels(8, |level, below| {
            let inside = fill.replace('*', &below.to_string()).repeat(4);
            format!("<pattern id='p{level}'>{inside}</pattern>")
        });
        format!("{pattern}{filled}<path d='M0 0' fill='url(#p7)'/>")
    };
    let shapes_alone = "which only shapes may have";
    let in_pattern = "a pattern that is drawn with a pattern";
    for (inner, reason) in [
        (
            format!("{shape}{}", levels(20, |l, b| uses(l, b, ""))),
            "draws more than",
        ),
        // A browser takes the first element of an id.
        (
            format!("{shape}{}<g id='x5'/>", levels(20, |l, b| uses(l, b, ""))),
            "id `x5` more than once",
        ),
        (
            "<g id='a'/><defs><path id='a'/></defs>".to_owned(),
            "id `a` more than once",
        ),
        // What is left out is no target.
        (
            levels(20, |l, b| {
                uses(l, b, &format!("<title id='x{l}'/><desc id='x{l}'/>"))
            }) + "<metadata id='x0'/>"
                + shape,
            "draws more than",
        ),
        (
            "<title id='a'/><g id='a'><use href='#a'/></g>".to_owned(),
            "leads back",
        ),
        (
            format!("{mask}{}", masks("mask='url(%)'")),
            "draws more than",
        ),
        (
            format!("{mask}{}", masks("mask='url( &quot;%&quot; )'")),
            "draws more than",
        ),
        (
            format!("{mask}{}", masks("style='mask:url( %\t)'")),
            "draws more than",
        ),
        (
            format!("{mask}{}", masks("style='MASK : url(%)'")),
            "draws more than",
        ),
        (
            format!("{mask}{}", masks("style='mask:url(/**/%)'")),
            "comment within a rule",
        ),
        (
            format!("{mask}{}", masks("mask='url(/**/%)'")),
            "by which words can be hidden",
        ),
        (
            format!("{mask}{}", masks("mask='url(\\%)'")),
            "by which words can be hidden",
        ),
        (
            "<style>path{mask:url(/*)*/#m)}</style>".to_owned(),
            "comment within a rule",
        ),
        (
            "<style>path/**/{fill:red}</style>".to_owned(),
            "a selector other than",
        ),
        (
            "<style>a{x:[}b{y:];fill:url(#p)}</style>".to_owned(),
            "brackets in a declaration",
        ),
        (
            "<style>a{fill:rgb(}b{fill:red}</style>".to_owned(),
            "without an end",
        ),
        (
            "<style>path{font-family:\"}rect{fill:\"}</style>".to_owned(),
            "without an end",
        ),
        // What takes a mask from the element around has no reference.
        (
            format!("{mask}<g mask='url(#m0)'><g mask=' Inherit'/></g>"),
            "`mask`, whose value is `inherit`",
        ),
        (
            "<style>g{clip-path:INHERIT!important}</style>".to_owned(),
            "`clip-path` which is",
        ),
        // Drawn at each corner.
        (
            "<marker id='m'><path d='M0 0'/></marker>".to_owned(),
            "at every corner",
        ),
        (
            "<path d='M0 0' marker-mid='url(#m)'/>".to_owned(),
            "`marker-mid`",
        ),
        (
            "<path d='M0 0' style='marker:url(#m)'/>".to_owned(),
            "at every corner",
        ),
        (
            "<style>path{marker-end:url(#m)}</style>".to_owned(),
            "at every corner",
        ),
        // A few long ones, often.
        (
            format!(
                "<path id='a' d='M0 0{}'/>{}",
                "h1v1".repeat(9_000),
                "<use href='#a'/>".repeat(60)
            ),
            "draws more than",
        ),
        (
            format!(
                "<text id='a'>{}</text>{}",
                "W".repeat(50_000),
                "<use href='#a'/>".repeat(60)
            ),
            "draws more than",
        ),
        (
            format!(
                "<clipPath id='a'><polygon points='{}'/></clipPath>{}",
                "1,2 ".repeat(9_000),
                "<path clip-path='url(#a)'/>".repeat(60)
            ),
            "draws more than",
        ),
        // Everything within inherits a fill.
        (
            format!("{gradient}<g fill='url(#s)'>{paths}</g>"),
            "draws more than",
        ),
        (
            format!("{gradient}<g style='stroke:url(#s)'>{paths}</g>"),
            "draws more than",
        ),
        (
            format!("{gradient}<style>.a{{fill:url(#s)}}</style><g class='b a'>{paths}</g>"),
            "draws more than",
        ),
        (
            format!("{gradient}<g id='g'>{paths}</g><use href='#g' fill='url(#s)'/>"),
            "draws more than",
        ),
        (
            patterns("<g fill='url(#p*)'><path d='M0 0'/></g>"),
            shapes_alone,
        ),
        (patterns("<path d='M0 0' fill='url(#p*)'/>"), in_pattern),
        (
            patterns("<path d='M0 0' style='stroke:url(#p*)'/>"),
            in_pattern,
        ),
        (
            format!(
                "{pattern}<path id='a' fill='url(#p0)'/><pattern id='q'><use href='#a'/></pattern>"
            ),
            in_pattern,
        ),
        (
            format!("{pattern}<use href='#a' fill='url(#p0)'/><g id='a'/>"),
            shapes_alone,
        ),
        (
            format!("{pattern}<style>g{{fill:url(#p0)}}</style><g/>"),
            shapes_alone,
        ),
        (
            format!("{pattern}<style>*{{fill:url(#p0)}}</style>"),
            "leads back to itself",
        ),
        (
            "<g fill='url(#p)'><pattern id='p'><path d='M0 0'/></pattern></g>".to_owned(),
            shapes_alone,
        ),
        (
            format!("{pattern}<text fill='url(#p0)'><pattern id='q'><path/></pattern></text>"),
            shapes_alone,
        ),
        (
            format!("{pattern}<path fill='url(#p0)'><path d='M0 0'/></path>"),
            shapes_alone,
        ),
    ] {
        let found = refusal(&document(&inner));
        assert!(found.contains(reason), "{inner}\n  {found}");
    }
    // What editors write.
    for inner in [
        format!(
            "<g fill='url(#a)'><path d='M0 0{}'/></g><linearGradient id='a'><stop/><stop/>\
                 </linearGradient>",
            "h1v1".repeat(60_000)
        ),
        format!("{pattern}<path d='M0 0h9' fill='url(#p0)'/>"),
        format!("{pattern}<pattern id='b' href='#p0'/><rect style='fill:url(#b)'/>"),
        format!("{pattern}<text fill='url(#p0)'>A<tspan>B</tspan></text>"),
        "<g clip-path='url(#c)'><path d='M0 0'/><defs>\
         <clipPath id='c'><rect/></clipPath></defs></g>"
            .to_owned(),
        "<linearGradient id='a'><stop/></linearGradient><linearGradient id='b' href='#a'/>\
         <g fill='url(#b)'><path d='M0 0'/></g>"
            .to_owned(),
    ] {
        let svg = sanitise(&document(&inner));
        assert!(svg.is_ok(), "{inner}: {svg:?}");
    }
}

#[test]
fn what_takes_long_to_read_is_refused_before_it_is_read() {
    let repeated = |count: usize, write: fn(usize) -> String| {
        (0..count).fold(String::new(), |text, index| text + &write(index))
    };
    let deep = "<g>".repeat(4_000) + &"</g>".repeat(4_000);
    let attributes = repeated(201, |index| format!(" data-{index}='>'"));
    let namespaces = repeated(64, |index| {
        format!("<g xmlns:n{index}='http://purl.org/dc/{index}'/>")
    });
    let quoted = "<!-- ' --><![CDATA[ \" ]]>";
    let rules = ".a{fill:red}".repeat(201);
    let names = repeated(20_000, |index| format!(".a{index},"));
    let fills = "fill:url(#a);".repeat(10_000);
    for (inner, reason) in [
        (deep, "deeper"),
        ("<path/>".repeat(5_000), "more than 5000 elements"),
        ("<i:a/>".repeat(5_000), "more than 5000 elements"),
        (
            "<!-- x -->".repeat(20_001),
            "more than 20000 elements, comments",
        ),
        (
            format!("{quoted}<path{attributes}/>"),
            "more than 200 attributes",
        ),
        (namespaces, "more than 64 declarations of namespaces"),
        (format!("<style>{rules}</style>"), "more than 200 rules"),
        (
            "<style>.a{fill:red}</style>".repeat(201),
            "more than 200 rules",
        ),
        (
            format!("<style>{names}g{{{fills}}}</style>"),
            "more than 200 references",
        ),
        (
            "<style>g{fill:url(#a);stroke:url(#b)}</style>".repeat(101),
            "more than 200 references",
        ),
    ] {
        let found = refusal(&document(&inner));
        assert!(found.contains(reason), "{found}");
    }
    // Text and quotes are not counted as markup.
    let mut text = String::from("<text>");
    for index in 0..300 {
        let _ = write!(
            text,
            "{index}=xmlns='\" &gt; <!-- <a b=''> --><![CDATA[<c d=\"]]>"
        );
    }
    text.push_str("</text>");
    assert!(sanitise(&document(&text)).is_ok());
}

#[test]
fn a_file_at_its_limits_is_read() {
    let rules = (0..200).fold(String::new(), |text, index| {
        format!("{text}.a{index},.b{index}{{fill:url(#q{index})}}")
    });
    let classes = "a0 a1 a2 a3 a4 a5 a6 a7";
    let elements = format!("<g class='{classes}'/>").repeat(4_000);
    let svg = sanitise(&document(&format!("<style>{rules}</style>{elements}")));
    assert!(svg.unwrap().has_style);
}
