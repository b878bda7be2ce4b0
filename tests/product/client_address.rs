//! The client address: header lists against the real middleware, including spoofing attempts
//! (requirement S8).

use http::{HeaderName, HeaderValue};
use latchkey::server::settings::Settings;

use crate::support::{TestApp, minutes};

/// A trusted proxy, another one, and one in an IPv6 network.
const NEAR: &str = "10.0.0.1";
const FAR: &str = "10.9.9.9";
const SIX: &str = "2001:db8:ffff::9";
/// A client, and the address that it forges.
const CLIENT: &str = "203.0.113.7";
const FORGED: &str = "198.51.100.66";

/// The peer, the header lines that it sends, and the client address that results.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

async fn check(header: Option<&str>, rows: &[Row]) {
    let app = TestApp::with_settings(|settings: &mut Settings| {
        settings.server.trusted_proxies = ["10.0.0.0/8", "2001:db8:ffff::/48"]
            .map(|net| net.parse().unwrap())
            .to_vec();
        settings.server.client_address_header = header.map(str::to_owned);
    })
    .await;
    for (peer, lines, client) in rows {
        let mut request = app
            .browser()
            .with_address(peer)
            .form("send-code", &[("phone", "nobody")]);
        for (name, value) in *lines {
            let name: HeaderName = name.parse().unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        app.call(request).await.assert_problem(422, "invalid_phone");
        let event = app
            .audit
            .events_named("input_validation_fail")
            .pop()
            .unwrap();
        assert_eq!(event["address"], *client, "{peer} sends {lines:?}");
        // Only so many such events are audit-logged in a minute.
        app.advance(minutes(1)).await;
    }
}

const LIST: &str = "x-forwarded-for";

#[tokio::test]
async fn s8_the_list_is_read_from_the_right_past_trusted_proxies() {
    check(
        Some(LIST),
        &[
            // No header.
            (CLIENT, &[], CLIENT),
            (NEAR, &[], NEAR),
            // A header from an untrusted peer.
            (CLIENT, &[(LIST, FORGED)], CLIENT),
            (CLIENT, &[(LIST, "10.0.0.1")], CLIENT),
            (CLIENT, &[(LIST, "127.0.0.1, ::1, 10.0.0.1")], CLIENT),
            ("192.168.0.1", &[(LIST, FORGED)], "192.168.0.1"),
            ("11.0.0.1", &[(LIST, FORGED)], "11.0.0.1"),
            // A header from a proxy.
            (NEAR, &[(LIST, CLIENT)], CLIENT),
            (NEAR, &[("X-FORWARDED-FOR", CLIENT)], CLIENT),
            (NEAR, &[(LIST, " \t 203.0.113.7 \t ")], CLIENT),
            (SIX, &[(LIST, CLIENT)], CLIENT),
            // Several proxies, in one line and in several.
            (NEAR, &[(LIST, "203.0.113.7, 10.9.9.9")], CLIENT),
            (NEAR, &[(LIST, "203.0.113.7,10.9.9.9,10.8.8.8")], CLIENT),
            (
                NEAR,
                &[(LIST, "203.0.113.7, 2001:db8:ffff::9, 10.9.9.9")],
                CLIENT,
            ),
            (NEAR, &[(LIST, CLIENT), (LIST, FAR)], CLIENT),
            (
                NEAR,
                &[(LIST, "198.51.100.66"), (LIST, CLIENT), (LIST, FAR)],
                CLIENT,
            ),
            // What the client wrote before the first proxy is ignored.
            (NEAR, &[(LIST, "198.51.100.66, 203.0.113.7")], CLIENT),
            (NEAR, &[(LIST, "10.0.0.7, 203.0.113.7")], CLIENT),
            (
                NEAR,
                &[(LIST, "198.51.100.66, 203.0.113.7, 10.9.9.9")],
                CLIENT,
            ),
            (NEAR, &[(LIST, "nonsense, 203.0.113.7")], CLIENT),
            (NEAR, &[(LIST, "\u{fc}, 203.0.113.7"), (LIST, FAR)], FAR),
            // An untrusted proxy between trusted ones is taken for the client.
            (
                NEAR,
                &[(LIST, "198.51.100.66, 203.0.113.7, 192.0.2.50, 10.9.9.9")],
                "192.0.2.50",
            ),
            // All of them are trusted: the first one is the client.
            (NEAR, &[(LIST, "10.9.9.9, 10.8.8.8")], FAR),
            // IPv4 and IPv6 with ports and brackets, and IPv4-mapped IPv6.
            (NEAR, &[(LIST, "203.0.113.7:4711")], CLIENT),
            (NEAR, &[(LIST, "[203.0.113.7]")], CLIENT),
            (NEAR, &[(LIST, "2001:db8::1")], "2001:db8::1"),
            (NEAR, &[(LIST, "2001:DB8:0:0::0001")], "2001:db8::1"),
            (NEAR, &[(LIST, "[2001:db8::1]")], "2001:db8::1"),
            (NEAR, &[(LIST, "[2001:db8::1]:4711")], "2001:db8::1"),
            (
                NEAR,
                &[(LIST, "[2001:db8::1]:4711, [2001:db8:ffff::9]:80")],
                "2001:db8::1",
            ),
            (NEAR, &[(LIST, "::ffff:203.0.113.7")], CLIENT),
            (NEAR, &[(LIST, "[::ffff:203.0.113.7]:4711")], CLIENT),
            (NEAR, &[(LIST, "203.0.113.7, ::ffff:10.9.9.9")], CLIENT),
            ("::ffff:10.0.0.1", &[(LIST, CLIENT)], CLIENT),
            ("::ffff:203.0.113.7", &[(LIST, FORGED)], CLIENT),
        ],
    )
    .await;
}

/// Nobody chooses a counter by invalid values: the walk ends at the last valid address.
#[tokio::test]
async fn s8_an_invalid_entry_ends_the_walk() {
    check(
        Some(LIST),
        &[
            (NEAR, &[(LIST, "")], NEAR),
            (NEAR, &[(LIST, " ")], NEAR),
            (NEAR, &[(LIST, ",")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7,")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7, , 10.9.9.9")], FAR),
            (NEAR, &[(LIST, "203.0.113.7, unknown")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7, unknown, 10.9.9.9")], FAR),
            (NEAR, &[(LIST, "_hidden")], NEAR),
            (NEAR, &[(LIST, "localhost")], NEAR),
            (NEAR, &[(LIST, "203.0.113")], NEAR),
            (NEAR, &[(LIST, "203.0.113.007")], NEAR),
            (NEAR, &[(LIST, "203.0.113.256")], NEAR),
            (NEAR, &[(LIST, "3405803783")], NEAR),
            (NEAR, &[(LIST, "0xcb.0.113.7")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7/32")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7:")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7:99999")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7 198.51.100.66")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7;198.51.100.66")], NEAR),
            (NEAR, &[(LIST, "\"203.0.113.7\"")], NEAR),
            (NEAR, &[(LIST, "[2001:db8::1")], NEAR),
            (NEAR, &[(LIST, "2001:db8::1]")], NEAR),
            (NEAR, &[(LIST, "2001:db8::1::2")], NEAR),
            // A zone has a meaning only on the proxy's own link.
            (NEAR, &[(LIST, "fe80::1%eth0")], NEAR),
            (NEAR, &[(LIST, "203.0.113.7, fe80::1%eth0, 10.9.9.9")], FAR),
            (NEAR, &[(LIST, "for=203.0.113.7")], NEAR),
            (NEAR, &[(LIST, "\u{fc}")], NEAR),
        ],
    )
    .await;
}

#[tokio::test]
async fn s8_only_the_configured_header_is_read() {
    const REAL: &str = "x-real-ip";
    check(
        Some(REAL),
        &[
            (NEAR, &[(REAL, CLIENT)], CLIENT),
            (NEAR, &[(REAL, "2001:db8::1")], "2001:db8::1"),
            (
                NEAR,
                &[
                    (REAL, CLIENT),
                    (LIST, FORGED),
                    ("forwarded", "for=198.51.100.66"),
                ],
                CLIENT,
            ),
            (
                NEAR,
                &[
                    (LIST, FORGED),
                    ("cf-connecting-ip", FORGED),
                    ("true-client-ip", FORGED),
                ],
                NEAR,
            ),
            // The client sends the header too: the proxy's own line comes last.
            (NEAR, &[(REAL, FORGED), (REAL, CLIENT)], CLIENT),
            (CLIENT, &[(REAL, FORGED)], CLIENT),
            (NEAR, &[(REAL, "none")], NEAR),
        ],
    )
    .await;
    check(
        None,
        &[
            (
                NEAR,
                &[
                    (LIST, FORGED),
                    (REAL, FORGED),
                    ("forwarded", "for=198.51.100.66"),
                ],
                NEAR,
            ),
            (CLIENT, &[(LIST, FORGED), ("x-client-ip", FORGED)], CLIENT),
            ("2001:db8::1", &[(LIST, FORGED)], "2001:db8::1"),
        ],
    )
    .await;
}

/// As long as a header may be.
#[tokio::test]
async fn s8_a_thousand_proxies_still_lead_to_the_client() {
    let app = TestApp::with_settings(|settings| {
        settings.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        settings.server.client_address_header = Some(LIST.to_owned());
    })
    .await;
    let list = format!("{FORGED}, {CLIENT}{}", format!(", {FAR}").repeat(1000));
    let mut request = app
        .browser()
        .with_address(NEAR)
        .form("send-code", &[("phone", "nobody")]);
    request
        .headers_mut()
        .insert(LIST, HeaderValue::from_str(&list).unwrap());
    app.call(request).await.assert_problem(422, "invalid_phone");
    assert_eq!(
        app.audit.events_named("input_validation_fail")[0]["address"],
        CLIENT
    );
}
