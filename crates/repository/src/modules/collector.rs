//! Collects what one module binds and names, without the modules inside it.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::declarations::{is_for_tests, line_of};

#[derive(Default)]
pub struct Collector {
    pub modules: Vec<syn::ItemMod>,
    pub aliases: HashMap<String, Vec<Vec<String>>>,
    pub globs: Vec<Vec<String>>,
    pub written: Vec<(Vec<String>, usize)>,
}

impl Collector {
    fn bind(&mut self, tree: &syn::UseTree, before: &[String], is_private: bool, line: usize) {
        match tree {
            syn::UseTree::Path(path) => {
                let path = (path.ident.to_string(), &path.tree);
                self.bind(path.1, &[before, &[path.0]].concat(), is_private, line);
            }
            syn::UseTree::Name(name) => {
                self.bind_name(&name.ident, &name.ident, before, is_private)
            }
            syn::UseTree::Rename(rename) => {
                self.bind_name(&rename.ident, &rename.rename, before, is_private)
            }
            syn::UseTree::Glob(_) => {
                self.globs.push(before.to_vec());
                if is_private {
                    // Anything may be used of it.
                    self.written
                        .push(([before, &["*".to_owned()]].concat(), line));
                }
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.bind(tree, before, is_private, line);
                }
            }
        }
    }

    fn bind_name(
        &mut self,
        name: &syn::Ident,
        bound: &syn::Ident,
        before: &[String],
        is_private: bool,
    ) {
        // `a::{self}` binds `a`.
        let (path, bound) = if name == "self" {
            (
                before.to_vec(),
                before
                    .last()
                    .filter(|_| bound == "self")
                    .cloned()
                    .unwrap_or_else(|| bound.to_string()),
            )
        } else {
            ([before, &[name.to_string()]].concat(), bound.to_string())
        };
        if is_private {
            self.written.push((path.clone(), line_of(name.span())));
        }
        self.aliases.entry(bound).or_default().push(path);
    }

    /// Paths in the text of a macro's call, which is not parsed.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || colons == 2 => {
                    if path.is_empty() {
                        line = line_of(word.span());
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Ident(word) => {
                    self.note(std::mem::take(&mut path), line);
                    (line, colons) = (line_of(word.span()), 0);
                    path.push(word.to_string());
                }
                TokenTree::Group(group) => {
                    self.note(std::mem::take(&mut path), line);
                    colons = 0;
                    self.scan(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.note(std::mem::take(&mut path), line);
                    colons = 0;
                }
            }
        }
        self.note(path, line);
    }

    fn note(&mut self, path: Vec<String>, line: usize) {
        if !path.is_empty() {
            self.written.push((path, line));
        }
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push(item.clone());
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let is_private = matches!(item.vis, syn::Visibility::Inherited);
            self.bind(&item.tree, &[], is_private, line_of(item.use_token.span));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let words = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            let line = path
                .segments
                .first()
                .map_or(0, |first| line_of(first.ident.span()));
            self.note(words, line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.scan(call.tokens.clone());
    }

    // `pub(in crate::server)` and `#[derive(…)]` import nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
