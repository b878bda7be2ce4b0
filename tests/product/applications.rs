//! Applications on other hosts: how a session reaches them, what ends there and what does not pass
//! between them.
//!
//! - `signed_in_person`: a browser that keeps its cookies by host and follows redirects.
//! - `app_login`: the whole way; `refused_entries`: whatever can go wrong at its end; `bounds`: what cannot
//!   be made to grow.
//! - `ended_sessions`: what ends an application's session; `app_logout`, `extend_session`: what its pages may
//!   ask for.
//! - `hosts`: what is served under whose name; `ticket_queries`: what strangers write into addresses.

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::store::RecordKind;

use crate::support::{Answer, Browser, KNOWN, Upstream, World, minutes, pause, seconds};
use signed_in_person::Person;

mod app_login;
mod app_logout;
mod bounds;
mod ended_sessions;
mod extend_session;
mod hosts;
mod refused_entries;
mod signed_in_person;
mod ticket_queries;

/// Two applications on other hosts, and one beside the sign-in pages; over http on loopback.
const APP: &str = "http://app.localhost:8080";
const OTHER: &str = "http://other.localhost:8081";
const BESIDE: &str = "http://127.0.0.1:8082";

/// A world of these applications.
async fn behind(change: impl FnOnce(&mut Settings)) -> Arc<World> {
    World::with(|settings| {
        settings.forward_auth.origins = [APP, OTHER, BESIDE]
            .map(|origin| origin.parse().unwrap())
            .to_vec();
        change(settings);
    })
    .await
}

/// The same over https.
async fn behind_tls() -> (Arc<World>, &'static str) {
    let world = World::with(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
        settings.forward_auth.origins = vec!["https://app.example.net".parse().unwrap()];
    })
    .await;
    (world, "https://app.example.net")
}

/// Somebody who has entered an application.
async fn entered(world: &Arc<World>, origin: &str) -> Person {
    let mut person = Person::new(world);
    person.sign_in(KNOWN).await;
    person.enter(origin).await;
    person
}

/// The live records of a kind.
async fn count(world: &World, kind: RecordKind) -> usize {
    world
        .product
        .store
        .scan(kind, 10_000, world.now())
        .await
        .unwrap()
        .len()
}

/// A page that says why nobody enters: with the status, no cookie of a session, and one link, which
/// begins again at `to`.
#[track_caller]
fn not_entered(answer: &Answer, status: u16, to: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(
        answer.body.starts_with("<!DOCTYPE html>"),
        "{}",
        answer.body
    );
    let tags = answer
        .body
        .split("<a ")
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    let links: Vec<&str> = tags
        .filter(|tag| tag.contains("class=\"button primary\""))
        .collect();
    let [link] = links[..] else {
        panic!("one link: {links:?}")
    };
    assert!(
        link.contains(&format!("href=\"{APP}/.latchkey/start?to={to}\"")),
        "{link}"
    );
    assert!(answer.cookie("latchkey-app").is_none());
}
