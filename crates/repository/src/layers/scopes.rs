//! The lists of layers: one for `src/`, and one for each part that has layers of its own.

/// Modules of one layer.
pub(super) type Layer = &'static [&'static str];
/// A module, and those that may import it.
pub(super) type Leaf = (&'static str, &'static [&'static str]);

/// A module whose inner modules are in layers.
pub(super) struct Scope {
    /// The file of the crate's root.
    pub(super) root: &'static str,
    /// What the list is about, as it is written there.
    pub(super) name: &'static str,
    /// The path of the module; empty for the whole crate.
    pub(super) module: &'static str,
    /// The layers, lowest first, by paths inside the module. Modules of one layer import each other
    /// one way only. [`OWN_FILE`] may import from every layer.
    pub(super) layers: &'static [Layer],
    /// Modules outside of the layers.
    pub(super) leaves: &'static [Leaf],
    /// Modules that only declare and re-export others.
    pub(super) frame: &'static [&'static str],
}

/// The root file of the library.
pub(super) const LIBRARY_ROOT: &str = "src/lib.rs";
/// The root file of the sandbox.
const SANDBOX_ROOT: &str = "crates/sandbox/src/lib.rs";
/// The file of the scope's own module, as a name in its layers.
const OWN_FILE: &str = "";

/// Every scope. `ARCHITECTURE.md` has each list too.
pub(super) const SCOPES: [Scope; 4] = [SOURCES, TRANSMIT, HTTP, SANDBOX];

const SOURCES: Scope = Scope {
    root: LIBRARY_ROOT,
    name: "src",
    module: "",
    layers: &[
        &["domain", "embedded", "server::finding", "fuzz_assertions"],
        &[
            "server::brand",
            "server::identifier_parser",
            "server::settings",
            "server::system",
        ],
        &[
            "server::crypto",
            "server::audit",
            "server::telemetry",
            "server::store",
            "server::transmit",
            "server::webhooks",
        ],
        &[
            "server::passcode_policy",
            "server::guard",
            "server::session",
        ],
        &[
            "server::applications",
            "server::sign_in",
            "server::test_numbers",
        ],
        &["api", "app"],
        &["server::http", "server::admin", "server::sms_gateway"],
        &["server::wiring"],
        &["cli"],
        &["main"],
    ],
    // The gateway is a service of its own, and the fuzz targets call parsers of every layer.
    leaves: &[
        ("server::sms_gateway", &["server::wiring", "cli", "fuzz"]),
        ("fuzz", &[]),
    ],
    frame: &["", "server"],
};

const TRANSMIT: Scope = Scope {
    root: LIBRARY_ROOT,
    name: "transmit",
    module: "server::transmit",
    layers: &[
        &["transport"],
        &["auth"],
        &["tokens"],
        &[OWN_FILE],
        &["build", "operations", "fuzz"],
    ],
    leaves: &[],
    frame: &[],
};

const HTTP: Scope = Scope {
    root: LIBRARY_ROOT,
    name: "http",
    module: "server::http",
    layers: &[
        &[
            "cookie_name",
            "entity_tag",
            "extensions",
            "fetch_metadata",
            "negotiation",
            "origin_parser",
            "query",
            "route_paths",
        ],
        &[
            "activity",
            "brands",
            "client_address",
            "cookies",
            "flash",
            "request_cookies",
            "request_metrics",
            "static_files",
        ],
        &["state"],
        &["current_session", "render", "return_cookie", "urls"],
        &["error_response"],
        &["middleware"],
        &["handlers", "preview"],
        &["router"],
        &[OWN_FILE],
    ],
    leaves: &[],
    frame: &[],
};

const SANDBOX: Scope = Scope {
    root: SANDBOX_ROOT,
    name: "sandbox",
    module: "",
    layers: &[
        &[
            "clock",
            "jose",
            "operation",
            "options",
            "random",
            "sms_gateway",
        ],
        &["fault_injection", "keys", "state", "token_tampering"],
        &["tenant"],
        &["http", "tokens"],
        &["login_preferences", "oidc", "otp", "session", "users"],
        &["control"],
        &["phone"],
        &[OWN_FILE],
    ],
    leaves: &[],
    frame: &[],
};
