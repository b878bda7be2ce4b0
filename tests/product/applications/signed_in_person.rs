//! A person before one browser: cookies by origin, and redirects that are followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderValue, Method, Request};
use url::Url;

use crate::applications::{Answer, Browser, World};

/// More hops than any honest way has; browsers give up at 20.
const TOO_MANY: usize = 12;

#[derive(Clone)]
pub struct Person {
    pub world: Arc<World>,
    at: BTreeMap<String, Browser>,
    plain: Browser,
}

/// Where a walk ended.
#[derive(Debug)]
pub struct Walk {
    /// Every address, the first one too.
    pub hops: Vec<String>,
    /// The last answer of ours; nothing where the walk came to a page of an application.
    pub answer: Option<Answer>,
}

impl Walk {
    pub fn end(&self) -> &str {
        self.hops.last().unwrap()
    }
}

impl Person {
    pub fn new(world: &Arc<World>) -> Self {
        Self {
            world: world.clone(),
            at: BTreeMap::new(),
            plain: world.browser().without_script(),
        }
    }

    pub fn in_language(mut self, language: &'static str) -> Self {
        self.plain.language = language;
        self
    }

    /// The browser as an origin sees it.
    pub fn on(&mut self, origin: &str) -> &mut Browser {
        self.at
            .entry(origin.to_owned())
            .or_insert_with(|| self.plain.clone())
    }

    pub fn id(&mut self) -> &mut Browser {
        let origin = self.world.origin();
        self.on(&origin)
    }

    pub async fn sign_in(&mut self, phone: &str) {
        self.id().sign_in(phone).await;
    }

    /// Goes to an application's page for the first time, signed in.
    pub async fn enter(&mut self, origin: &str) {
        let walk = self.walk(&format!("{origin}/.latchkey/start?to=/in")).await;
        assert_eq!(walk.end(), format!("{origin}/in"), "{:?}", walk.answer);
    }

    /// The address of a fresh ticket, which is not used.
    pub async fn ticket(&mut self, origin: &str, to: &str) -> String {
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
        let browser = self.on(&url.origin().ascii_serialization());
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = browser.request(method, path).body(Body::empty()).unwrap();
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_str(host).unwrap());
        request
    }

    /// Sends a request to an origin.
    pub async fn send(&mut self, origin: &str, request: Request<Body>) -> Answer {
        let answer = self.world.call(request).await;
        self.on(origin).keep(&answer);
        answer
    }

    pub async fn get(&mut self, url: &str) -> Answer {
        let request = self.request(Method::GET, url);
        self.send(
            &Url::parse(url).unwrap().origin().ascii_serialization(),
            request,
        )
        .await
    }

    /// Posts an empty form from a page of the same origin.
    pub async fn post(&mut self, url: &str) -> Answer {
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

    /// Follows redirects until a page of ours, or a path of an application that is its own.
    pub async fn walk(&mut self, url: &str) -> Walk {
        let mut hops = vec![url.to_owned()];
        loop {
            assert!(hops.len() <= TOO_MANY, "round and round: {hops:?}");
            let here = Url::parse(hops.last().unwrap()).unwrap();
            let is_ours = here.origin().ascii_serialization() == self.world.origin();
            if !is_ours && !here.path().starts_with("/.latchkey/") {
                return Walk { hops, answer: None };
            }
            let answer = self.get(here.as_str()).await;
            if !answer.status.is_redirection() {
                return Walk {
                    hops,
                    answer: Some(answer),
                };
            }
            hops.push(here.join(answer.location()).unwrap().into());
        }
    }

    /// Whether the session of an application lives.
    pub async fn is_in(&mut self, origin: &str) -> bool {
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
