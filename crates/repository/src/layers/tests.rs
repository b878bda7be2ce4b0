use super::*;

const SERVER: &str = "pub mod guard;\npub mod session;\npub mod sms_gateway;\npub mod store;\n\
pub mod transmit;\n";

fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
    let mut all = vec![
        ("src/lib.rs", "pub mod domain;\npub mod server;\n"),
        ("src/server.rs", SERVER),
    ];
    all.extend(files);
    for file in ["guard", "session", "sms_gateway", "store", "transmit"]
        .map(|name| format!("src/server/{name}.rs"))
    {
        if !files.iter().any(|(path, _)| *path == file) {
            all.push((Box::leak(file.into_boxed_str()), "pub struct Thing;\n"));
        }
    }
    places(&all)
}

/// Where the findings in these files are.
fn places(files: &[(&str, &str)]) -> Vec<(String, usize)> {
    let found = check(&Checkout::of(files)).into_iter();
    let mut places: Vec<_> = found.map(|found| (found.file, found.line)).collect();
    places.sort();
    places
}

fn at(file: &str, line: usize) -> (String, usize) {
    (file.to_owned(), line)
}

#[test]
fn imports_point_down() {
    let up = [(
        "src/server/store.rs",
        "\nuse crate::server::guard::Thing;\n",
    )];
    assert_eq!(found(&up), [at("src/server/store.rs", 2)]);
    let down = [("src/server/guard.rs", "use crate::server::store::Thing;\n")];
    assert_eq!(found(&down), []);
}

#[test]
fn a_path_in_code_counts_like_an_import() {
    let up = [(
        "src/domain.rs",
        "pub fn f() {\n    crate::server::store::Thing::new();\n}\n",
    )];
    assert_eq!(found(&up), [at("src/domain.rs", 2)]);
}

#[test]
fn modules_of_one_layer_import_each_other_one_way_only() {
    let one_way = (
        "src/server/guard.rs",
        "use crate::server::session::Thing;\npub struct Limit;\n",
    );
    assert_eq!(found(&[one_way]), []);
    let both = [
        one_way,
        (
            "src/server/session.rs",
            "use crate::server::guard::Limit;\npub struct Thing;\n",
        ),
    ];
    assert_eq!(
        found(&both),
        [at("src/server/guard.rs", 1), at("src/server/session.rs", 1)]
    );
}

#[test]
fn a_leaf_is_imported_by_those_alone_that_start_it() {
    let files = [
        ("src/lib.rs", "pub mod server;\n"),
        (
            "src/server.rs",
            "pub mod http;\npub mod sms_gateway;\npub mod wiring;\n",
        ),
        (
            "src/server/http.rs",
            "use crate::server::sms_gateway::Gateway;\n",
        ),
        (
            "src/server/wiring.rs",
            "use crate::server::sms_gateway::Gateway;\n",
        ),
        ("src/server/sms_gateway.rs", "pub struct Gateway;\n"),
    ];
    assert_eq!(places(&files), [at("src/server/http.rs", 1)]);
}

#[test]
fn a_module_in_no_layer_is_found() {
    let files = [("src/lib.rs", "mod stray;\n"), ("src/stray.rs", "")];
    assert_eq!(places(&files), [at("src/stray.rs", 1)]);
}

#[test]
fn folders_of_the_client_of_transmit_point_down_too() {
    let files = |call, token| {
        [
            ("src/server/transmit.rs", CLIENT),
            ("src/server/transmit/operations.rs", "use super::Client;\n"),
            ("src/server/transmit/tokens.rs", token),
            ("src/server/transmit/transport.rs", call),
        ]
    };
    const CLIENT: &str = "mod operations;\nmod tokens;\nmod transport;\n\
        use operations::Thing;\nuse tokens::Token;\npub struct Client(Token);\n";
    const TOKEN: &str = "use super::transport::Call;\npub struct Token;\n";
    assert_eq!(found(&files("pub struct Call;\n", TOKEN)), []);
    let up = "use super::tokens::Token;\npub struct Call;\n";
    assert_eq!(
        found(&files(up, "pub struct Token;\n")),
        [at("src/server/transmit/transport.rs", 1)]
    );
    let to_the_root = "use super::Client;\npub struct Call;\n";
    assert_eq!(
        found(&files(to_the_root, TOKEN)),
        [at("src/server/transmit/transport.rs", 1)]
    );
    let loose = [
        ("src/server/transmit.rs", "mod loose;\n"),
        ("src/server/transmit/loose.rs", "pub struct Thing;\n"),
    ];
    assert_eq!(found(&loose), [at("src/server/transmit/loose.rs", 1)]);
}

