//! Reads single values out of JSON, metrics, HTML and lists of packages. Nothing here needs a whole
//! parser, which every first `cargo xtask` would wait for.

/// The text of a field, wherever it first is, without escapes.
pub fn json_text(json: &str, name: &str) -> Option<String> {
    let key = format!("\"{name}\"");
    let mut rest = json;
    loop {
        let (_, after) = rest.split_once(&key)?;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let text = value.and_then(|value| value.strip_prefix('"')?.split_once('"'));
        if let Some((text, _)) = text {
            return Some(text.to_owned());
        }
        rest = after;
    }
}

/// The sum of a metric over all its labels, from Prometheus' text format.
pub fn metric_sum(metrics: &str, name: &str) -> f64 {
    let values = metrics.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with([' ', '{']).then_some(())?;
        rest.rsplit(' ').next()?.parse::<f64>().ok()
    });
    values.sum()
}

/// The style sheets of a page, which a browser waits for before it shows anything.
pub fn style_sheets(html: &str) -> Vec<String> {
    let links = html.split("<link ").skip(1).filter_map(|link| {
        let (attributes, _) = link.split_once('>')?;
        attributes.contains("rel=\"stylesheet\"").then_some(())?;
        let (_, href) = attributes.split_once("href=\"")?;
        Some(href.split_once('"')?.0.to_owned())
    });
    links.collect()
}

/// The version that a list of Python packages pins.
pub fn pinned_version(requirements: &str, package: &str) -> Option<String> {
    let version = requirements.lines().find_map(|line| {
        let (name, version) = line.split_once("==")?;
        (name == package).then_some(version)
    });
    Some(version?.split_whitespace().next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_json_is_found_by_its_whole_name() {
        let json = r#"[{"code_length": 6, "to": "code", "code" : "123-456"}, {"code": "2"}]"#;
        assert_eq!(json_text(json, "code").as_deref(), Some("123-456"));
        assert_eq!(json_text(json, "length"), None);
        assert_eq!(json_text(r#"{"code": null}"#, "code"), None);
    }

    #[test]
    fn a_metric_is_added_over_its_labels_and_not_with_others() {
        let metrics = "# HELP calls_total Calls\ncalls_total{a=\"b c\"} 2\ncalls_total{a=\"d\"} 3\n\
                       calls_total_other 50\ncalls_total 0.5\n";
        assert!((metric_sum(metrics, "calls_total") - 5.5).abs() < 1e-9);
        assert!(metric_sum(metrics, "nothing").abs() < 1e-9);
    }

    #[test]
    fn style_sheets_are_found_and_other_links_are_not() {
        let html = "<link rel=\"icon\" href=\"/i.svg\"/><link rel=\"stylesheet\" href=\"/a.css\"/>\
                    <p><link href=\"/b.css\" rel=\"stylesheet\"></p>";
        assert_eq!(style_sheets(html), ["/a.css", "/b.css"]);
        assert!(style_sheets("<p>none</p>").is_empty());
    }

    #[test]
    fn the_version_is_that_of_the_package_itself() {
        let list = "# a==0\ndjango-allauth==65.1.0 \\\n  --hash=sha256:0\ndjango==5.2.19\n";
        assert_eq!(pinned_version(list, "django").as_deref(), Some("5.2.19"));
        assert_eq!(
            pinned_version(list, "django-allauth").as_deref(),
            Some("65.1.0")
        );
        assert_eq!(pinned_version(list, "gunicorn"), None);
    }
}
