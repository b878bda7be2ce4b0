//! The whole way: from a page of an application to the sign-in and back to that page.

use crate::applications::*;

/// Origins of a walk, each once, in the order they were met.
fn origins(hops: &[String]) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    for hop in hops {
        let origin = url::Url::parse(hop).unwrap().origin().ascii_serialization();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

fn form_action(page: &Answer) -> Vec<String> {
    let policy = page.header("content-security-policy").unwrap();
    let directive = policy
        .split(';')
        .find_map(|part| part.trim().strip_prefix("form-action "))
        .unwrap();
    directive.split(' ').map(str::to_owned).collect()
}

/// Goes from a protected page to the sign-in or sign-up, through it, and back; gives the walk after
/// the code.
async fn journey(
    person: &mut Person,
    origin: &str,
    phone: &str,
    door: &str,
) -> signed_in_person::Walk {
    let world = person.world.clone();
    let walk = person
        .walk(&format!(
            "{origin}/.latchkey/start?to=%2Forders%3Fid%3D1%26x%3D%252F"
        ))
        .await;
    assert_eq!(walk.hops.len(), 3, "{:?}", walk.hops);
    let page = walk.answer.unwrap();
    assert_eq!(page.status, 200);
    let back = page
        .body
        .split("name=\"return_to\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let back = back.replace("&amp;", "&");
    assert_eq!(
        back,
        format!("{origin}/.latchkey/start?to=/orders?id=1%26x=%252F")
    );

    let id = person.id();
    id.post(door, &[("phone", phone), ("return_to", &back)])
        .await
        .leads_to("/code");
    world.settled().await;
    let code_page = id.get("/code").await;
    let allowed = form_action(&code_page);
    assert_eq!(allowed, ["'self'", origin]);
    let verified = id.verify(&world.upstream.code(phone).await).await;
    verified.leads_to(&back);
    let walk = person.walk(&back).await;
    // Browsers check every hop of the form's way.
    for origin in origins(&walk.hops) {
        assert!(
            origin == world.origin() || allowed.contains(&origin),
            "{origin} is not in {allowed:?}"
        );
    }
    walk
}

#[tokio::test]
async fn a_person_signs_in_and_lands_where_they_were() {
    let world = behind(|_| {}).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut person = Person::new(&world);
    let walk = journey(&mut person, APP, KNOWN, "send-code").await;
    assert_eq!(walk.end(), format!("{APP}/orders?id=1&x=%2F"));
    assert_eq!(walk.hops.len(), 4, "{:?}", walk.hops);
    assert!(person.is_in(APP).await && person.id().is_signed_in().await);
    assert!(
        !person.is_in(OTHER).await,
        "each application has a cookie of its own"
    );
    // The application's host has its own cookie, and nothing else of ours.
    assert_eq!(
        person.on(APP).cookies.keys().collect::<Vec<_>>(),
        ["latchkey-app"]
    );

    let events = world.audit.events_named("authn_token_created");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["application"], APP);
    assert_eq!(
        events[0]["session"],
        world.audit.events_named("session_created")[0]["session"]
    );
    // Already signed in, the second application is three redirects away.
    let walk = person.walk(&format!("{OTHER}/.latchkey/start?to=/b")).await;
    assert_eq!(
        (walk.hops.len(), walk.end()),
        (4, "http://other.localhost:8081/b")
    );
    let first = person
        .clone()
        .on(APP)
        .cookie("latchkey-app")
        .unwrap()
        .to_owned();
    assert_ne!(
        person.on(OTHER).cookie("latchkey-app"),
        Some(first.as_str())
    );
}

#[tokio::test]
async fn somebody_who_signs_up_on_the_way_lands_there_too() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    let walk = journey(&mut person, APP, "+447400777888", "sign-up").await;
    assert_eq!(walk.end(), format!("{APP}/orders?id=1&x=%2F"));
    assert!(person.is_in(APP).await);
}

#[tokio::test]
async fn a_new_code_on_the_way_changes_nothing_of_where_it_leads() {
    let world = behind(|_| {}).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut person = Person::new(&world);
    let back = format!("{APP}/.latchkey/start?to=/a");
    person
        .id()
        .post("send-code", &[("phone", KNOWN), ("return_to", &back)])
        .await;
    world.settled().await;
    world.advance(seconds(31)).await;
    person.id().post("resend-code", &[]).await.leads_to("/code");
    world.settled().await;
    assert_eq!(
        form_action(&person.id().get("/code").await),
        ["'self'", APP]
    );
    person
        .id()
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .leads_to(&back);
    assert_eq!(person.walk(&back).await.end(), format!("{APP}/a"));
}

