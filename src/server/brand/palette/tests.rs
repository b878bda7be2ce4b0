//! The promises of a palette, for every colour.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const SCHEMES: [Scheme; 2] = [Scheme::Light, Scheme::Dark];
const STYLE: [&str; 7] = [
    include_str!("../../../../style/base.css"),
    include_str!("../../../../style/buttons.css"),
    include_str!("../../../../style/fields.css"),
    include_str!("../../../../style/frame.css"),
    include_str!("../../../../style/media.css"),
    include_str!("../../../../style/messages.css"),
    include_str!("../../../../style/pages.css"),
];

fn color(text: &str) -> Color {
    text.parse().unwrap()
}

fn token(scheme: Scheme, name: &str) -> Color {
    tokens::color(scheme, name).unwrap()
}

/// Everything that a palette promises.
fn assert_readable(scheme: Scheme, palette: &Palette) {
    for shade in [palette.accent, palette.strong] {
        assert!(failure(scheme, shade).is_none(), "{scheme:?} {palette:?}");
    }
    assert!(palette.accent.contrast(palette.soft) >= TEXT, "{palette:?}");
    let text = token(scheme, "--text").contrast(palette.soft);
    assert!(text >= 7.0, "{palette:?}: {text}");
    for name in AROUND_FOCUS {
        let ground = token(scheme, name);
        let ring = palette
            .accent
            .over(ground, f64::from(palette.ring_alpha) / 255.0);
        assert!(ring.contrast(ground) >= SHAPE, "{palette:?} on {name}");
    }
}

#[test]
fn w8_our_own_accent_passes_in_both_schemes() {
    for scheme in SCHEMES {
        let palette = Palette::new(scheme, token(scheme, "--accent")).unwrap();
        assert_readable(scheme, &palette);
    }
}

#[test]
fn a_failing_accent_is_refused_with_the_nearest_that_passes() {
    for (scheme, accent, surface) in [
        (Scheme::Light, "#ffd400", "the page"),
        (Scheme::Light, "#fff", "the page"),
        (Scheme::Light, "#ff6a00", "the page"),
        (Scheme::Dark, "#000", "the page"),
        (Scheme::Dark, "#2743b8", "the page"),
    ] {
        let error = Palette::new(scheme, color(accent)).unwrap_err();
        assert!(
            error.contains(surface) && error.contains("4.5:1"),
            "{error}"
        );
        let proposed = error.rsplit(' ').next().unwrap();
        assert!(Palette::new(scheme, color(proposed)).is_ok(), "{error}");
    }
    let passing = color("#0a6e3f");
    assert_eq!(nearest_passing(Scheme::Light, passing), passing);
}

/// A use of the accent in the style sheet that is not looked at here fails this test.
#[test]
fn every_use_of_the_accent_is_known() {
    let declarations = STYLE.iter().flat_map(|file| file.lines()).map(str::trim);
    let uses: BTreeSet<&str> = declarations
        .filter(|line| {
            ["--accent", "--on-accent", "--ring"]
                .iter()
                .any(|name| line.contains(name))
        })
        .filter_map(|line| line.strip_suffix(';'))
        .collect();
    let known = [
        // Text and icons on the page, in its middle, and in notices.
        "color: var(--accent)",
        "color: var(--accent-strong)",
        // Areas with `--on-accent` on them, and bars.
        "background: var(--accent)",
        "background: var(--accent-strong)",
        "background-color: var(--accent)",
        // Borders, rings and carets.
        "border-color: var(--accent)",
        "caret-color: var(--accent)",
        "outline: 3px solid var(--accent)",
        "outline: 3px solid var(--ring)",
        // Behind text, and behind icons and links in the accent.
        "background: var(--accent-soft)",
        "background-color: var(--accent-soft)",
        "color: var(--on-accent)",
    ];
    assert_eq!(uses, BTreeSet::from(known));
}

#[test]
fn the_accent_at_every_hue_passes_or_has_a_proposal_of_its_hue() {
    for scheme in SCHEMES {
        for (hue, lightness) in (0..72).flat_map(|hue| [(hue, 0.3), (hue, 0.6), (hue, 0.9)]) {
            let shade = Oklch {
                lightness,
                chroma: 0.12,
                hue: f64::from(hue * 5).to_radians(),
            };
            let proposed = nearest_passing(scheme, shade.to_color());
            assert_readable(scheme, &Palette::new(scheme, proposed).unwrap());
            let proposed = Oklch::from(proposed);
            // The hue of what is nearly grey cannot be told.
            if proposed.chroma > 0.04 {
                let turn = (proposed.hue - shade.hue).to_degrees().rem_euclid(360.0);
                assert!(turn.min(360.0 - turn) < 6.0, "{shade:?} {proposed:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_colour_is_taken_or_answered_with_one_that_is(channels: [u8; 3]) {
        let accent = Color { channels };
        for scheme in SCHEMES {
            let palette = match Palette::new(scheme, accent) {
                Ok(palette) => palette,
                Err(error) => {
                    let proposed = error.rsplit(' ').next().unwrap_or_default();
                    Palette::new(scheme, color(proposed)).unwrap()
                }
            };
            assert_readable(scheme, &palette);
        }
        assert_readable(Scheme::Dark, &Palette::dark_from(accent));
    }
}
