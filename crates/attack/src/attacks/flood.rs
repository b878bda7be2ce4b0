//! Posts forged, broken and enormous forms, half of them from one address and half from very many.
//! Nothing goes upstream, little is written, memory stays bounded, and honest people are served
//! meanwhile (requirements H1, H9).

use std::time::Duration;

use anyhow::Result;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN};
use reqwest::{Method, RequestBuilder};

use crate::browser::{Browser, FLOW, SESSION};
use crate::clock;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::sandbox::Tally;
use crate::siege::Siege;
use crate::stage::{Stage, passcode, token};

/// Honest people who sign up meanwhile.
const HONEST: usize = 10;
/// Addresses of the many.
const ADDRESSES: usize = 5000;
/// What memory and files may grow by, in KB. Of the memory most is what the allocator keeps for the
/// next burst; of the files, the events: sixty of a kind and minute.
const MEMORY: u64 = 32_000;
const FILES: u64 = 4_000;
const KB: u64 = 1_000;

const FORM: &str = "application/x-www-form-urlencoded";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let posts = stage.of(3000, 30_000);
    let place = stage.open(&[]).await?;
    let mut somebody = place.browser().at(address(0));
    somebody.sign_in("sign-up", &number(8, 0)).await?;

    let siege = Siege::begin(&place).await?;
    let (memory, written) = (place.resident(), place.written()?);
    let mut dice = stage.dice();
    let forged: Vec<_> = (0..posts)
        .map(|at| {
            let elsewhere = if at % 2 == 0 {
                address(1)
            } else {
                address(2 + at / 2 % ADDRESSES)
            };
            forge(
                &place,
                place.browser().at(elsewhere),
                at / 2,
                &token(&mut dice),
                &passcode(&mut dice),
            )
        })
        .collect();
    let forgers = forged.into_iter().map(|(mut browser, request)| async move {
        // Whoever is refused before the end of an enormous form may find the connection closed.
        Ok(browser
            .send(request)
            .await
            .is_ok_and(|answer| answer.is_ok()))
    });
    let (let_through, came_in) = tokio::try_join!(stage.crowd(forgers), honest(&place))?;
    let mut finding = siege.end(posts).await?;
    let was_honest = u64::try_from(HONEST)?;
    let Tally {
        creations,
        sends,
        verifies,
        messages,
    } = finding.reached;
    finding.reached = Tally {
        creations: 0,
        sends,
        verifies,
        messages,
    } - Tally {
        creations: 0,
        sends: was_honest,
        verifies: was_honest,
        messages: was_honest,
    };

    let calls = creations + sends + verifies;
    finding.at_most("calls upstream", calls.saturating_sub(3 * was_honest), 0);
    finding.none(
        "post let through",
        let_through.into_iter().filter(|through| *through).count(),
    );
    finding.at_most(
        "KB written",
        place.written()?.saturating_sub(written) / KB,
        FILES,
    );
    if let Some((before, after)) = memory.zip(place.resident()) {
        finding.at_most("KB of memory", after.saturating_sub(before) / KB, MEMORY);
    }
    finding.all("honest people in", came_in, HONEST);
    Ok(finding)
}

/// How many honest people come in, one after another.
async fn honest(place: &Place) -> Result<usize> {
    let mut came_in = 0;
    for at in 0..HONEST {
        let mut person = place.browser().at(address(10_000 + at));
        came_in += usize::from(person.sign_in("sign-up", &number(9, at)).await?);
        clock::pause(Duration::from_millis(200)).await;
    }
    Ok(came_in)
}

/// A post of one of many kinds, none of which may be heard.
fn forge(
    place: &Place,
    mut browser: Browser,
    kind: usize,
    token: &str,
    code: &str,
) -> (Browser, RequestBuilder) {
    let post = |door: &str| {
        place
            .browser()
            .request(Method::POST, &format!("/api/{door}"))
    };
    let own = |door: &str| post(door).header(ORIGIN, place.origin());
    let form = [("phone", number(10, kind))];
    let request = match kind % 12 {
        0 => post("send-code")
            .form(&form)
            .header(ORIGIN, "https://evil.example"),
        1 => post("sign-up").form(&form),
        2 => own("send-code")
            .form(&form)
            .header(SEC_FETCH_SITE, "cross-site"),
        3 => post("send-code").form(&form).headers(twice(place)),
        4 => own("send-code")
            .header(CONTENT_TYPE, FORM)
            .body(b"phone=\xff\xfe".to_vec()),
        5 => own("send-code")
            .header(CONTENT_TYPE, "application/json")
            .body("{\"phone\":\"+447400123456\"}"),
        6 => own("sign-up")
            .header(CONTENT_TYPE, FORM)
            .body(vec![b'a'; 64 * 1024]),
        7 => own("send-code").form(&[("phone", "<script>")]),
        8 => own("send-code").form(&[("country", "GB")]),
        9 => own("resend-code").form(&[("phone", "")]),
        10 => own("revoke-session").form(&[("id", "others")]),
        _ => own("verify-code").form(&[("code", code)]),
    };
    browser.plant(FLOW, token);
    browser.plant(SESSION, token);
    (browser, request)
}

/// Our own origin, and somebody else's after it.
fn twice(place: &Place) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for origin in [place.origin(), "https://evil.example"] {
        if let Ok(value) = origin.parse() {
            headers.append(ORIGIN, value);
        }
    }
    headers
}
