//! What a Rust file declares: types, functions and modules inside the file.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Visibility};

/// What kind of thing a declaration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    Type,
    Function,
    Module,
}

/// A name, and where it is declared.
#[derive(Debug)]
pub struct Declaration {
    pub kind: DeclarationKind,
    pub name: String,
    pub line: usize,
    /// `pub` or `pub(crate)`.
    pub public: bool,
    /// In a module that only tests compile.
    pub in_tests: bool,
}

/// Everything that this text declares.
///
/// # Errors
///
/// The text is not Rust.
pub fn declarations(text: &str) -> Result<Vec<Declaration>, syn::Error> {
    let file = syn::parse_file(text)?;
    let mut collector = Collector {
        found: Vec::new(),
        in_tests: false,
    };
    collector.visit_file(&file);
    Ok(collector.found)
}

/// The line on which something begins.
pub fn line_of(span: Span) -> usize {
    span.start().line
}

/// Whether only tests compile what has these attributes: `#[cfg(test)]` or `#[cfg(all(test, …))]`.
pub fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => needs_test(list.tokens.clone()),
        syn::Meta::Path(path) => path
            .segments
            .last()
            .is_some_and(|last| last.ident == "test"),
        syn::Meta::List(list) => list
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "test"),
        syn::Meta::NameValue(_) => false,
    })
}

fn needs_test(condition: TokenStream) -> bool {
    let mut tokens = condition.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(word)), None) => word == "test",
        (Some(TokenTree::Ident(word)), Some(TokenTree::Group(group))) if word == "all" => group
            .stream()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "test")),
        _ => false,
    }
}

struct Collector {
    found: Vec<Declaration>,
    in_tests: bool,
}

impl Collector {
    fn add(&mut self, kind: DeclarationKind, name: &syn::Ident, visibility: &Visibility) {
        let public = match visibility {
            Visibility::Public(_) => true,
            Visibility::Restricted(restricted) => restricted.path.is_ident("crate"),
            Visibility::Inherited => false,
        };
        let line = line_of(name.span());
        self.found.push(Declaration {
            kind,
            name: name.to_string(),
            line,
            public,
            in_tests: self.in_tests,
        });
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(DeclarationKind::Type, &item.ident, &item.vis);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(DeclarationKind::Type, &item.ident, &item.vis);
    }

    fn visit_item_union(&mut self, item: &'ast syn::ItemUnion) {
        self.add(DeclarationKind::Type, &item.ident, &item.vis);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(DeclarationKind::Type, &item.ident, &item.vis);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(DeclarationKind::Type, &item.ident, &item.vis);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(DeclarationKind::Function, &item.sig.ident, &item.vis);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(DeclarationKind::Function, &item.sig.ident, &item.vis);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.add(
            DeclarationKind::Function,
            &item.sig.ident,
            &Visibility::Inherited,
        );
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_foreign_item_fn(&mut self, item: &'ast syn::ForeignItemFn) {
        self.add(DeclarationKind::Function, &item.sig.ident, &item.vis);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let outside = self.in_tests;
        self.in_tests |= is_for_tests(&item.attrs);
        if item.content.is_some() {
            self.add(DeclarationKind::Module, &item.ident, &item.vis);
        }
        visit::visit_item_mod(self, item);
        self.in_tests = outside;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_functions_are_found_with_their_lines() {
        let text = "pub struct Flow;\nimpl Flow {\n    fn start(&self) {}\n}\n\
                    pub(super) trait Store { fn get(&self); }\n";
        let found: Vec<_> = declarations(text)
            .unwrap()
            .into_iter()
            .map(|found| (found.name, found.line, found.public))
            .collect();
        let expected = [
            ("Flow", 1, true),
            ("start", 3, false),
            ("Store", 5, false),
            ("get", 5, false),
        ];
        assert_eq!(
            found,
            expected.map(|(name, line, public)| (name.to_owned(), line, public))
        );
    }

    #[test]
    fn what_only_tests_compile_is_marked() {
        let text = "#[cfg(test)]\nmod tests { pub struct Sample; }\n\
                    #[cfg(any(test, unix))]\nmod other { pub struct Real; }\n";
        let types: Vec<_> = declarations(text)
            .unwrap()
            .into_iter()
            .filter(|found| found.kind == DeclarationKind::Type)
            .map(|found| (found.name, found.in_tests))
            .collect();
        assert_eq!(
            types,
            [("Sample".to_owned(), true), ("Real".to_owned(), false)]
        );
    }
}
