//! Style sheets and properties: what is kept, what is left out, and what is refused.

use super::*;

#[test]
fn styles_that_draw_and_are_not_kept_are_refused() {
    for (inner, reason) in [
        (
            "<style media='print'>path{fill:red}</style>",
            "brand.logo_dark",
        ),
        (
            "<style media='(prefers-color-scheme:dark)'>path{fill:#fff}</style>",
            "brand.logo_dark",
        ),
        ("<style media=''>path{fill:red}</style>", "`media`"),
        (
            "<style type='text/plain'>path{display:none}</style>",
            "another language than CSS",
        ),
        ("<style type='text/less'>path{x:y}</style>", "`type`"),
        ("<style title='other'>path{fill:red}</style>", "`title`"),
        (
            "<style onload='alert(1)'>path{fill:red}</style>",
            "`onload`",
        ),
        ("<style href='//evil.example/x.css'/>", "`href`"),
        ("<style nonce='x'>path{fill:red}</style>", "`nonce`"),
        ("<path style='filter:blur(99px)'/>", "very long"),
        ("<path style='filter:url(#a)'/>", "`filter`, which can take"),
        ("<path style='backdrop-filter:invert'/>", "very long"),
        ("<path style='-webkit-filter:invert'/>", "very long"),
        ("<path style='d:path(\"M0 0\")'/>", "has `d`"),
        ("<path style='d:none'/>", "has `d`"),
        ("<rect style='width:auto'/>", "has `width`"),
        ("<circle style='r:9px'/>", "has `r`"),
        ("<rect style='x:1;y:2'/>", "has `x`"),
        ("<path style='--x:red;fill:var(--x)'/>", "has `--x`"),
        ("<path style='all:initial'/>", "has `all`"),
        ("<path style='zoom:2'/>", "has `zoom`"),
        ("<path style='rotate:9deg'/>", "has `rotate`"),
        ("<path style='scale:2'/>", "has `scale`"),
        (
            "<path style='text-shadow:0 0 1px red'/>",
            "has `text-shadow`",
        ),
        ("<path style='-webkit-text-stroke:1px'/>", "text-stroke`"),
        ("<path style='-webkit-mask:url(#a)'/>", "webkit-mask`"),
        ("<path style='mask-image:url(#a)'/>", "has `mask-image`"),
        ("<path style='mask:-moz-element(#a)'/>", "function"),
        ("<path style='content:url(#a)'/>", "has `content`"),
        ("<path style='motion-path:path(\"M0 0\")'/>", "moves"),
        ("<path style='\\66 ilter:blur(9px)'/>", "hidden"),
        ("<path style='\\61nimation:x 1s'/>", "hidden"),
        ("<style>path{\\66ill:red}</style>", "hidden"),
        ("<style>\\70 ath{fill:red}</style>", "hidden"),
        ("<path style='\u{a0}fill:red'/>", "has `\u{a0}fill`"),
    ] {
        let found = refusal(&document(inner));
        assert!(found.contains(reason), "{inner}\n  {found}");
    }
}

/// A style, and what is written of it.
#[test]
fn what_draws_nothing_is_left_out_of_a_style() {
    for (style, written) in [
        ("-inkscape-font-specification:Sans;fill:red", "fill:red"),
        ("-inkscape-stroke:hairline", ""),
        ("enable-background:new 0 0 9 9;", ""),
        ("marker:none;filter:none;FILL:RED", "fill:RED"),
        ("marker-start:none;text-shadow:none", ""),
        ("solid-color:#000000;color-rendering:auto", ""),
        ("-webkit-font-smoothing:antialiased;cursor:pointer", ""),
        (
            "font-variant-ligatures:normal",
            "font-variant-ligatures:normal",
        ),
        ("stroke : url( '#a' ) ;", "stroke:url(#a)"),
        (
            "transform:rotate(4deg) translateX(2px)",
            "transform:rotate(4deg) translateX(2px)",
        ),
    ] {
        let svg = sanitise(&document(&format!("<path style=\"{style}\"/>"))).unwrap();
        let expected = match written {
            "" => "<path/>".to_owned(),
            written => format!("<path style=\"{written}\"/>"),
        };
        assert!(svg.text.contains(&expected), "{style}: {}", svg.text);
    }
}

/// The content of a style sheet, and what is written of it.
#[test]
fn a_style_sheet_is_its_text_without_comments() {
    for (content, written) in [
        ("<!-- path{fill:red} -->", ""),
        ("path{<!-- fill:red; -->fill:blue}", "path{fill:blue}"),
        ("pa<!-- x -->th{fill:red}", "path{fill:red}"),
        ("<![CDATA[path{fill:red}]]>", "path{fill:red}"),
        ("/* { */path{fill:red}/* } */", "path{fill:red}"),
        ("/**//***/.a>g{fill:red}", ".a&gt;g{fill:red}"),
    ] {
        let text = document(&format!("<style type='TEXT/CSS' id='s'>{content}</style>"));
        let svg = sanitise(&text).unwrap();
        let expected = format!("<style>{written}</style>");
        assert!(svg.text.contains(&expected), "{content}: {}", svg.text);
    }
    let split = "<style>@im<!-- -->port 'x';path{fill:red}</style>";
    assert!(refusal(&document(split)).contains("`@import`"));
}

#[test]
fn addresses_are_written_without_what_browsers_read_otherwise() {
    for (inner, written) in [
        ("<use href=' #a '/>", "<use href=\"#a\"/>"),
        ("<use xlink:href='&#9;#a'/>", "<use href=\"#a\"/>"),
        (
            "<path fill='url( \"#a\" ) #000'/>",
            "<path fill=\"url(#a) #000\"/>",
        ),
        ("<path mask='url(&#10;#a)'/>", "<path mask=\"url(#a)\"/>"),
    ] {
        let svg = sanitise(&document(inner)).unwrap();
        assert!(svg.text.contains(written), "{inner}: {}", svg.text);
    }
    for space in [
        '\u{85}', '\u{a0}', '\u{2003}', '\u{2028}', '\u{3000}', '\u{feff}',
    ] {
        for inner in [
            format!("<use href='{space}#a'/>"),
            format!("<use xlink:href='#a{space}'/>"),
            format!("<path fill='url({space}#a)'/>"),
            format!("<path style='mask:url({space}#a)'/>"),
            format!("<style>path{{fill:url(#a{space})}}</style>"),
        ] {
            refusal(&document(&inner));
        }
    }
}
