//! Whatever can go wrong at the end of the way: a page that says so, and one link that begins
//! again.

use crate::applications::*;
use latchkey::server::admin::admin_socket::{AdminCommand, SessionOwner, carry_out};

#[tokio::test]
async fn a_ticket_lives_for_half_a_minute() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let (young, old) = (
        person.ticket(APP, "/a").await,
        person.ticket(APP, "/b").await,
    );
    world.advance(seconds(29)).await;
    person
        .clone()
        .get(&young)
        .await
        .leads_to(&format!("{APP}/a"));
    world.advance(seconds(1)).await;
    not_entered(&person.clone().get(&old).await, 400, "/b");
    not_entered(&person.clone().get(&old).await, 400, "/");
    assert_eq!(reasons(&world), ["expired", "unknown"]);
    // Where it led is known for a while, and not for ever.
    for (minutes_late, to) in [(5, "/c"), (6, "/")] {
        let old = person.ticket(APP, "/c").await;
        world.advance(minutes(minutes_late)).await;
        not_entered(&person.clone().get(&old).await, 400, to);
    }
    // The link begins again, and leads on.
    assert_eq!(
        person
            .walk(&format!("{APP}/.latchkey/start?to=/b"))
            .await
            .end(),
        format!("{APP}/b")
    );
}

#[tokio::test]
async fn h2_an_old_ticket_tells_no_other_browser_more_than_a_young_one() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    for age in [0, 31] {
        let [carried, elsewhere] = [
            person.ticket(APP, "/a").await,
            person.ticket(APP, "/a").await,
        ];
        world.advance(seconds(age)).await;
        let mut other = Person::new(&world);
        other.get(&format!("{APP}/.latchkey/start")).await;
        not_entered(&other.get(&carried).await, 400, "/a");
        assert_eq!(
            person
                .clone()
                .get(&elsewhere.replace(APP, OTHER))
                .await
                .status,
            400
        );
    }
    assert_eq!(
        reasons(&world),
        [
            "other_browser",
            "other_application",
            "expired",
            "other_application"
        ]
    );
}

#[tokio::test]
async fn a_ticket_is_taken_once() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    let before = person.clone();
    person.get(&address).await.leads_to(&format!("{APP}/a"));
    not_entered(&before.clone().get(&address).await, 400, "/");
    // Who is in already goes on: the address was opened again, or another tab was first.
    person.get(&address).await.leads_to(&format!("{APP}/"));
    assert_eq!(reasons(&world), ["unknown", "unknown"]);
}

#[tokio::test]
async fn of_several_who_show_one_ticket_at_once_one_enters() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    for _ in 0..5 {
        let address = person.ticket(APP, "/a").await;
        let requests: Vec<_> = (0..8)
            .map(|_| person.request(http::Method::GET, &address))
            .collect();
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|request| world.begin(request))
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += usize::from(task.await.unwrap().status == 303);
        }
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn h2_nobody_can_plant_a_ticket_of_their_own_session() {
    let world = behind(|_| {}).await;
    let mut attacker = Person::new(&world);
    attacker.sign_in("+447400777888").await;
    // Whether or not the victim has a nonce of its own.
    for has_nonce in [false, true] {
        let mut victim = Person::new(&world);
        if has_nonce {
            victim.get(&format!("{APP}/.latchkey/start")).await;
        }
        let planted = attacker.ticket(APP, "/transfer").await;
        not_entered(&victim.get(&planted).await, 400, "/transfer");
        assert!(!victim.is_in(APP).await);
        // It is used up: not even the attacker has it any more.
        not_entered(&attacker.clone().get(&planted).await, 400, "/");
    }
    assert_eq!(
        reasons(&world),
        ["no_nonce", "unknown", "other_browser", "unknown"]
    );

    // Who is signed in stays who they are.
    let mut victim = entered(&world, APP).await;
    let before = victim.on(APP).cookie("latchkey-app").unwrap().to_owned();
    let planted = attacker.ticket(APP, "/transfer").await;
    victim
        .get(&planted)
        .await
        .leads_to(&format!("{APP}/transfer"));
    assert_eq!(victim.on(APP).cookie("latchkey-app"), Some(before.as_str()));
}

