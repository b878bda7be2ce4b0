//! The store's file does not grow without bound under a flood of forged posts.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use http::header::{CONTENT_TYPE, ORIGIN};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::random::Random;

use crate::support::{Browser, TestApp, Upstream};

/// Floods of one hour in each day. Hourly limits have ended between them, daily ones have not.
const HOURS: u32 = 6;
const PAUSE: Duration = Duration::from_secs(4 * 3600);
/// The delay with which the server sweeps.
const SWEEP_DELAY: Duration = Duration::from_secs(300);

/// An attacker with everything but a phone.
struct Flood {
    app: Arc<TestApp>,
    random: Random,
    numbers: u32,
    posts: u32,
}

impl Flood {
    fn new_browser(&mut self) -> Browser {
        self.posts += 1;
        self.app.browser()
    }

    fn token(&self) -> String {
        latchkey::server::crypto::hash::to_hex(&self.random.bytes::<32>())
    }

    /// A post with invented cookies, flows, origins and numbers.
    async fn post_forged(&mut self, kind: u32) {
        let mut browser = self.new_browser();
        for name in [
            "latchkey",
            "latchkey-flow",
            "latchkey-browser",
            "latchkey-flash",
        ] {
            browser.cookies.insert(name.to_owned(), self.token());
        }
        let (endpoint, fields, expected): (&str, &[(&str, &str)], &[u16]) = match kind {
            0 => ("verify-code", &[("code", "123456")], &[409]),
            1 => ("resend-code", &[], &[409]),
            2 => ("send-code", &[("phone", "+4412")], &[422]),
            3 => ("send-code", &[("phone", "+882999999999")], &[422]),
            4 => ("revoke-session", &[("id", "others")], &[401]),
            5 => ("extend-session", &[], &[401]),
            _ => ("sign-out", &[], &[200]),
        };
        let response = browser.post(endpoint, fields).await;
        assert!(
            expected.contains(&response.status.as_u16()),
            "{endpoint}: {} {}",
            response.status,
            response.body
        );
    }

    async fn post_cross_origin(&mut self) {
        let browser = self.new_browser();
        let request = browser
            .request(Method::POST, "/api/send-code")
            .header(ORIGIN, "https://evil.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = self
            .app
            .call(request.body(Body::from("phone=%2B447400123456")).unwrap())
            .await;
        assert_eq!(response.status.as_u16(), 403);
    }

    /// New numbers, each from a new address, more than the service's limit allows.
    async fn request_new_numbers(&mut self, many: u32) {
        let app = self.app.clone();
        for _ in 0..many {
            let browser = self.new_browser();
            self.numbers += 1;
            let phone = format!("+447{:09}", 400_000_000 + self.numbers);
            let response = app
                .call_and_advance(browser.form("send-code", &[("phone", &phone)]))
                .await;
            assert!(
                [200, 429].contains(&response.status.as_u16()),
                "{} {}",
                response.status,
                response.body
            );
        }
    }
}

/// `LATCHKEY_FLOOD_DAYS` sets how many days; the default is 4.
#[tokio::test]
async fn the_file_size_is_bounded_under_days_of_forged_posts() {
    let days: usize = std::env::var("LATCHKEY_FLOOD_DAYS").map_or(4, |days| days.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut flood = Flood {
        app: app.clone(),
        random: Random::seeded(1),
        numbers: 0,
        posts: 0,
    };
    let mut sizes = Vec::new();
    for _ in 0..days {
        for _ in 0..HOURS {
            for kind in 0..7 {
                for _ in 0..5 {
                    flood.post_forged(kind).await;
                }
                flood.post_cross_origin().await;
            }
            flood.request_new_numbers(25).await;
            app.advance(PAUSE).await;
            while store
                .sweep(app.now().saturating_sub(SWEEP_DELAY), 1000)
                .await
                .unwrap()
                == 1000
            {}
        }
        sizes.push(std::fs::metadata(&path).unwrap().len() >> 10);
    }
    println!(
        "{} posts, {} numbers: KiB at the end of each day {sizes:?}",
        flood.posts, flood.numbers
    );
    // The space of records that ended on the second day is reused on the third.
    let settled = sizes[..2].iter().max().unwrap();
    assert!(
        sizes.iter().all(|size| *size <= settled * 5 / 4),
        "the file keeps growing: {sizes:?}"
    );
    // What is left belongs to the limits of a day.
    let contents = store
        .back_up(
            &folder.path().join("backup"),
            false,
            &app.product.backup_keys,
            app.now(),
        )
        .await
        .unwrap();
    println!("{contents:?}");
    assert!(contents.bytes < 256 * 1024, "{contents:?}");
}
