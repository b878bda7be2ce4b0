//! Every unsafe door × `Origin` × `Sec-Fetch-Site` × content type × cookies, against a model of its
//! own (H1, H2).

use crate::cross_site::*;
use http::HeaderName;
use http::header::CONTENT_TYPE;

/// What a header says of where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Nothing,
    Ours,
    Elsewhere,
}

/// The rule: nobody says elsewhere, and somebody says ours.
fn passes(origin: Word, site: Word) -> bool {
    [origin, site].contains(&Word::Ours) && ![origin, site].contains(&Word::Elsewhere)
}

/// `Origin` lines. The other name of ours is no more ours than any.
fn origins(own: &Url) -> Vec<(Vec<String>, Word)> {
    let (host, own) = (
        own.authority().to_owned(),
        own.origin().ascii_serialization(),
    );
    let other = if own == OWN { APP } else { OWN };
    let elsewhere = [
        "null".to_owned(),
        String::new(),
        "https://evil.example".to_owned(),
        other.to_owned(),
        format!("https://www.{host}"),
        format!("{own}.evil.example"),
        format!("https://evil.example/{host}"),
        format!("https://{host}@evil.example"),
        format!("http://{host}"),
        format!("{own}:443"),
        format!("{own}:8443"),
        format!("{own}."),
        format!("{own}/"),
        format!("HTTPS://{host}"),
        format!("https://{}", host.to_uppercase()),
        format!("{own}, {own}"),
    ];
    let single = elsewhere
        .into_iter()
        .map(|origin| (vec![origin], Word::Elsewhere));
    let several = [
        vec![own.clone(), own.clone()],
        vec![own.clone(), "https://evil.example".to_owned()],
    ];
    let several = several.into_iter().map(|lines| (lines, Word::Elsewhere));
    [(Vec::new(), Word::Nothing), (vec![own], Word::Ours)]
        .into_iter()
        .chain(single)
        .chain(several)
        .collect()
}

/// `Sec-Fetch-Site` lines. `none` is a person who typed the address.
const SITES: [(&[&str], Word); 10] = [
    (&[], Word::Nothing),
    (&["same-origin"], Word::Ours),
    (&["none"], Word::Ours),
    (&["same-site"], Word::Elsewhere),
    (&["cross-site"], Word::Elsewhere),
    (&["garbage"], Word::Elsewhere),
    (&[""], Word::Elsewhere),
    (&["Same-Origin"], Word::Elsewhere),
    (&["same-origin, none"], Word::Elsewhere),
    (&["same-origin", "same-origin"], Word::Elsewhere),
];

/// Content types that a form of another site can have, ours among them, and one that it cannot; and
/// whether a door reads it.
const TYPES: [(&str, bool); 4] = [
    ("application/x-www-form-urlencoded", true),
    ("text/plain", false),
    ("multipart/form-data; boundary=x", false),
    ("application/json", false),
];

struct Row<'a> {
    door: &'a Url,
    origins: &'a [String],
    sites: &'a [&'a str],
    media_type: &'a str,
}

impl Row<'_> {
    async fn ask(&self, browser: &Browser) -> Answer {
        let mut asked = request(browser, Method::POST, self.door, "unknown=1");
        let headers = asked.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_str(self.media_type).unwrap(),
        );
        for origin in self.origins {
            headers.append(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        for site in self.sites {
            headers.append(
                HeaderName::from_static("sec-fetch-site"),
                HeaderValue::from_str(site).unwrap(),
            );
        }
        browser.world.call(asked).await
    }

    fn named(&self) -> String {
        format!(
            "{} from {:?}, {:?}, as {}",
            self.door, self.origins, self.sites, self.media_type
        )
    }
}

/// Asks in every way in which the rule says `wanted`; says how many there were.
async fn ask_all(
    browsers: &[Browser],
    wanted: bool,
    check: impl Fn(&Row<'_>, bool, &Answer),
) -> usize {
    let mut asked = 0;
    for door in doors() {
        let origins = origins(&door);
        let pairs = origins
            .iter()
            .flat_map(|origin| SITES.iter().map(move |site| (origin, site)));
        for ((origins, origin), (sites, site)) in
            pairs.filter(|((_, origin), (_, site))| passes(*origin, *site) == wanted)
        {
            for (media_type, is_read) in TYPES {
                let row = Row {
                    door: &door,
                    origins,
                    sites,
                    media_type,
                };
                assert!(*origin != Word::Elsewhere || !wanted, "{site:?}");
                for browser in browsers {
                    // A new address for each: the flood limiter is about something else.
                    let browser = Browser {
                        address: browser.world.next_address(),
                        ..browser.clone()
                    };
                    check(&row, is_read, &row.ask(&browser).await);
                    asked += 1;
                }
            }
        }
    }
    asked
}

#[tokio::test]
async fn h1_h2_every_door_refuses_whatever_does_not_come_from_its_own_pages_and_nothing_changes() {
    let (world, gate) = world().await;
    let mut victim = signed_in(&world).await;
    world.settled().await;
    let before = world.upstream.calls().await;
    gate.written();
    let asked = ask_all(
        &[world.browser(), victim.clone()],
        false,
        |row, _, answer| {
            assert_eq!(answer.status, 403, "{}", row.named());
            answer.problem(403, "cross_origin");
            assert!(answer.cookies().is_empty(), "{}", row.named());
        },
    )
    .await;
    assert!(asked > 10_000, "{asked}");
    assert_eq!(gate.written(), [""; 0], "nothing was written");
    assert!(
        world.upstream.since(&before).await.is_empty(),
        "nothing went upstream"
    );
    assert!(victim.is_signed_in().await);
}

#[tokio::test]
async fn h1_every_door_takes_what_its_own_pages_send() {
    let (world, _) = world().await;
    let person = signed_in(&world).await;
    let asked = ask_all(&[world.browser(), person], true, |row, is_read, answer| {
        let status = answer.status.as_u16();
        assert!(status != 403 && status < 500, "{}: {status}", row.named());
        // An application's doors look at no body.
        let is_ours = row.door.as_str().starts_with(OWN);
        assert_eq!(
            status == 415,
            is_ours && !is_read,
            "{}: {status}",
            row.named()
        );
    })
    .await;
    // Five ways to say ours, four types, two browsers.
    assert_eq!(asked, doors().len() * 5 * 4 * 2);
}

#[test]
fn the_rule_in_short() {
    use Word::{Elsewhere, Nothing, Ours};
    for (origin, site, passed) in [
        (Nothing, Nothing, false),
        (Nothing, Ours, true),
        (Ours, Nothing, true),
        (Ours, Ours, true),
        (Elsewhere, Ours, false),
        (Ours, Elsewhere, false),
        (Elsewhere, Nothing, false),
        (Nothing, Elsewhere, false),
        (Elsewhere, Elsewhere, false),
    ] {
        assert_eq!(passes(origin, site), passed, "{origin:?} {site:?}");
    }
}
