//! A browser that keeps cookies by origin and follows redirects.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderValue, Method, Request};
use url::Url;

use crate::applications::{Browser, SAME_HOST, TestApp, TestResponse};
use crate::support::KNOWN_PHONE;

/// More redirects than any valid flow has. Browsers give up at 20.
const MAX_REDIRECTS: usize = 12;

#[derive(Clone)]
pub struct SiteBrowser {
    pub app: Arc<TestApp>,
    at: BTreeMap<String, Browser>,
    plain: Browser,
}

/// The end of a chain of redirects.
#[derive(Debug)]
pub struct RedirectChain {
    /// Every URL, including the first one.
    pub urls: Vec<String>,
    /// The last response of ours; `None` when the chain ends at a page of an application.
    pub response: Option<TestResponse>,
}

impl RedirectChain {
    pub fn last_url(&self) -> &str {
        self.urls.last().unwrap()
    }
}

impl SiteBrowser {
    pub fn new(app: &Arc<TestApp>) -> Self {
        Self {
            app: app.clone(),
            at: BTreeMap::new(),
            plain: app.browser().without_javascript(),
        }
    }

    /// Signed in with the known number.
    pub async fn signed_in(app: &Arc<TestApp>) -> Self {
        let mut person = Self::new(app);
        person.sign_in(KNOWN_PHONE).await;
        person
    }

    pub fn with_language(mut self, language: &'static str) -> Self {
        self.plain.language = language;
        self
    }

    /// The browser with the cookies of one origin.
    pub fn at_origin(&mut self, origin: &str) -> &mut Browser {
        self.at
            .entry(origin.to_owned())
            .or_insert_with(|| self.plain.clone())
    }

    /// What a proxy at this address is told about a navigation to `/orders` at an application.
    pub async fn forward_auth(&mut self, origin: &str, proxy: IpAddr) -> TestResponse {
        let cookies_of = if origin == SAME_HOST {
            self.app.origin()
        } else {
            origin.to_owned()
        };
        let browser = Browser {
            address: proxy,
            ..self.at_origin(&cookies_of).clone()
        };
        let path = format!("/forward-auth?redirect=true&origin={origin}");
        let request = browser
            .request(Method::GET, &path)
            .header("x-forwarded-uri", "/orders?id=1")
            .body(Body::empty())
            .unwrap();
        self.app.call(request).await
    }

    /// The session cookie of an application.
    pub fn app_cookie(&mut self, origin: &str) -> String {
        let cookie = self.at_origin(origin).cookie("latchkey-app");
        cookie.unwrap().to_owned()
    }

    pub fn at_sign_in(&mut self) -> &mut Browser {
        let origin = self.app.origin();
        self.at_origin(&origin)
    }

    pub async fn sign_in(&mut self, phone: &str) {
        self.at_sign_in().sign_in(phone).await;
    }

    /// Opens an application's page for the first time while signed in.
    pub async fn open_application(&mut self, origin: &str) {
        let redirects = self
            .follow_redirects(&format!("{origin}/.latchkey/start?to=/in"))
            .await;
        assert_eq!(
            redirects.last_url(),
            format!("{origin}/in"),
            "{:?}",
            redirects.response
        );
    }

    /// The URL of a new ticket that is not used yet.
    pub async fn request_ticket(&mut self, origin: &str, to: &str) -> String {
        let start = self.get(&format!("{origin}/.latchkey/start?to={to}")).await;
        let ticket = self.get(start.location()).await;
        assert!(
            ticket
                .location()
                .starts_with(&format!("{origin}/.latchkey/enter?ticket=")),
            "{}",
            ticket.location()
        );
        ticket.location().to_owned()
    }

    pub fn request(&mut self, method: Method, url: &str) -> Request<Body> {
        let url = Url::parse(url).unwrap();
        let browser = self.at_origin(&url.origin().ascii_serialization());
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = browser.request(method, path).body(Body::empty()).unwrap();
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(host).unwrap());
        request
    }

    /// Sends a request to an origin.
    pub async fn send(&mut self, origin: &str, request: Request<Body>) -> TestResponse {
        let response = self.app.call(request).await;
        self.at_origin(origin).store_cookies(&response);
        response
    }

    pub async fn get(&mut self, url: &str) -> TestResponse {
        let request = self.request(Method::GET, url);
        self.send(
            &Url::parse(url).unwrap().origin().ascii_serialization(),
            request,
        )
        .await
    }

    /// Posts an empty form from a page of the same origin.
    pub async fn post(&mut self, url: &str) -> TestResponse {
        let origin = Url::parse(url).unwrap().origin().ascii_serialization();
        let mut request = self.request(Method::POST, url);
        request
            .headers_mut()
            .insert(ORIGIN, HeaderValue::from_str(&origin).unwrap());
        request.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        self.send(&origin, request).await
    }

    /// Follows redirects to one of our pages, or to an application's own page.
    pub async fn follow_redirects(&mut self, url: &str) -> RedirectChain {
        let mut urls = vec![url.to_owned()];
        loop {
            assert!(urls.len() <= MAX_REDIRECTS, "redirect loop: {urls:?}");
            let here = Url::parse(urls.last().unwrap()).unwrap();
            let is_ours = here.origin().ascii_serialization() == self.app.origin();
            if !is_ours && !here.path().starts_with("/.latchkey/") {
                return RedirectChain {
                    urls,
                    response: None,
                };
            }
            let response = self.get(here.as_str()).await;
            if !response.status.is_redirection() {
                return RedirectChain {
                    urls,
                    response: Some(response),
                };
            }
            urls.push(here.join(response.location()).unwrap().into());
        }
    }

    /// Whether the application's session is active.
    pub async fn is_signed_in_at(&mut self, origin: &str) -> bool {
        match self
            .get(&format!("{origin}/.latchkey/session"))
            .await
            .status
            .as_u16()
        {
            200 => true,
            401 => false,
            other => panic!("{origin}/.latchkey/session: {other}"),
        }
    }
}
