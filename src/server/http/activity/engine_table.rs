//! What each browser engine sends, and which of its requests are a person's.
//!
//! Sources: the W3C specification and MDN's compatibility data for each `Sec-Fetch-*` header.
//! WebKit sends `-Site`, `-Mode` and `-Dest` since Safari 16.4, and never `-User`
//! (mdn/browser-compat-data issue 27928). A browser test compares the occasions with Chromium.

use http::header::{ACCEPT, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};

use super::{ActivitySource, SEC_CH_UA, is_activity};
use crate::server::http::fetch_metadata::{DEST, MODE, SITE, USER};
use crate::server::settings::SessionActivity;

/// Which Fetch Metadata an engine sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sends {
    /// All four headers.
    Everything,
    /// All but `Sec-Fetch-Dest` (Chromium 76 to 79).
    NoDest,
    /// All but `Sec-Fetch-User` (WebKit).
    NoUser,
    /// None.
    Nothing,
}

struct Engine {
    name: &'static str,
    user_agent: &'static str,
    /// `Sec-CH-UA`, if the engine sends it.
    brands: Option<&'static str>,
    sends: Sends,
}

const fn engine(name: &'static str, sends: Sends, user_agent: &'static str) -> Engine {
    Engine {
        name,
        user_agent,
        brands: None,
        sends,
    }
}

const BRANDS: &str = "\"Chromium\";v=\"150\", \"Not_A Brand\";v=\"24\"";

const ENGINES: [Engine; 24] = [
    engine(
        "Safari on iPhone",
        Sends::NoUser,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    ),
    engine(
        "Safari on iPad and Mac",
        Sends::NoUser,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
         Version/16.4 Safari/605.1.15",
    ),
    engine(
        "Chrome on iPhone",
        Sends::NoUser,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) CriOS/150.0.7800.10 Mobile/15E148 Safari/604.1",
    ),
    engine(
        "Chrome on iPad, as a desktop",
        Sends::NoUser,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
         CriOS/150 Version/11.1.1 Safari/605.1.15",
    ),
    engine(
        "Firefox on iPhone",
        Sends::NoUser,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) FxiOS/150.0 Mobile/15E148 Safari/605.1.15",
    ),
    engine(
        "Edge on iPhone",
        Sends::NoUser,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/18.0 EdgiOS/150.0.3500.10 Mobile/15E148 Safari/604.1",
    ),
    engine(
        "a WKWebView",
        Sends::NoUser,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Mobile/15E148",
    ),
    engine(
        "a WKWebView with a name of its own",
        Sends::NoUser,
        "Orders/3.2 (iPhone)",
    ),
    engine(
        "WebKitGTK",
        Sends::NoUser,
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 \
         Safari/605.1.15",
    ),
    engine("an engine that does not name itself", Sends::NoUser, ""),
    engine(
        "Firefox",
        Sends::Everything,
        "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    ),
    engine(
        "Firefox on Android",
        Sends::Everything,
        "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
    ),
    engine(
        "Chrome",
        Sends::Everything,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/150.0.0.0 Safari/537.36",
    ),
    engine(
        "Chrome on Android",
        Sends::Everything,
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/150.0.0.0 Mobile Safari/537.36",
    ),
    engine(
        "Edge",
        Sends::Everything,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
    ),
    engine(
        "Samsung Internet",
        Sends::Everything,
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
         SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    ),
    engine(
        "an Android WebView",
        Sends::Everything,
        "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like \
         Gecko) Version/4.0 Chrome/150.0.7800.10 Mobile Safari/537.36",
    ),
    Engine {
        name: "an Android WebView with a name of its own",
        user_agent: "Orders/3.2 (Android)",
        brands: Some(BRANDS),
        sends: Sends::Everything,
    },
    Engine {
        name: "headless Chromium",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     HeadlessChrome/150.0.0.0 Safari/537.36",
        brands: Some(BRANDS),
        sends: Sends::Everything,
    },
    engine(
        "Chrome 78",
        Sends::NoDest,
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/78.0.3904.108 Safari/537.36",
    ),
    engine(
        "Chrome 74",
        Sends::Nothing,
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/74.0.3729.169 Safari/537.36",
    ),
    engine(
        "Safari 15",
        Sends::Nothing,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/15.6 Mobile/15E148 Safari/604.1",
    ),
    engine(
        "Firefox 78",
        Sends::Nothing,
        "Mozilla/5.0 (X11; Linux x86_64; rv:78.0) Gecko/20100101 Firefox/78.0",
    ),
    engine(
        "Firefox of KaiOS",
        Sends::Nothing,
        "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
    ),
];