#[tokio::test]
async fn a_ticket_that_was_asked_for_with_somebody_elses_nonce_opens_nothing_for_either() {
    let world = behind(|_| {}).await;
    let mut attacker = Person::new(&world);
    let start = attacker.get(&format!("{APP}/.latchkey/start")).await;
    // The victim is lured to our host with the attacker's hash.
    let mut victim = Person::new(&world);
    victim.sign_in(KNOWN).await;
    let lured = victim.get(start.location()).await;
    not_entered(&victim.get(lured.location()).await, 400, "/");
    // What was shown is gone: a ticket from a log of the proxy opens nothing, though the nonce is
    // the attacker's.
    not_entered(&attacker.get(lured.location()).await, 400, "/");
    assert!(!attacker.is_in(APP).await);
}

#[tokio::test]
async fn a_ticket_of_one_application_opens_no_other() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    person.get(&format!("{OTHER}/.latchkey/start")).await;
    // Even with the nonce: it is the same browser.
    let nonce = person
        .on(APP)
        .cookie("latchkey-app-nonce")
        .unwrap()
        .to_owned();
    person
        .on(OTHER)
        .cookies
        .insert("latchkey-app-nonce".to_owned(), nonce);
    let carried = address.replace(APP, OTHER);
    let answer = person.get(&carried).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .body
            .contains(&format!("{OTHER}/.latchkey/start?to=/"))
    );
    assert!(!person.is_in(OTHER).await);
    not_entered(&person.get(&address).await, 400, "/");
    assert_eq!(reasons(&world), ["other_application", "unknown"]);
}

#[tokio::test]
async fn where_cookies_are_blocked_a_page_says_so_and_nothing_goes_round() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let start = person
        .get(&format!("{APP}/.latchkey/start?to=/a%3Fb"))
        .await;
    person.on(APP).cookies.clear();
    let walk = person.walk(start.location()).await;
    assert_eq!(walk.hops.len(), 2);
    let page = walk.answer.unwrap();
    not_entered(&page, 400, "/a?b");
    assert!(page.body.contains("Please allow cookies"), "{}", page.body);
}

#[tokio::test]
async fn a_session_that_ends_on_the_way_opens_nothing() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    person.id().post("sign-out", &[]).await;
    let page = person.get(&address).await;
    not_entered(&page, 400, "/a");
    assert!(page.body.contains("You’re signed out"), "{}", page.body);

    world.advance(seconds(1)).await;
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    carry_out(
        &world.product,
        &AdminCommand::SessionsRevoke {
            whose: SessionOwner::Everybody,
        },
    )
    .await;
    not_entered(&person.get(&address).await, 400, "/a");
    assert_eq!(reasons(&world), ["ended", "ended"]);
    assert_eq!(world.audit.count("authn_token_created"), 0);
}

#[tokio::test]
async fn k14_a_user_disabled_upstream_enters_nowhere() {
    let world = behind(|settings| settings.session.check_interval = "20s".parse().unwrap()).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    world.upstream.user(KNOWN, "Disabled").await;
    world.advance(seconds(20)).await;
    not_entered(&person.get(&address).await, 400, "/a");
    assert_eq!(reasons(&world), ["ended"]);
    let walk = person.walk(&format!("{APP}/.latchkey/start")).await;
    assert!(
        walk.end()
            .starts_with(&format!("{}/sign-in?return_to=", world.origin())),
        "{}",
        walk.end()
    );
}

