//! The store's file does not grow for ever, also under a flood of forged posts.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use http::header::{CONTENT_TYPE, ORIGIN};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::random::Random;

use crate::support::{Browser, Upstream, World};

/// How often an hour of flood comes in a day: every limit of an hour has ended by then, those of a
/// day have not.
const HOURS: u32 = 6;
const PAUSE: Duration = Duration::from_secs(4 * 3600);
/// As the server sweeps.
const SWEPT_LATER: Duration = Duration::from_secs(300);

/// A flood from somebody who has everything but a phone.
struct Flood {
    world: Arc<World>,
    random: Random,
    numbers: u32,
    posts: u32,
}

impl Flood {
    fn somebody(&mut self) -> Browser {
        self.posts += 1;
        self.world.browser()
    }

    fn token(&self) -> String {
        latchkey::server::crypto::derived_keys::hexadecimal(&self.random.bytes::<32>())
    }

    /// A post that nothing stands behind: cookies, flows and origins are made up, and so are
    /// numbers.
    async fn forged(&mut self, kind: u32) {
        let mut browser = self.somebody();
        for name in [
            "latchkey",
            "latchkey-flow",
            "latchkey-browser",
            "latchkey-flash",
        ] {
            browser.cookies.insert(name.to_owned(), self.token());
        }
        let (door, fields, expected): (&str, &[(&str, &str)], &[u16]) = match kind {
            0 => ("verify-code", &[("code", "123456")], &[409]),
            1 => ("resend-code", &[], &[409]),
            2 => ("send-code", &[("phone", "+4412")], &[422]),
            3 => ("send-code", &[("phone", "+882999999999")], &[422]),
            4 => ("revoke-session", &[("id", "others")], &[401]),
            5 => ("extend-session", &[], &[401]),
            _ => ("sign-out", &[], &[200]),
        };
        let answer = browser.post(door, fields).await;
        assert!(
            expected.contains(&answer.status.as_u16()),
            "{door}: {} {}",
            answer.status,
            answer.body
        );
    }

    async fn cross_origin(&mut self) {
        let browser = self.somebody();
        let request = browser
            .request(Method::POST, "/api/send-code")
            .header(ORIGIN, "https://evil.example")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self
            .world
            .call(request.body(Body::from("phone=%2B447400123456")).unwrap())
            .await;
        assert_eq!(answer.status.as_u16(), 403);
    }

    /// Numbers that nobody asked for before, each from an address of its own, as many as the
    /// service lets through and more.
    async fn new_numbers(&mut self, many: u32) {
        let world = self.world.clone();
        for _ in 0..many {
            let browser = self.somebody();
            self.numbers += 1;
            let phone = format!("+447{:09}", 400_000_000 + self.numbers);
            let answer = world
                .drive(browser.form("send-code", &[("phone", &phone)]))
                .await;
            assert!(
                [200, 429].contains(&answer.status.as_u16()),
                "{} {}",
                answer.status,
                answer.body
            );
        }
    }
}

/// `LATCHKEY_FLOOD_DAYS` sets how many days; 4 without it.
#[tokio::test]
async fn a_flood_of_forged_posts_for_days_does_not_let_the_file_grow_for_ever() {
    let days: usize = std::env::var("LATCHKEY_FLOOD_DAYS").map_or(4, |days| days.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let world = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut flood = Flood {
        world: world.clone(),
        random: Random::seeded(1),
        numbers: 0,
        posts: 0,
    };
    let mut sizes = Vec::new();
    for _ in 0..days {
        for _ in 0..HOURS {
            for kind in 0..7 {
                for _ in 0..5 {
                    flood.forged(kind).await;
                }
                flood.cross_origin().await;
            }
            flood.new_numbers(25).await;
            world.advance(PAUSE).await;
            while store
                .sweep(world.now().saturating_sub(SWEPT_LATER), 1000)
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
    // What has ended on the second day has left the room that the third one uses.
    let settled = sizes[..2].iter().max().unwrap();
    assert!(
        sizes.iter().all(|size| *size <= settled * 5 / 4),
        "it goes on growing: {sizes:?}"
    );
    // What is left is what the limits of a day still need.
    let contents = store
        .back_up(&folder.path().join("backup"), false, world.now())
        .await
        .unwrap();
    println!("{contents:?}");
    assert!(contents.bytes < 256 * 1024, "{contents:?}");
}