/// The findings in the files of `src/server/http/`, by file and content.
fn found_in_http(files: &[(&str, &str)]) -> Vec<(String, usize)> {
    let declared = files.iter().map(|(name, _)| format!("pub mod {name};\n"));
    let root = Box::leak(declared.collect::<String>().into_boxed_str());
    let mut all = vec![
        ("src/lib.rs", "pub mod server;\n"),
        ("src/server.rs", "pub mod http;\n"),
        ("src/server/http.rs", &*root),
    ];
    for (name, text) in files {
        let path = Box::leak(format!("src/server/http/{name}.rs").into_boxed_str());
        all.push((&*path, text));
    }
    places(&all)
}

#[test]
fn parts_of_the_web_layer_point_down_too() {
    let state = "pub struct AppState;\n";
    let handlers = "use super::state::AppState;\npub fn page(_: AppState) {}\n";
    let router = "use crate::server::http::handlers::page;\nuse super::state::AppState;\n";
    let down = [("state", state), ("handlers", handlers), ("router", router)];
    assert_eq!(found_in_http(&down), []);
    for (module, up) in [
        ("state", "use super::handlers::page;\n"),
        ("state", "use crate::server::http::router::router;\n"),
        ("cookies", "use crate::server::http::state::AppState;\n"),
        ("middleware", "use crate::server::http::handlers::page;\n"),
    ] {
        let files = [
            ("handlers", "pub fn page() {}\n"),
            ("router", "pub fn router() {}\n"),
            (module, up),
        ];
        let others: &[_] = if module == "state" {
            &[]
        } else {
            &[("state", state)]
        };
        let found = found_in_http(&[&files[..], others].concat());
        let file = format!("src/server/http/{module}.rs");
        assert_eq!(found, [at(&file, 1)], "{module}: {up}");
    }
    let loose = [("loose", "pub struct Thing;\n")];
    assert_eq!(found_in_http(&loose), [at("src/server/http/loose.rs", 1)]);
}

#[test]
fn modules_of_the_sandbox_point_down_too() {
    let root = "mod control;\nmod http;\nmod state;\nfn run() { control::router() }\n";
    let control = "use crate::state::State;\npub fn router() {}\n";
    let found = |http, state| {
        places(&[
            ("crates/sandbox/src/lib.rs", root),
            ("crates/sandbox/src/control.rs", control),
            ("crates/sandbox/src/http.rs", http),
            ("crates/sandbox/src/state.rs", state),
        ])
    };
    let (http, state) = ("use crate::state::State;\n", "pub struct State;\n");
    assert_eq!(found(http, state), []);
    assert_eq!(
        found("use crate::control::router;\n", state),
        [at("crates/sandbox/src/http.rs", 1)]
    );
    let to_the_root = "use crate::run;\npub struct State;\n";
    assert_eq!(
        found(http, to_the_root),
        [at("crates/sandbox/src/state.rs", 1)]
    );
}

#[test]
fn the_lists_are_written_from_the_bottom_to_the_top() {
    let lists = lists();
    for (list, start, end) in [
        (
            &lists[0],
            "`domain`, `embedded`, `finding`, `fuzz_assertions` ← ",
            " ← `wiring` ← `cli` ← `main`",
        ),
        (
            &lists[1],
            "`transport` ← `auth` ← `tokens` ← `transmit` ← ",
            "`build`, `operations`, `fuzz`",
        ),
        (&lists[2], "`cookie_name`, ", " ← `router` ← `http`"),
        (&lists[3], "`clock`, ", " ← `control` ← `phone` ← `sandbox`"),
    ] {
        assert!(list.starts_with(start), "{list}");
        assert!(list.ends_with(end), "{list}");
    }
}
