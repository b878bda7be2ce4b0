//! Hostile files of every kind, and files as editors write them.

mod bombs;
mod styles;

use super::*;

const OPEN: &str = "<svg xmlns='http://www.w3.org/2000/svg' \
    xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 90 30'>";

fn document(inner: &str) -> String {
    format!("{OPEN}{inner}</svg>")
}

fn refusal(text: &str) -> String {
    match sanitise(text) {
        Ok(svg) => panic!("taken: {text}\nas {}", svg.text),
        Err(reason) => reason,
    }
}

#[test]
fn what_runs_loads_or_moves_is_refused_with_the_reason() {
    for (inner, reason) in [
        ("<script>alert(1)</script>", "`script`, which runs a script"),
        (
            "<g><script href='//evil.example/x.js'/></g>",
            "runs a script",
        ),
        (
            "<x:script xmlns:x='http://www.w3.org/2000/svg'>1</x:script>",
            "runs a script",
        ),
        (
            "<html:script xmlns:html='http://www.w3.org/1999/xhtml'/>",
            "another language",
        ),
        ("<SCRIPT>1</SCRIPT>", "not in the list"),
        ("<handler type='text/javascript'/>", "runs a script"),
        ("<foreignObject><p/></foreignObject>", "another document"),
        (
            "<iframe xmlns='http://www.w3.org/1999/xhtml' src='//e'/>",
            "another language",
        ),
        ("<none xmlns=''/>", "another language"),
        (
            "<image href='https://evil.example/x.png'/>",
            "loads another image",
        ),
        (
            "<image xlink:href='data:image/png;base64,AA'/>",
            "loads another image",
        ),
        (
            "<use href='https://evil.example/x.svg#a'/>",
            "leads out of the file",
        ),
        (
            "<use xlink:href='//evil.example/#a'/>",
            "leads out of the file",
        ),
        (
            "<use href='data:image/svg+xml,x#a'/>",
            "leads out of the file",
        ),
        ("<use href='javascript:alert(1)'/>", "leads out of the file"),
        ("<use href=''/>", "leads out of the file"),
        (
            "<a href='https://evil.example/'><path d='M0 0'/></a>",
            "`a`",
        ),
        (
            "<path d='M0 0' onload='alert(1)'/>",
            "`onload`, which runs a script",
        ),
        ("<path d='M0 0' ONCLICK='alert(1)'/>", "runs a script"),
        ("<animate attributeName='href' to='javascript:1'/>", "moves"),
        (
            "<path d='M0 0'><set attributeName='fill' to='red'/></path>",
            "moves",
        ),
        ("<animateTransform attributeName='transform'/>", "moves"),
        (
            "<style>@import url(//evil.example/x.css);</style>",
            "style sheet that",
        ),
        (
            "<style>@import '//evil.example/x.css';</style>",
            "style sheet that",
        ),
        (
            "<style>@font-face{font-family:x;src:url(//e)}</style>",
            "`@font-face`",
        ),
        (
            "<style>@media (min-width:1px){path{fill:red}}</style>",
            "`@media`",
        ),
        ("<style>@keyframes x{to{fill:red}}</style>", "`@keyframes`"),
        (
            "<style>path{fill:url(https://evil.example/#a)}</style>",
            "has an address",
        ),
        (
            "<style>path{background:url(data:image/png;base64,AA)}</style>",
            "holds another file",
        ),
        ("<style>path{fill:\\75rl(//evil.example)}</style>", "hidden"),
        (
            "<style>path{animation:x 1s}</style>",
            "`animation`, which moves",
        ),
        ("<style>path{-webkit-transition:all 1s}</style>", "moves"),
        ("<style>path{-moz-binding:url(#a)}</style>", "runs a script"),
        ("<style>path[d^='M']{fill:red}</style>", "selector"),
        ("<style>path{fill:red</style>", "without an end"),
        ("<style>/* path{fill:red}</style>", "without an end"),
        (
            "<style>path{fill:red}<script xmlns=''/></style>",
            "elements in it",
        ),
        (
            "<path d='M0 0' style='fill:url(//evil.example)'/>",
            "loads another file",
        ),
        ("<path d='M0 0' style='behavior:url(#a)'/>", "runs a script"),
        ("<path d='M0 0' style='fill:red;}a{x:y'/>", "brackets"),
        (
            "<path d='M0 0' fill='url(https://evil.example/#a)'/>",
            "has an address",
        ),
        (
            "<path d='M0 0' fill='url(x.svg#a)'/>",
            "`fill`, whose value loads",
        ),
        ("<path d='M0 0' mask='URL(#a)'/>", "loads another file"),
        (
            "<path d='M0 0' xml:base='https://evil.example/'/>",
            "`base`",
        ),
        (
            "<path d='M0 0' src='x'/>",
            "`src`, which is not in the list",
        ),
        (
            "<path d='M0 0' x:href='//e' xmlns:x='urn:x'/>",
            "another language",
        ),
        ("<filter id='a'/>", "very long"),
        (
            "<metadata><script>1</script></metadata>",
            "hides the element `script`",
        ),
        (
            "<title><p xmlns='http://www.w3.org/1999/xhtml'/></title>",
            "hides the element `p`",
        ),
        (
            "<?xml-stylesheet href='//evil.example/x.css'?>",
            "processing instruction",
        ),
        ("<g><?php echo 1 ?></g>", "processing instruction"),
        ("<g id='a'><use href='#a'/></g>", "leads back to itself"),
        (
            "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>",
            "leads back",
        ),
        (
            "<style>.x{fill:url(#p)}</style><pattern id='p'><path class='x' d='M0 0'/></pattern>",
            "leads back to itself",
        ),
        (
            "<g xml:id='b' id='a'><use href='#a'/></g>",
            "leads back to itself",
        ),
        ("<path d='&undefined;'/>", "is no SVG file"),
        ("<path d='M0 0'", "is no SVG file"),
        ("<x:path/>", "is no SVG file"),
    ] {
        let found = refusal(&document(inner));
        assert!(found.contains(reason), "{inner}\n  {found}");
        assert!(
            !found.contains("is no SVG file") || reason == "is no SVG file",
            "{inner}: {found}"
        );
    }
}