#[tokio::test]
async fn k12_what_is_no_ticket_is_refused_in_every_language_on_a_page_that_needs_no_file_of_ours() {
    let world = behind(|_| {}).await;
    for (language, words) in [
        ("en", "Let’s try that again"),
        ("de", "Versuchen wir es noch einmal"),
        ("fr", "Essayons encore une fois"),
        ("es", "Intentémoslo otra vez"),
        ("ar", "لنحاول مرة أخرى"),
    ] {
        let mut person = Person::new(&world).in_language(language);
        let page = person
            .get(&format!("{APP}/.latchkey/enter?ticket=junk"))
            .await;
        not_entered(&page, 400, "/");
        assert!(page.body.contains(words), "{}", page.body);
        assert!(page.body.contains(&format!("lang=\"{language}\"")));
        for tag in ["<link", "<script", "<img", " style=\""] {
            assert!(!page.body.contains(tag), "{tag}");
        }
        let policy = page.header("content-security-policy").unwrap();
        let nonce = page
            .body
            .split("<style nonce=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(
            policy.contains(&format!("style-src 'nonce-{nonce}'")),
            "{policy}"
        );
        assert!(
            page.body.contains(".button {"),
            "the style is as it is written"
        );
        assert!(page.body.len() < 20_000, "{}", page.body.len());
    }
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_nothing_is_lost() {
    let store = Arc::new(crate::failing_store::Forgetful::new());
    let world = World::over(
        store.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.forward_auth.origins = vec![APP.parse().unwrap()];
        },
    );
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    store.fail_at_all(true);
    not_entered(&person.clone().get(&address).await, 503, "/");
    let ticket = person.get(start.location()).await;
    assert_eq!(ticket.status, 503);
    let session = person.get(&format!("{APP}/.latchkey/session")).await;
    assert_eq!(
        session.status, 401,
        "no cookie of the application, nothing to ask"
    );
    store.fail_at_all(false);
    person.get(&address).await.leads_to(&format!("{APP}/a"));
    store.fail_at_all(true);
    for path in ["session", "enter?ticket=AAECAwQFBgcICQoLDA0ODw"] {
        assert_eq!(
            person.get(&format!("{APP}/.latchkey/{path}")).await.status,
            503,
            "never 401: {path}"
        );
    }
    for path in ["extend-session", "sign-out"] {
        let answer = person.post(&format!("{APP}/.latchkey/{path}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.cookies().len()),
            (503, 0),
            "{path}"
        );
    }
    store.fail_at_all(false);
    assert!(person.is_in(APP).await);
}

#[tokio::test]
async fn nothing_but_a_person_takes_a_ticket() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let address = person.ticket(APP, "/a").await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    let before = count(&world, RecordKind::Ticket).await;
    for url in [
        &format!("{APP}/.latchkey/start"),
        start.location(),
        &address,
    ] {
        let mut head = person.request(http::Method::HEAD, url);
        head.headers_mut()
            .insert("sec-fetch-mode", "navigate".parse().unwrap());
        let answer = world.call(head).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET")),
            "{url}"
        );
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-mode", "cors"),
        ] {
            let mut ahead = person.request(http::Method::GET, url);
            ahead.headers_mut().insert(name, value.parse().unwrap());
            let answer = world.call(ahead).await;
            assert_eq!(
                (answer.status.as_u16(), answer.cookies().len()),
                (403, 0),
                "{url}, {name}: {value}"
            );
        }
        for method in [http::Method::POST, http::Method::PUT, http::Method::DELETE] {
            let mut request = person.request(method, url);
            request
                .headers_mut()
                .insert("sec-fetch-site", "same-origin".parse().unwrap());
            assert_eq!(world.call(request).await.status, 405);
        }
    }
    assert_eq!(count(&world, RecordKind::Ticket).await, before);
    person.get(&address).await.leads_to(&format!("{APP}/a"));
}

/// Why tickets were refused, as the audit has it.
fn reasons(world: &World) -> Vec<String> {
    let events = world.audit.events_named("authn_ticket_refused");
    events
        .iter()
        .map(|event| event["reason"].as_str().unwrap().to_owned())
        .collect()
}