#[tokio::test]
async fn k1_k13_the_cookies_follow_the_origin_of_the_application() {
    for (scheme, session, nonce, attributes) in [
        (
            "http",
            "latchkey-app",
            "latchkey-app-nonce",
            "; HttpOnly; SameSite=Lax; Path=/",
        ),
        (
            "https",
            "__Host-latchkey-app",
            "__Host-latchkey-app-nonce",
            "; HttpOnly; SameSite=Lax; Secure; Path=/",
        ),
    ] {
        let (world, origin) = match scheme {
            "http" => (behind(|_| {}).await, APP),
            _ => behind_tls().await,
        };
        let mut person = Person::new(&world);
        person.sign_in(KNOWN).await;
        let start = person.get(&format!("{origin}/.latchkey/start")).await;
        let value = |line: &str| line.split(['=', ';']).nth(1).unwrap().to_owned();
        let line = start.cookie(nonce).unwrap();
        assert_eq!(
            line,
            format!("{nonce}={}{attributes}; Max-Age=300", value(line))
        );
        assert_eq!(value(line).len(), 22, "128 bits");
        assert!(
            !start.location().contains(&value(line)),
            "the nonce is in no address"
        );

        let ticket = person.get(start.location()).await;
        assert_eq!(
            ticket.location().split("ticket=").nth(1).unwrap().len(),
            22,
            "128 bits"
        );
        assert_eq!(ticket.cookies(), [""; 0]);
        let entered = person.get(ticket.location()).await;
        entered.leads_to(&format!("{origin}/"));
        let line = entered.cookie(session).unwrap();
        assert_eq!(
            line,
            format!("{session}={}{attributes}", value(line)),
            "ends with the browser"
        );
        assert_eq!(value(line).len(), 43, "256 bits");
        assert_eq!(
            entered.cookie(nonce),
            Some(format!("{nonce}={attributes}; Max-Age=0").as_str())
        );
        assert!(person.is_in(origin).await, "{scheme}");
    }
}

#[tokio::test]
async fn whoever_stays_signed_in_stays_so_at_the_application() {
    let world = behind(|_| {}).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut person = Person::new(&world);
    person
        .id()
        .post("send-code", &[("phone", KNOWN), ("stay", "1")])
        .await;
    world.settled().await;
    let code = world.upstream.code(KNOWN).await;
    person.id().verify(&code).await;
    world.advance(minutes(60 * 24)).await;
    let enter = person.ticket(APP, "/").await;
    let line = person
        .get(&enter)
        .await
        .cookie("latchkey-app")
        .unwrap()
        .to_owned();
    assert!(
        line.ends_with("Max-Age=2505600"),
        "as long as the session can, 29 days: {line}"
    );
}

#[tokio::test]
async fn the_way_is_told_to_nobody() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let start = person
        .get(&format!("{APP}/.latchkey/start?to=/secret-page"))
        .await;
    let ticket = person.get(start.location()).await;
    let address = ticket.location().to_owned();
    let entered = person.get(&address).await;
    let again = person.clone();
    let refused = Person::new(&world).get(&address).await;
    for answer in [&start, &ticket, &entered, &refused] {
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let secrets = [
        address.split("ticket=").nth(1).unwrap().to_owned(),
        start
            .cookie("latchkey-app-nonce")
            .unwrap()
            .split(['=', ';'])
            .nth(1)
            .unwrap()
            .to_owned(),
        again
            .clone()
            .on(APP)
            .cookie("latchkey-app")
            .unwrap()
            .to_owned(),
        "secret-page".to_owned(),
    ];
    let (logs, audit) = (
        latchkey_testkit::log_capture::process_logs().text(),
        world.audit.text(),
    );
    assert!(logs.contains("/.latchkey/enter"), "paths are logged");
    for secret in secrets {
        assert!(
            !logs.contains(&secret) && !audit.contains(&secret),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_asks_for_the_application_takes_its_cookie() {
    let world =
        behind(|settings| settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()])
            .await;
    let mut person = entered(&world, APP).await;
    let token = person.on(APP).cookie("latchkey-app").unwrap().to_owned();
    for (host, status) in [
        ("app.localhost:8080", 200),
        ("other.localhost:8081", 401),
        ("127.0.0.1:3000", 401),
    ] {
        let mut proxy = world.browser().at("192.0.2.1");
        proxy
            .cookies
            .insert("latchkey-app".to_owned(), token.clone());
        let mut request = proxy
            .request(http::Method::GET, "/forward-auth")
            .body(axum::body::Body::empty())
            .unwrap();
        for (name, value) in [
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", "/a"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let answer = world.call(request).await;
        assert_eq!(answer.status, status, "{host}");
        if host == "other.localhost:8081" {
            assert_eq!(answer.location(), format!("{OTHER}/.latchkey/start?to=/a"));
        }
    }
}
