//! Links in Markdown lead to files and headings that exist, and so do paths that Markdown names.

use std::collections::HashMap;

use crate::checkout::{Checkout, TextFile};
use crate::exceptions::{Exceptions, covers};
use crate::finding::Finding;

/// Paths in code spans that begin like this are looked up.
const FOLDERS: [&str; 12] = [
    "src/",
    "crates/",
    "tests/",
    "docs/",
    "style/",
    "public/",
    "end2end/",
    "benches/",
    "examples/",
    "deploy/",
    ".github/",
    ".config/",
];
/// Names files as they were.
const HISTORY: &str = "CHANGELOG.md";

/// Links and paths that lead nowhere.
pub fn check(checkout: &Checkout, exceptions: &Exceptions) -> Vec<Finding> {
    let headings: HashMap<&str, Vec<String>> = checkout
        .files(&["md"])
        .map(|file| (file.path.as_str(), headings(&file.text)))
        .collect();
    let mut findings = Vec::new();
    for file in checkout.files(&["md"]) {
        for (number, line) in prose(file) {
            for link in links(&without_code(line)) {
                if let Some(advice) = broken(checkout, &headings, &file.path, &link) {
                    findings.push(Finding::new(&file.path, number, advice));
                }
            }
            let spans = code_spans(line)
                .into_iter()
                .filter(|span| is_path(span) && file.path != HISTORY);
            for span in
                spans.filter(|span| !checkout.exists(span) && !covers(&exceptions.links, span))
            {
                let advice =
                    format!("`{span}` is not in the repository: name a file or folder that is");
                findings.push(Finding::new(&file.path, number, advice));
            }
        }
    }
    findings
}

/// Why a link leads nowhere, and what to do. Links out of the repository are not followed.
fn broken(
    checkout: &Checkout,
    headings: &HashMap<&str, Vec<String>>,
    from: &str,
    link: &str,
) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link
        .split_once('#')
        .map_or((link, None), |(path, heading)| (path, Some(heading)));
    let target = if path.is_empty() {
        Some(from.to_owned())
    } else {
        join(from, path)
    };
    let Some(target) = target.filter(|target| checkout.exists(target)) else {
        return Some(format!(
            "the link `{link}` leads to no file: correct its path"
        ));
    };
    let heading = heading.filter(|heading| !heading.is_empty())?;
    let known = headings.get(target.as_str())?;
    let there = known.iter().any(|known| known == heading);
    (!there).then(|| {
        format!("the link `{link}` leads to no heading of {target}: correct what follows `#`")
    })
}

/// A path that is relative to the folder of a file. `None` if it leaves the repository.
pub(crate) fn join(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The lines outside of fenced code.
fn prose(file: &TextFile) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    file.lines().filter(move |(_, line)| {
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => return true,
            _ => {}
        }
        false
    })
}

/// The parts of a line between single backticks.
fn code_spans(line: &str) -> Vec<&str> {
    if has_open_code(line) {
        Vec::new()
    } else {
        line.split('`').skip(1).step_by(2).collect()
    }
}

fn without_code(line: &str) -> String {
    if has_open_code(line) {
        return line.to_owned();
    }
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// Whether code goes on from another line, or into one: what is code is then not known.
fn has_open_code(line: &str) -> bool {
    !line.matches('`').count().is_multiple_of(2)
}

fn is_path(span: &str) -> bool {
    let plain = span
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    plain && FOLDERS.iter().any(|folder| span.starts_with(folder)) && !span.contains("...")
}

/// The targets of `[text](target)`, `[text]: target`, `src="target"` and `href="target"`.
pub(crate) fn links(line: &str) -> Vec<String> {
    let inline = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next());
    let html = ["src=\"", "href=\""].into_iter().flat_map(|start| {
        line.split(start)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
    });
    let definition = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "))
        .and_then(|(_, target)| target.split_whitespace().next());
    inline
        .chain(html)
        .chain(definition)
        .map(|link| link.trim_matches(['<', '>']).to_owned())
        .collect()
}

/// The anchors of a text: those of its headings, as GitHub makes them, and those that it names.
fn headings(text: &str) -> Vec<String> {
    let file = TextFile {
        path: String::new(),
        text: text.to_owned(),
    };
    let (mut anchors, mut counts) = (Vec::new(), HashMap::<String, usize>::new());
    for (_, line) in prose(&file) {
        for start in ["id=\"", "name=\""] {
            anchors.extend(
                line.split(start)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next())
                    .map(str::to_owned),
            );
        }
        let title = line.trim_start_matches('#');
        let level = line.len() - title.len();
        if (1..=6).contains(&level) && title.starts_with(' ') {
            let anchor = anchor(title);
            let count = counts.entry(anchor.clone()).or_default();
            anchors.push(if *count == 0 {
                anchor
            } else {
                format!("{anchor}-{count}")
            });
            *count += 1;
        }
    }
    anchors
}

fn anchor(title: &str) -> String {
    let text = title.trim().trim_end_matches('#').trim();
    // Of a link in a heading only the text counts.
    let text: String = text
        .split("](")
        .enumerate()
        .map(|(at, part)| {
            if at == 0 {
                part
            } else {
                part.split_once(')').map_or("", |(_, rest)| rest)
            }
        })
        .collect();
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exceptions::Exception;

    const OTHER: &str = "# One\n\n## What is `kept`, and why\n\n## One\n\n```\n# not one\n```\n\
                         <a id=\"named\"></a>\n";

    fn broken_lines(text: &str) -> Vec<usize> {
        let files = [
            ("docs/a.md", text),
            ("docs/b/other.md", OTHER),
            ("README.md", "# Top\n"),
            ("src/lib.rs", ""),
        ];
        check(&Checkout::of(&files), &Exceptions::default())
            .into_iter()
            .map(|found| found.line)
            .collect()
    }

    #[test]
    fn links_to_files_folders_and_headings_that_exist_are_fine() {
        let text = "# Here\n[a](b/other.md) [b](../README.md#top) ![c](b/) [d](#here)\n\
                    [e](b/other.md#what-is-kept-and-why)\n\
                    [f](b/other.md#one-1) [g](b/other.md#named)\n\
                    [h](https://example.com/x#y) <img src=\"../README.md\">\n[i]: b/other.md\n";
        assert_eq!(broken_lines(text), [0; 0]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](missing.md)\n[b](b/other.md#not-a-heading)\n[c](../../outside.md)\n\
                    [d](#nothing)\n[e]: gone.md\n";
        assert_eq!(broken_lines(text), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(
            broken_lines("`[a](missing.md)`\n```\n[a](missing.md)\n```\n"),
            [0; 0]
        );
    }

    #[test]
    fn code_that_goes_on_in_the_next_line_is_let_pass() {
        assert_eq!(
            broken_lines("`cargo run\n--example` and `src/missing.rs\n"),
            [0; 0]
        );
    }

    #[test]
    fn paths_that_are_named_exist() {
        assert_eq!(
            broken_lines("`src/lib.rs` `src/` `src/NAME.rs --flag` `/src/x`\n`src/missing.rs`\n"),
            [2]
        );
        let links = vec![Exception {
            of: "docs/made/".into(),
            reason: "made by a command".into(),
        }];
        let exceptions = Exceptions {
            links,
            ..Exceptions::default()
        };
        assert_eq!(
            check(
                &Checkout::of(&[("a.md", "`docs/made/x.md`\n")]),
                &exceptions
            ),
            []
        );
    }
}
