//! What strangers write into the addresses of the way (requirements H8, H9): it leads nowhere else,
//! and breaks nothing.

use crate::applications::*;

const NONCE: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

const HOSTILE: [&str; 24] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d%0aSet-Cookie:%20x=y",
    "/a%0d%0aLocation:%20https://evil.example",
    "https://evil.example",
    "https:evil.example",
    "http://app.localhost:8080@evil.example",
    "http://app.localhost:8080/",
    "/..//evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "%2f%2fevil.example",
    "/.latchkey/start",
    "/%00",
    "%ff%fe",
    "",
];

/// Where a `Location` leads, seen from where it stood.
fn origin(from: &str, answer: &Answer) -> String {
    let base = url::Url::parse(from).unwrap();
    base.join(answer.location())
        .unwrap()
        .origin()
        .ascii_serialization()
}

#[tokio::test]
async fn h8_a_hostile_page_to_go_to_is_the_root() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    for to in HOSTILE {
        let from = format!("{APP}/.latchkey/start?to={to}");
        let start = person.get(&from).await;
        assert_eq!(
            (start.status.as_u16(), origin(&from, &start)),
            (303, world.origin()),
            "{to}"
        );
        assert!(
            start.location().contains("&to=%2F&"),
            "{to}: {}",
            start.location()
        );
        // Nobody who skips the first step gets further.
        let from = format!(
            "{}/.latchkey/ticket?origin={APP}&to={to}&nonce={NONCE}",
            world.origin()
        );
        let ticket = person.get(&from).await;
        assert_eq!(
            (ticket.status.as_u16(), origin(&from, &ticket).as_str()),
            (303, APP),
            "{to}"
        );
        let walk = person.walk(&format!("{APP}/.latchkey/start?to={to}")).await;
        assert_eq!(walk.end(), format!("{APP}/"), "{to}");
        for answer in [start, ticket] {
            assert!(
                answer.headers.keys().all(|name| name != "x")
                    && !answer.location().contains("evil"),
                "{to}"
            );
        }
    }
}

#[tokio::test]
async fn h8_tickets_are_made_for_applications_alone() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let own = world.origin();
    for query in [
        String::new(),
        "origin".to_owned(),
        format!("nonce={NONCE}"),
        format!("origin={APP}"),
        format!("origin={APP}&nonce={}", &NONCE[1..]),
        format!("origin={APP}&nonce={NONCE}A"),
        format!("origin={APP}&nonce={NONCE}&nonce={NONCE}"),
        format!("origin={APP}&origin=https://evil.example&nonce={NONCE}"),
        format!("origin=https://evil.example&nonce={NONCE}"),
        format!("origin={own}&nonce={NONCE}"),
        format!("origin={APP}/&nonce={NONCE}"),
        format!("origin=http://app.localhost&nonce={NONCE}"),
        format!("origin=https://app.localhost:8080&nonce={NONCE}"),
        format!("origin={APP}.evil.example&nonce={NONCE}"),
        format!("origin={APP}@evil.example&nonce={NONCE}"),
        format!("origin=null&nonce={NONCE}"),
        format!("origin=%00&nonce={NONCE}"),
        format!("origin={APP}%0d%0aX:%20y&nonce={NONCE}"),
    ] {
        let answer = person.get(&format!("{own}/.latchkey/ticket?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (400, ""),
            "{query}"
        );
    }
    assert_eq!(count(&world, RecordKind::Ticket).await, 0);
}

#[tokio::test]
async fn h9_what_is_no_ticket_is_none() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    let ticket = "AAECAwQFBgcICQoLDA0ODw";
    for query in [
        "".to_owned(),
        "ticket".to_owned(),
        "ticket=".to_owned(),
        "ticket=%00".to_owned(),
        "ticket=%ff".to_owned(),
        format!("ticket={ticket}"),
        format!("ticket={ticket}&ticket={ticket}"),
        format!("ticket={ticket}=="),
        format!("ticket={}", ticket.repeat(300)),
        format!("TICKET={ticket}"),
    ] {
        not_entered(
            &person.get(&format!("{APP}/.latchkey/enter?{query}")).await,
            400,
            "/",
        );
    }
    // Only what could be one is asked for in the store, and put on record.
    assert_eq!(world.audit.count("authn_ticket_refused"), 1);
    // A nonce that is none is replaced.
    for nonce in ["", "x", "~~~", NONCE] {
        person.on(APP).cookies = [("latchkey-app-nonce".to_owned(), nonce.to_owned())].into();
        let answer = person.get(&format!("{APP}/.latchkey/start")).await;
        assert!(
            !answer
                .cookie("latchkey-app-nonce")
                .unwrap()
                .starts_with(&format!("latchkey-app-nonce={nonce};"))
        );
    }
}

#[tokio::test]
async fn a_page_whose_address_is_too_long_to_come_back_to_gives_way_to_the_root() {
    let world = behind(|_| {}).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut person = Person::new(&world);
    let walk = person
        .walk(&format!(
            "{APP}/.latchkey/start?to=/{}",
            "%2526".repeat(500)
        ))
        .await;
    let page = walk.answer.unwrap();
    assert!(
        page.body.contains(&format!(
            "name=\"return_to\" value=\"{APP}/.latchkey/start?to=/\""
        )),
        "{:?}",
        walk.hops
    );
}