/// Something that happens in a browser, and the request that it causes.
struct Occasion {
    what: &'static str,
    method: Method,
    site: &'static str,
    mode: &'static str,
    dest: &'static str,
    /// Whether the browser knows that a person caused it.
    has_user: bool,
    accept: &'static str,
}

const PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn occasions() -> Vec<Occasion> {
    let occasion = |what, site, mode, dest, has_user, accept| Occasion {
        what,
        method: Method::GET,
        site,
        mode,
        dest,
        has_user,
        accept,
    };
    let of_a_person = [
        ("a link", "same-origin", "document"),
        ("a link of another site", "cross-site", "document"),
        ("a typed address", "none", "document"),
        ("a link in a frame", "same-origin", "iframe"),
    ]
    .map(|(what, site, dest)| occasion(what, site, "navigate", dest, true, PAGE));
    let of_a_page = [
        ("a meta refresh", "navigate", "document", PAGE),
        ("an iframe that loads", "navigate", "iframe", PAGE),
        ("a poll", "cors", "empty", "*/*"),
        ("a script that gets a page", "same-origin", "empty", PAGE),
        ("an image", "no-cors", "image", "image/avif,*/*;q=0.8"),
        ("a style sheet", "no-cors", "style", "text/css,*/*;q=0.1"),
        ("a WebSocket", "websocket", "websocket", "*/*"),
    ]
    .map(|(what, mode, dest, accept)| occasion(what, "same-origin", mode, dest, false, accept));
    let form = Occasion {
        method: Method::POST,
        ..occasion("a form", "same-origin", "navigate", "document", true, PAGE)
    };
    of_a_person
        .into_iter()
        .chain(of_a_page)
        .chain([form])
        .collect()
}

impl Engine {
    fn headers(&self, occasion: &Occasion) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name, value| headers.insert(name, HeaderValue::from_static(value));
        insert(ACCEPT, occasion.accept);
        if !self.user_agent.is_empty() {
            insert(USER_AGENT, self.user_agent);
        }
        if let Some(brands) = self.brands {
            insert(SEC_CH_UA, brands);
        }
        if self.sends != Sends::Nothing {
            insert(SITE, occasion.site);
            insert(MODE, occasion.mode);
        }
        if matches!(self.sends, Sends::Everything | Sends::NoUser) {
            insert(DEST, occasion.dest);
        }
        if matches!(self.sends, Sends::Everything | Sends::NoDest) && occasion.has_user {
            insert(USER, "?1");
        }
        headers
    }

    /// Whether the occasion counts at an application. What an engine does not tell apart is
    /// decided for the person, as far as a window navigates.
    fn counts(&self, occasion: &Occasion) -> bool {
        let navigates = occasion.mode == "navigate";
        match self.sends {
            Sends::Everything | Sends::NoDest => occasion.has_user,
            Sends::NoUser => navigates && occasion.dest == "document",
            Sends::Nothing => occasion.method == Method::GET && occasion.accept == PAGE,
        }
    }
}

#[test]
fn k6_a_person_is_active_in_every_engine_and_a_page_in_none_that_tells() {
    for engine in &ENGINES {
        for occasion in occasions() {
            let headers = engine.headers(&occasion);
            let source = ActivitySource::Application(&occasion.method);
            let counts = is_activity(source, &headers, SessionActivity::Navigation);
            assert_eq!(
                counts,
                engine.counts(&occasion),
                "{}, {}",
                engine.name,
                occasion.what
            );
            if engine.sends != Sends::Nothing {
                let own = is_activity(
                    ActivitySource::OwnPage,
                    &headers,
                    SessionActivity::Navigation,
                );
                assert_eq!(own, counts, "{}, {}, own page", engine.name, occasion.what);
            }
        }
    }
}

#[test]
fn k6_the_links_of_a_person_count_in_every_engine() {
    let links = ["a link", "a link of another site", "a typed address"];
    for engine in &ENGINES {
        for occasion in occasions() {
            let what = occasion.what;
            if links.contains(&what) {
                assert!(engine.counts(&occasion), "{}, {what}", engine.name);
            }
        }
    }
}

#[test]
fn k6_a_page_that_is_fetched_ahead_counts_in_no_engine() {
    for engine in &ENGINES {
        for marker in ["sec-purpose", "purpose", "x-moz", "x-purpose"] {
            for occasion in occasions() {
                let mut headers = engine.headers(&occasion);
                headers.insert(marker, HeaderValue::from_static("prefetch"));
                let source = ActivitySource::Application(&occasion.method);
                let counts = is_activity(source, &headers, SessionActivity::Navigation);
                assert!(!counts, "{}, {}, {marker}", engine.name, occasion.what);
            }
        }
    }
}
