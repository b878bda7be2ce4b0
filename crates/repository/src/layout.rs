//! Files are found by their module's name: no `mod.rs`, and no `#[path]` attribute.

use syn::visit::{self, Visit};

use crate::checkout::Checkout;
use crate::declarations::line_of;
use crate::finding::Finding;

/// Modules that are not where their name says.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let mut findings: Vec<Finding> = checkout
        .paths()
        .filter(|path| path.ends_with("/mod.rs"))
        .map(|path| {
            let name = path.trim_end_matches("/mod.rs");
            Finding::new(path, 1, format!("move this file to {name}.rs"))
        })
        .collect();
    for file in checkout.files(&["rs"]) {
        let Ok(parsed) = syn::parse_file(&file.text) else {
            continue;
        };
        let mut attributes = PathAttributes {
            file: &file.path,
            findings: &mut findings,
        };
        attributes.visit_file(&parsed);
    }
    findings
}

struct PathAttributes<'a> {
    file: &'a str,
    findings: &'a mut Vec<Finding>,
}

impl<'ast> Visit<'ast> for PathAttributes<'_> {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("path") {
            let advice = "remove `#[path]`: move the module to where its name says, \
                          or share it through a package";
            self.findings.push(Finding::new(
                self.file,
                line_of(attribute.pound_token.span),
                advice,
            ));
        }
        visit::visit_attribute(self, attribute);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mod_files_and_path_attributes_are_found() {
        let checkout = Checkout::of(&[
            ("src/a/mod.rs", ""),
            (
                "tests/b.rs",
                "//! Text with #[path].\n#[cfg(test)]\n#[path = \"c.rs\"]\nmod c;\n",
            ),
            ("tests/d.rs", "const SAMPLE: &str = \"#[path]\";\n"),
        ]);
        let findings: Vec<_> = check(&checkout)
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect();
        assert_eq!(
            findings,
            [("src/a/mod.rs".to_owned(), 1), ("tests/b.rs".to_owned(), 3)]
        );
    }
}
