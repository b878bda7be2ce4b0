//! Every state that a page can be in, and the frame around it in tests.

use std::sync::Arc;

use latchkey::app::brand::{Brand, LegalLinks};
use latchkey::app::page_states::REQUEST_ID;
pub use latchkey::app::page_states::{NOW, all};
use latchkey::app::view::{Assets, PageFrame};

/// The frame around every page.
pub fn frame(nonce: &str) -> PageFrame {
    PageFrame {
        nonce: nonce.to_owned(),
        brand: Arc::new(Brand {
            name: "Latchkey".into(),
            ..Brand::default()
        }),
        support_url: Some("https://help.example.com/".into()),
        legal_links: LegalLinks::default(),
        assets: Arc::new(Assets {
            css: "/pkg/latchkey.css".to_owned(),
            js: "/pkg/latchkey.js".to_owned(),
            wasm: "/pkg/latchkey.wasm".to_owned(),
            snippets: Vec::new(),
            reload_port: None,
        }),
        sign_up_open: true,
        base_url: None,
        host: "id.example.com".into(),
        language_url: None,
        request_id: REQUEST_ID.into(),
    }
}
