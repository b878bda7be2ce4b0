//! The documentation's table of contents, from which mdBook makes a site, lists every page once, by
//! the page's own heading.

use std::collections::BTreeMap;

use crate::checkout::Checkout;
use crate::finding::Finding;
use crate::links;

/// The table of contents. Its links are relative to its folder.
const CONTENTS: &str = "docs/SUMMARY.md";

/// Pages that the contents must list: all in this folder.
const FOLDER: &str = "docs/";

/// Pages that are missing, that are listed twice, or whose heading is another. That links lead to
/// files is the rule of [`links`].
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let Some(contents) = checkout.file(CONTENTS) else {
        return vec![Finding::new(
            CONTENTS,
            1,
            "the table of contents is missing",
        )];
    };
    let mut listed: BTreeMap<String, usize> = BTreeMap::new();
    let mut findings = Vec::new();
    for (number, line) in contents.lines() {
        for link in links::links(line) {
            let Some(path) = links::join(CONTENTS, &link) else {
                continue;
            };
            if let Some(heading) = heading(checkout, &path)
                && !line.contains(&format!("[{heading}]({link})"))
            {
                let advice = format!("`{link}` has the heading `{heading}`: call it the same");
                findings.push(Finding::new(CONTENTS, number, advice));
            }
            if let Some(first) = listed.insert(path, number) {
                let advice = format!("`{link}` is listed in line {first} too: remove one");
                findings.push(Finding::new(CONTENTS, number, advice));
            }
        }
    }
    let pages = checkout.files(&["md"]).map(|file| file.path.as_str());
    for page in pages.filter(|page| page.starts_with(FOLDER) && *page != CONTENTS) {
        if !listed.contains_key(page) {
            let advice = format!("add this page to {CONTENTS}, where readers find it");
            findings.push(Finding::new(page, 1, advice));
        }
    }
    findings
}

/// The heading of a page, if it has one.
fn heading<'c>(checkout: &'c Checkout, path: &str) -> Option<&'c str> {
    let (_, line) = checkout.file(path)?.lines().next()?;
    line.strip_prefix("# ").map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(contents: &str) -> Vec<String> {
        let checkout = Checkout::of(&[
            (CONTENTS, contents),
            ("docs/a.md", "# A\n\n## Part\n"),
            ("docs/b/c.md", ""),
            ("README.md", "# R\n"),
        ]);
        let findings = check(&checkout);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_page_is_listed_once() {
        let all = "[R](../README.md)\n- [A](a.md)\n  - [C](b/c.md)\n";
        assert_eq!(advice(all), Vec::<String>::new());
        let missing = advice("- [A](a.md)\n");
        assert!(missing.len() == 1 && missing[0].starts_with("docs/b/c.md:1: add"));
        let twice = advice("- [A](a.md)\n- [C](b/c.md)\n- [A](a.md)\n");
        assert!(
            twice.len() == 1 && twice[0].contains("line 1 too"),
            "{twice:?}"
        );
    }

    #[test]
    fn a_page_is_called_by_its_heading() {
        let other = advice("[R](../README.md)\n- [Part](a.md)\n- [C](b/c.md)\n");
        assert!(
            other.len() == 1 && other[0].contains("has the heading `A`"),
            "{other:?}"
        );
    }

    #[test]
    fn a_checkout_without_contents_is_told_so() {
        assert_eq!(check(&Checkout::of(&[("docs/a.md", "")])).len(), 1);
    }
}
