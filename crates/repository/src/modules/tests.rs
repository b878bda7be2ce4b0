use super::*;

fn imports(files: &[(&str, &str)]) -> Vec<(String, usize, String)> {
    let found = Crate::of(&Checkout::of(files), "src/lib.rs").imports(&HashMap::new());
    let short = |file: String| file.trim_start_matches("src/").to_owned();
    found
        .into_iter()
        .map(|import| (short(import.from), import.line, short(import.to)))
        .collect()
}

fn expected<const N: usize>(list: [(&str, usize, &str); N]) -> Vec<(String, usize, String)> {
    list.map(|(from, line, to)| (from.to_owned(), line, to.to_owned()))
        .to_vec()
}

const ROOT: (&str, &str) = ("src/lib.rs", "pub mod a;\npub mod b;\n");

#[test]
fn an_import_names_the_file_that_declares_the_item() {
    let files = [
        ROOT,
        (
            "src/a.rs",
            "mod inner;\npub use inner::Deep;\npub struct Top;\n",
        ),
        (
            "src/a/inner.rs",
            "pub struct Deep;\nfn f(_: super::Top) {}\n",
        ),
        ("src/b.rs", "use crate::a::{Deep, Top as Other};\n"),
    ];
    let list = [
        ("a/inner.rs", 2, "a.rs"),
        ("b.rs", 1, "a/inner.rs"),
        ("b.rs", 1, "a.rs"),
    ];
    assert_eq!(imports(&files), expected(list));
}

#[test]
fn paths_in_code_and_in_macros_are_seen() {
    let files = [
        ROOT,
        ("src/a.rs", "pub fn f() {}\npub mod c { pub fn g() {} }\n"),
        (
            "src/b.rs",
            "use crate::a;\nfn h() {\n    a::f();\n    assert!(x == crate::a::c::g());\n}\n",
        ),
    ];
    assert_eq!(
        imports(&files),
        expected([("b.rs", 3, "a.rs"), ("b.rs", 4, "a.rs")])
    );
}

#[test]
fn a_parent_that_uses_its_child_imports_it_and_one_that_only_re_exports_it_does_not() {
    let files = [
        ("src/lib.rs", "mod a;\nmod b;\n"),
        ("src/a.rs", "mod child;\npub use child::run;\n"),
        ("src/a/child.rs", "pub fn run() {}\n"),
        (
            "src/b.rs",
            "mod child;\npub use child::run;\nfn f() {\n    run();\n}\n",
        ),
        ("src/b/child.rs", "pub fn run() {}\n"),
    ];
    assert_eq!(imports(&files), expected([("b.rs", 4, "b/child.rs")]));
}

#[test]
fn globs_are_followed() {
    let files = [
        ROOT,
        ("src/a.rs", "mod inner;\npub use inner::*;\n"),
        ("src/a/inner.rs", "mod deep;\npub use deep::Thing;\n"),
        ("src/a/inner/deep.rs", "pub struct Thing;\n"),
        ("src/b.rs", "use crate::a::Thing;\n"),
    ];
    assert_eq!(imports(&files), expected([("b.rs", 1, "a/inner/deep.rs")]));
}

#[test]
fn a_module_and_its_function_may_have_one_name() {
    let files = [
        ROOT,
        ("src/a.rs", "mod get;\npub use get::get;\n"),
        ("src/a/get.rs", "pub fn get() {}\n"),
        ("src/b.rs", "use crate::a::get;\n"),
    ];
    assert_eq!(imports(&files), expected([("b.rs", 1, "a/get.rs")]));
}

#[test]
fn tests_visibility_and_attributes_import_nothing() {
    let files = [
        ROOT,
        ("src/a.rs", "pub struct Top;\n"),
        (
            "src/b.rs",
            "#[cfg(test)]\nmod tests { use crate::a::Top; }\n\
             #[cfg(all(test, unix))]\nuse crate::a::Top;\n\
             pub(in crate::a) struct B;\n",
        ),
    ];
    assert_eq!(imports(&files), []);
}

#[test]
fn a_binary_imports_from_its_library() {
    let files = [
        ROOT,
        ("src/a.rs", "pub struct Top;\n"),
        ("src/b.rs", ""),
        ("src/main.rs", "use sample::a::Top;\n"),
    ];
    let checkout = Checkout::of(&files);
    let library = Crate::of(&checkout, "src/lib.rs");
    let binary = Crate::of(&checkout, "src/main.rs");
    let imports = binary.imports(&HashMap::from([("sample", &library)]));
    let import = Import {
        from: "src/main.rs".into(),
        line: 1,
        path: "sample::a::Top".into(),
        to: "src/a.rs".into(),
    };
    assert_eq!(imports, [import]);
}
