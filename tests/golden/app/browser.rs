//! A browser, and the answers that it gets.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::ID;
use crate::layout::{base64, hex, sha256};

pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
pub const CHROME: &str = "Mozilla/5.0 (Linux; Android 16; K) Chrome/156.0 Mobile Safari/537.36";

/// A browser: its cookies by origin, its address and its user agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Browser {
    pub address: String,
    pub agent: String,
    pub cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    pub fn at(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            agent: FIREFOX.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    pub fn cookie(&self, origin: &str, name: &str) -> Option<&str> {
        self.cookies.get(origin)?.get(name).map(String::as_str)
    }

    /// A cookie of the public origin.
    pub fn token(&self, name: &str) -> &str {
        self.cookie(ID, name).unwrap()
    }

    /// The public id of its session: the hash of the cookie in hexadecimal.
    pub fn session_id(&self) -> String {
        hex(&sha256(&base64(self.token("__Host-latchkey"))))
    }

    pub fn keep(&mut self, origin: &str, headers: &HeaderMap) {
        let cookies = self.cookies.entry(origin.to_owned()).or_default();
        for line in headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the JSON answer that names the next page.
    #[track_caller]
    pub fn next(&self, to: &str) {
        assert_eq!((self.status, self.json()), (200, json!({ "next": to })));
    }

    /// Asserts a problem document and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(
            (self.status, &problem["code"]),
            (status, &json!(code)),
            "{self:?}"
        );
        problem
    }
}
