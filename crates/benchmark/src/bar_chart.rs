//! Bar charts in SVG, for the figures of benchmarks. They have a light and a dark appearance.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const ROW: f64 = 24.0;
/// Where the bars begin: names stand to the left.
const LEFT: f64 = 250.0;
/// Where the longest bar ends: its figure stands to the right.
const RIGHT: f64 = 560.0;
const TOP: f64 = 40.0;
/// The colours, which follow the browser's.
const STYLE: &str = "<style>.page{fill:#fff}text{fill:#1f2328}.bar{fill:#2f6fab}\
     @media(prefers-color-scheme:dark){.page{fill:#161b22}text{fill:#e6edf3}.bar{fill:#6cb0f0}}\
     </style>";

/// A chart of one bar for each name. `unit` follows every figure.
pub fn bar_chart(title: &str, unit: &str, bars: &[(String, f64)]) -> String {
    let height = TOP + ROW * bars.len() as f64 + 8.0;
    let longest = bars.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>{0}</title>\n\
         {STYLE}\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n\
         <text x=\"8\" y=\"22\" font-size=\"15\">{0}</text>\n",
        escape(title)
    );
    for (row, (name, value)) in bars.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let length = if longest > 0.0 {
            (RIGHT - LEFT) * value / longest
        } else {
            0.0
        };
        let (text_y, text_x, name_x) = (y + 14.0, LEFT + length + 6.0, LEFT - 8.0);
        let _ = writeln!(
            svg,
            "<text x=\"{name_x}\" y=\"{text_y}\" text-anchor=\"end\">{}</text>\
             <rect class=\"bar\" x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"18\"/>\
             <text x=\"{text_x:.1}\" y=\"{text_y}\">{value:.2} {}</text>",
            escape(name),
            escape(unit)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_has_the_longest_bar_and_every_value_is_written() {
        let bars = [("a < b".to_owned(), 2.0), ("c".to_owned(), 0.5)];
        let svg = bar_chart("Time & more", "ms", &bars);
        assert!(svg.contains("Time &amp; more") && svg.contains("a &lt; b"));
        assert!(svg.contains("width=\"310.0\"") && svg.contains("width=\"77.5\""));
        assert!(svg.contains(">2.00 ms<") && svg.contains(">0.50 ms<"));
    }

    #[test]
    fn a_chart_has_a_dark_appearance_too() {
        let svg = bar_chart("t", "ms", &[]);
        assert!(svg.contains("prefers-color-scheme:dark"));
        assert!(
            !svg.replace(STYLE, "").contains("fill="),
            "no colour that stays"
        );
    }

    #[test]
    fn nothing_has_no_bar() {
        let svg = bar_chart("t", "ms", &[("a".to_owned(), 0.0)]);
        assert!(svg.contains("width=\"0.0\""));
    }
}
