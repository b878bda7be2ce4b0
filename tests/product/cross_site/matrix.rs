//! Every unsafe endpoint × `Origin` × `Sec-Fetch-Site` × content type × cookies, compared with a
//! separate model (H1, H2).

use crate::cross_site::*;
use http::HeaderName;
use http::header::CONTENT_TYPE;

/// What a header says about the origin of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OriginClaim {
    Missing,
    Own,
    Foreign,
}

/// The rule: no header names a foreign origin, and at least one names our own.
fn is_allowed(origin: OriginClaim, site: OriginClaim) -> bool {
    [origin, site].contains(&OriginClaim::Own) && ![origin, site].contains(&OriginClaim::Foreign)
}

/// `Origin` lines. The other of our two origins is as foreign as any.
fn origins(own: &Url) -> Vec<(Vec<String>, OriginClaim)> {
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
        .map(|origin| (vec![origin], OriginClaim::Foreign));
    let several = [
        vec![own.clone(), own.clone()],
        vec![own.clone(), "https://evil.example".to_owned()],
    ];
    let several = several
        .into_iter()
        .map(|lines| (lines, OriginClaim::Foreign));
    [
        (Vec::new(), OriginClaim::Missing),
        (vec![own], OriginClaim::Own),
    ]
    .into_iter()
    .chain(single)
    .chain(several)
    .collect()
}

/// `Sec-Fetch-Site` lines. `none` is a person who entered the address.
const SITES: [(&[&str], OriginClaim); 10] = [
    (&[], OriginClaim::Missing),
    (&["same-origin"], OriginClaim::Own),
    (&["none"], OriginClaim::Own),
    (&["same-site"], OriginClaim::Foreign),
    (&["cross-site"], OriginClaim::Foreign),
    (&["garbage"], OriginClaim::Foreign),
    (&[""], OriginClaim::Foreign),
    (&["Same-Origin"], OriginClaim::Foreign),
    (&["same-origin, none"], OriginClaim::Foreign),
    (&["same-origin", "same-origin"], OriginClaim::Foreign),
];

/// Content types that a form of another site can send, one that it cannot, and whether an endpoint
/// accepts them.
const TYPES: [(&str, bool); 4] = [
    ("application/x-www-form-urlencoded", true),
    ("text/plain", false),
    ("multipart/form-data; boundary=x", false),
    ("application/json", false),
];

struct FormPost<'a> {
    endpoint: &'a Url,
    origins: &'a [String],
    sites: &'a [&'a str],
    media_type: &'a str,
}

impl FormPost<'_> {
    async fn send(&self, browser: &Browser) -> TestResponse {
        let mut sent = request(browser, Method::POST, self.endpoint, "unknown=1");
        let headers = sent.headers_mut();
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
        browser.app.call(sent).await
    }

    fn describe(&self) -> String {
        format!(
            "{} from {:?}, {:?}, as {}",
            self.endpoint, self.origins, self.sites, self.media_type
        )
    }
}

/// Sends every combination for which the rule gives `wanted`; returns their number.
async fn send_all(
    browsers: &[Browser],
    wanted: bool,
    check: impl Fn(&FormPost<'_>, bool, &TestResponse),
) -> usize {
    let mut sent = 0;
    for endpoint in endpoints() {
        let origins = origins(&endpoint);
        let pairs = origins
            .iter()
            .flat_map(|origin| SITES.iter().map(move |site| (origin, site)));
        for ((origins, origin), (sites, site)) in
            pairs.filter(|((_, origin), (_, site))| is_allowed(*origin, *site) == wanted)
        {
            for (media_type, is_read) in TYPES {
                let post = FormPost {
                    endpoint: &endpoint,
                    origins,
                    sites,
                    media_type,
                };
                assert!(*origin != OriginClaim::Foreign || !wanted, "{site:?}");
                for browser in browsers {
                    // A new address for each request, so that the IP throttle does not interfere.
                    let browser = Browser {
                        address: browser.app.next_address(),
                        ..browser.clone()
                    };
                    check(&post, is_read, &post.send(&browser).await);
                    sent += 1;
                }
            }
        }
    }
    sent
}

#[tokio::test]
async fn h1_h2_every_endpoint_refuses_foreign_origins_and_changes_nothing() {
    let (app, store) = app().await;
    let mut victim = signed_in(&app).await;
    app.wait_for_sends().await;
    let before = app.upstream.call_counts().await;
    store.take_writes();
    let sent = send_all(
        &[app.browser(), victim.clone()],
        false,
        |post, _, response| {
            assert_eq!(response.status, 403, "{}", post.describe());
            response.assert_problem(403, "cross_origin");
            assert!(response.cookies().is_empty(), "{}", post.describe());
        },
    )
    .await;
    assert!(sent > 10_000, "{sent}");
    assert_eq!(store.take_writes(), [""; 0], "nothing was written");
    assert!(
        app.upstream.calls_since(&before).await.is_empty(),
        "nothing is sent upstream"
    );
    assert!(victim.is_signed_in().await);
}

#[tokio::test]
async fn h1_every_endpoint_accepts_its_own_pages() {
    let (app, _) = app().await;
    let person = signed_in(&app).await;
    let sent = send_all(&[app.browser(), person], true, |post, is_read, response| {
        let status = response.status.as_u16();
        assert!(
            status != 403 && status < 500,
            "{}: {status}",
            post.describe()
        );
        // An application's endpoints read no body.
        let is_ours = post.endpoint.as_str().starts_with(OWN);
        assert_eq!(
            status == 415,
            is_ours && !is_read,
            "{}: {status}",
            post.describe()
        );
    })
    .await;
    // Five accepted combinations, four types, two browsers.
    assert_eq!(sent, endpoints().len() * 5 * 4 * 2);
}

#[test]
fn the_model_allows_own_and_refuses_foreign_origins() {
    use OriginClaim::{Foreign, Missing, Own};
    for (origin, site, passed) in [
        (Missing, Missing, false),
        (Missing, Own, true),
        (Own, Missing, true),
        (Own, Own, true),
        (Foreign, Own, false),
        (Own, Foreign, false),
        (Foreign, Missing, false),
        (Missing, Foreign, false),
        (Foreign, Foreign, false),
    ] {
        assert_eq!(is_allowed(origin, site), passed, "{origin:?} {site:?}");
    }
}
