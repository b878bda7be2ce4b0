//! Follows the links of a site of static files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Links that lead to no file, or to no element of a page, with the pages that they are on. Links
/// out of the site are not followed.
pub fn broken(site: &Path) -> Result<Vec<String>> {
    let mut pages = HashMap::new();
    read_pages(site, &mut pages)?;
    let mut broken: Vec<String> = Vec::new();
    for (page, text) in &pages {
        let of_page = values(text, "href").filter(|link| !leads(&pages, page, link));
        let shown = page.strip_prefix(site).unwrap_or(page).display();
        broken.extend(of_page.map(|link| format!("{shown}: {link}")));
    }
    broken.sort();
    broken.dedup();
    Ok(broken)
}

/// The pages of a folder and the folders in it, by path.
fn read_pages(folder: &Path, pages: &mut HashMap<PathBuf, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_pages(&path, pages)?;
        } else if path.extension().is_some_and(|end| end == "html") {
            let text = fs::read_to_string(&path)?;
            pages.insert(path, text);
        }
    }
    Ok(())
}

fn leads(pages: &HashMap<PathBuf, String>, page: &Path, link: &str) -> bool {
    if link.contains("://") || link.starts_with("mailto:") {
        return true;
    }
    let (path, element) = link
        .split_once('#')
        .map_or((link, ""), |(path, element)| (path, element));
    let target = match path {
        "" => page.to_path_buf(),
        path => join(page, path),
    };
    if element.is_empty() || !pages.contains_key(&target) {
        return target.exists();
    }
    values(&pages[&target], "id").any(|id| id == element)
}

/// A path that is relative to the folder of a page.
fn join(page: &Path, link: &str) -> PathBuf {
    let mut path = page.to_path_buf();
    path.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part.replace("%20", " ")),
        }
    }
    path
}

/// The values of an attribute, in the form in which mdBook writes it.
fn values<'t>(html: &'t str, attribute: &str) -> impl Iterator<Item = &'t str> {
    let start = format!(" {attribute}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let value = &rest[rest.find(&start)? + start.len()..];
        let end = value.find('"')?;
        rest = &value[end..];
        Some(&value[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let site = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        let folder = site.join("docs");
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            site.join("index.html"),
            "<h1 id=\"top\"><a class=\"x\" href=\"#top\">",
        )
        .unwrap();
        let links = [
            "../index.html",
            "../index.html#top",
            "../index.html#below",
            "missing.html",
            "#here",
            "..",
            "https://example.com/missing",
            "mailto:a@example.com",
        ];
        let page: String = links
            .iter()
            .map(|link| format!("<a href=\"{link}\">l</a>"))
            .collect();
        fs::write(folder.join("a.html"), page).unwrap();
        let found = broken(&site).unwrap();
        fs::remove_dir_all(&site).unwrap();
        let expected = ["#here", "../index.html#below", "missing.html"];
        assert_eq!(found, expected.map(|link| format!("docs/a.html: {link}")));
    }
}
