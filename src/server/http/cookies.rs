//! Names and attributes of the cookies.
//!
//! Over https cookies carry `__Host-` and `Secure`, over http on loopback neither. The scheme is
//! that of the public URL, or of the application's origin, and never that of the connection.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::server::applications::Application;
use crate::server::crypto::opaque_token::Opaque;
use crate::server::http::request_cookies::RequestCookies;

pub use crate::server::http::cookie_name::CookieName;

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
        name.in_header(self.secure)
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

    /// The value of a cookie in a request; none if the cookie came twice.
    pub fn value(self, request: &RequestCookies, name: CookieName) -> Option<&str> {
        request.value(self.name(name))
    }

    /// The token in a cookie; none if its value is no token, or the cookie came twice.
    pub fn token<const N: usize>(
        self,
        request: &RequestCookies,
        name: CookieName,
    ) -> Option<Opaque<N>> {
        Opaque::parse(self.value(request, name)?)
    }

    /// Whether a cookie came twice in a request. Such a cookie is ignored.
    pub fn is_repeated(self, request: &RequestCookies, name: CookieName) -> bool {
        request.is_repeated(self.name(name))
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

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
    fn the_token_in_a_cookie_is_read_under_the_name_of_its_scheme() {
        let token = Token::new(&Random::seeded(2));
        let mut headers = HeaderMap::new();
        let line = format!("latchkey-flow={}; latchkey=junk", token.encode());
        headers.insert(COOKIE, HeaderValue::from_str(&line).unwrap());
        let request = RequestCookies::parse(&headers);
        let cookies = Cookies::new(false);
        assert_eq!(cookies.token(&request, CookieName::Flow), Some(token));
        assert_eq!(cookies.token::<32>(&request, CookieName::Session), None);
        let https = Cookies::new(true);
        assert_eq!(https.token::<32>(&request, CookieName::Flow), None);
    }
}
