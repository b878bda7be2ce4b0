//! Names and attributes of the cookies.
//!
//! Over https cookies carry `__Host-` and `Secure`, over http on loopback neither. The scheme is
//! that of the public URL, or of the application's origin, and never that of the connection.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::server::applications::Application;
use crate::server::crypto::opaque_token::Opaque;

/// A cookie of this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieName {
    /// The session token.
    Session,
    /// The token of a sign-in flow.
    Flow,
    /// The token of a recognised device (OWASP: device cookie).
    Device,
    /// A refusal and the form's fields, for the next page.
    Flash,
    /// The return URL of a sign-in, while no flow keeps it.
    ReturnUrl,
    /// The session token of an application, on its host.
    Application,
    /// The nonce of a login to an application, on its host.
    ApplicationNonce,
}

/// A change that a response makes to a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieChange {
    /// Sets it; without a lifetime it expires when the browser closes.
    Set(CookieName, String, Option<Duration>),
    /// Expires it.
    Clear(CookieName),
}

impl CookieChange {
    /// Sets a cookie to a token.
    pub fn set<const N: usize>(
        name: CookieName,
        token: &Opaque<N>,
        lifetime: Option<Duration>,
    ) -> Self {
        Self::Set(name, token.encode(), lifetime)
    }
}

/// Reads and writes the cookies.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    /// `secure`: whether the public URL, or the application's origin, is https.
    pub fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// The cookies on the host of an application.
    pub fn of_application(application: &Application) -> Self {
        Self::new(application.root.scheme() == "https")
    }

    /// The name in headers.
    pub fn name(self, name: CookieName) -> &'static str {
        match (name, self.secure) {
            (CookieName::Session, true) => "__Host-latchkey",
            (CookieName::Flow, true) => "__Host-latchkey-flow",
            (CookieName::Device, true) => "__Host-latchkey-browser",
            (CookieName::Flash, true) => "__Host-latchkey-flash",
            (CookieName::ReturnUrl, true) => "__Host-latchkey-return",
            (CookieName::Application, true) => "__Host-latchkey-app",
            (CookieName::ApplicationNonce, true) => "__Host-latchkey-app-nonce",
            (CookieName::Session, false) => "latchkey",
            (CookieName::Flow, false) => "latchkey-flow",
            (CookieName::Device, false) => "latchkey-browser",
            (CookieName::Flash, false) => "latchkey-flash",
            (CookieName::ReturnUrl, false) => "latchkey-return",
            (CookieName::Application, false) => "latchkey-app",
            (CookieName::ApplicationNonce, false) => "latchkey-app-nonce",
        }
    }

    /// The value of a `Set-Cookie` header.
    pub fn header(self, change: &CookieChange) -> String {
        let (name, value, age) = match change {
            CookieChange::Set(name, value, age) => (*name, value.as_str(), *age),
            CookieChange::Clear(name) => (*name, "", Some(Duration::ZERO)),
        };
        let mut cookie = Cookie::new(self.name(name), value);
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        if self.secure {
            cookie.set_secure(true);
        }
        if let Some(age) = age {
            cookie.set_max_age(
                cookie::time::Duration::try_from(age).unwrap_or(cookie::time::Duration::ZERO),
            );
        }
        cookie.to_string()
    }

    /// Adds a change to a response.
    pub fn append(self, headers: &mut HeaderMap, change: &CookieChange) {
        if let Ok(value) = HeaderValue::from_str(&self.header(change)) {
            headers.append(SET_COOKIE, value);
        }
    }

    /// The value of a cookie in a request. The first one is used, because an attacker on a sibling
    /// host can only add more.
    pub fn value(self, headers: &HeaderMap, name: CookieName) -> Option<&str> {
        let wanted = self.name(name);
        // Other cookies of the host may hold any bytes; those of this service are ASCII.
        let pairs = headers
            .get_all(COOKIE)
            .into_iter()
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
        pairs
            .filter_map(|pair| std::str::from_utf8(pair).ok())
            .find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                (name == wanted).then_some(value)
            })
    }

    /// The token in a cookie; none if its value is no token.
    pub fn token<const N: usize>(self, headers: &HeaderMap, name: CookieName) -> Option<Opaque<N>> {
        Opaque::parse(self.value(headers, name)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::crypto::opaque_token::Token;
    use crate::server::system::random::Random;

    #[test]
    fn k1_k13_cookies_carry_the_attributes_of_their_scheme() {
        let token = Token::new(&Random::seeded(1));
        let set = CookieChange::set(CookieName::Session, &token, None);
        let header = Cookies::new(true).header(&set);
        assert_eq!(
            header,
            format!(
                "__Host-latchkey={}; HttpOnly; SameSite=Lax; Secure; Path=/",
                token.encode()
            )
        );
        assert!(header.len() < 4096);
        let header = Cookies::new(false).header(&set);
        assert_eq!(
            header,
            format!(
                "latchkey={}; HttpOnly; SameSite=Lax; Path=/",
                token.encode()
            )
        );
        let cleared = Cookies::new(true).header(&CookieChange::Clear(CookieName::Flow));
        assert_eq!(
            cleared,
            "__Host-latchkey-flow=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn only_cookies_of_this_service_are_read() {
        let token = Token::new(&Random::seeded(2));
        let mut headers = HeaderMap::new();
        let text = [
            b"city=K\xf6ln; latchkey-flow=".as_slice(),
            token.encode().as_bytes(),
            b"; latchkey=junk",
        ]
        .concat();
        headers.insert(COOKIE, HeaderValue::from_bytes(&text).unwrap());
        let cookies = Cookies::new(false);
        assert_eq!(cookies.token(&headers, CookieName::Flow), Some(token));
        assert_eq!(cookies.token::<32>(&headers, CookieName::Session), None);
        assert_eq!(
            Cookies::new(true).token::<32>(&headers, CookieName::Flow),
            None
        );
    }
}