#[test]
fn a_doctype_is_refused_whatever_it_defines() {
    for doctype in [
        "<!DOCTYPE svg>",
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/x.dtd'>",
        "<!DOCTYPE svg [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]>",
        "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE svg [<!ATTLIST path onload CDATA 'alert(1)'>]>",
    ] {
        let found = refusal(&format!("{doctype}{}", document("<path d='M0 0'/>")));
        assert!(found.contains("DOCTYPE"), "{doctype}: {found}");
    }
}

#[test]
fn an_image_needs_a_size_and_the_namespace_of_svg() {
    for (text, reason) in [
        ("<svg viewBox='0 0 9 3'/>", "namespace"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'/>", "namespace"),
        (
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "neither a `viewBox`",
        ),
        (
            "<svg xmlns='http://www.w3.org/2000/svg' width='100%' height='9'/>",
            "neither",
        ),
        (
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9'/>",
            "four numbers",
        ),
    ] {
        let found = refusal(text);
        assert!(found.contains(reason), "{text}: {found}");
    }
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='90px' height='30'/>";
    assert_eq!(sanitise(svg).unwrap().ratio, 3.0);
}

/// The attributes of an image, and those that are written.
#[test]
fn an_image_is_written_with_the_size_at_which_pages_show_it() {
    for (attributes, written) in [
        ("viewBox='0 0 90 30'", "viewBox=\"0 0 90 30\" width=\"96\""),
        (
            "viewBox='-5,5 100000 50000' width='30' height='999'",
            "viewBox=\"-5 5 100000 50000\" width=\"64\"",
        ),
        (
            "viewBox='1e6 -1e6 .02 .01'",
            "viewBox=\"1000000 -1000000 0.02 0.01\" width=\"64\"",
        ),
        (
            "width='100' height='30px'",
            "viewBox=\"0 0 100 30\" width=\"106.67\"",
        ),
    ] {
        let svg = sanitise(&format!("<svg xmlns='{SVG}' {attributes}/>")).unwrap();
        let expected = format!("<svg xmlns=\"{SVG}\" {written} height=\"32\"></svg>");
        assert_eq!(svg.text, expected, "{attributes}");
    }
    for attributes in [
        "viewBox='0 0 0 3'",
        "viewBox='0 0 NaN 3'",
        "viewBox='0 0 inf 3'",
        "viewBox='0 0 -9 -3'",
        "viewBox='0 0 1e30 1e30'",
        "viewBox='0 0 1e308 1e308'",
        "viewBox='0 0 1e-300 1e-300'",
        "viewBox='0 0 5e-324 5e-324'",
        "viewBox='0 0 1e308 1e-308'",
        "viewBox='0 0 100001 30'",
        "viewBox='0 0 .02 .009'",
        "viewBox='1e308 0 90 30'",
        "viewBox='0 -1000001 90 30'",
        "viewBox='0 inf 90 30'",
        "width='1e308' height='1e308'",
        "width='0' height='0'",
        "width='inf' height='inf'",
        "width='nan' height='nan'",
    ] {
        let found = refusal(&format!("<svg xmlns='{SVG}' {attributes}/>"));
        assert!(found.contains("beyond the range"), "{attributes}: {found}");
    }
}

/// A file with what Inkscape, Illustrator, Figma and Sketch write.
#[test]
fn files_of_editors_are_taken_without_what_nobody_sees() {
    let text = "<?xml version='1.0' encoding='UTF-8' standalone='no'?>\n\
        <!-- Generator: Adobe Illustrator -->\n\
        <svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' \
        xmlns:inkscape='http://www.inkscape.org/namespaces/inkscape' \
        xmlns:sodipodi='http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd' \
        xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
        version='1.1' id='Layer_1' x='0px' y='0px' viewBox='0 0 90 30' xml:space='preserve' \
        style='enable-background:new 0 0 90 30;' inkscape:version='1.3'>\n\
        <title>Example &amp; Co</title>\n\
        <metadata><rdf:RDF><rdf:li>x</rdf:li></rdf:RDF></metadata>\n\
        <sodipodi:namedview pagecolor='#fff' inkscape:zoom='2'/>\n\
        <style type='text/css'>/* c */ .st0{fill:#0A6E3F;}\n.st1 , .st2{fill:url(#g);}</style>\n\
        <defs><linearGradient id='g' gradientUnits='userSpaceOnUse'><stop offset='0' \
        style='stop-color:#fff;-inkscape-stroke:none'/></linearGradient>\n\
        <clipPath id='c'><rect width='90' height='30' fill='white'/></clipPath></defs>\n\
        <g clip-path='url(#c)' inkscape:label='Layer' data-name='x' aria-label='y'>\n\
        <path class='st1' d='M0 0h9v9z' id='p'/><use xlink:href='#p' x='9'/>\
        <text x='1' font-family='Arial, sans-serif'>A &lt; B</text></g></svg>";
    let svg = sanitise(text).unwrap();
    assert_eq!(
        svg.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 90 30\" width=\"96\" \
         height=\"32\" id=\"Layer_1\">\
         <style>.st0{fill:#0A6E3F}.st1 , .st2{fill:url(#g)}</style>\
         <defs><linearGradient id=\"g\" gradientUnits=\"userSpaceOnUse\"><stop offset=\"0\" \
         style=\"stop-color:#fff\"/></linearGradient>\
         <clipPath id=\"c\"><rect width=\"90\" height=\"30\" fill=\"white\"/></clipPath></defs>\
         <g clip-path=\"url(#c)\">\
         <path class=\"st1\" d=\"M0 0h9v9z\" id=\"p\"/><use href=\"#p\" x=\"9\"/>\
         <text x=\"1\" font-family=\"Arial, sans-serif\">A &lt; B</text></g></svg>"
    );
    assert!(svg.has_style);
    // What was written is taken again, and stays as it is.
    let again = sanitise(&svg.text).unwrap();
    assert_eq!(again.text, svg.text);
}

#[test]
fn a_file_without_styles_needs_none_in_its_policy() {
    let svg = sanitise(&document("<rect width='9' height='9' fill='#000'/>")).unwrap();
    assert!(!svg.has_style);
    assert_eq!(svg.ratio, 3.0);
}
