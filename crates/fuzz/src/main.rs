//! libFuzzer's driver for the targets of [`latchkey::fuzz`]; `LATCHKEY_FUZZ_TARGET` names the one
//! to run.
#![no_main]

use std::sync::LazyLock;

use latchkey::fuzz::{self, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("LATCHKEY_FUZZ_TARGET").unwrap_or_default();
    fuzz::find_target(&name)
        .unwrap_or_else(|| panic!("LATCHKEY_FUZZ_TARGET: there is no target {name:?}"))
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
