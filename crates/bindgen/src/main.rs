//! `bindgen MODULE FOLDER NAME`: makes a compiled WebAssembly module loadable by browsers.
//!
//! Writes `NAME.wasm`, `NAME.js` and their snippets into FOLDER, under the names that cargo-leptos
//! gives them. It is a program of its own, because compiling wasm-bindgen's library takes half a
//! minute: `cargo xtask` compiles it beside the server, and only the commands that need it wait.
#![expect(
    clippy::print_stderr,
    reason = "a command line tool reports failures on standard error"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match perform(std::env::args_os().skip(1).map(PathBuf::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn perform(mut arguments: impl Iterator<Item = PathBuf>) -> Result<(), String> {
    let usage = || "usage: bindgen MODULE FOLDER NAME".to_owned();
    let module = arguments.next().ok_or_else(usage)?;
    let folder = arguments.next().ok_or_else(usage)?;
    let name = arguments.next().ok_or_else(usage)?;
    let name = name.to_str().ok_or_else(usage)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).typescript(false);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(&folder))
        .map_err(|error| format!("{error:#}"))?;
    // wasm-bindgen adds `_bg`; cargo-leptos takes it away.
    let from = folder.join(format!("{name}_bg.wasm"));
    let to = folder.join(format!("{name}.wasm"));
    std::fs::rename(&from, &to)
        .map_err(|error| format!("cannot rename {}: {error}", from.display()))
}
