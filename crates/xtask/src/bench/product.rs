//! What a journey needs of a product: where its pages are, and how its requests look.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;

use super::http_client::{HttpClient, Request, Response};
use super::process::ServerProcess;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// What products are installed and started with.
pub struct Setting<'a> {
    pub workspace: &'a Workspace,
    pub tools: &'a Tools,
    /// Latchkey's own binary.
    pub server: PathBuf,
    /// Where products store their data.
    pub data: PathBuf,
    /// The numbers of the journeys are below this one.
    pub users: u32,
}

/// An installed product. Its methods that take a client are the steps of a journey.
pub trait Product: Sync {
    /// The versions of what it is made of.
    fn versions(&self) -> String;
    fn address(&self) -> SocketAddr;
    /// The page with the form for a phone number.
    fn page(&self) -> &'static str;
    /// Whether it brings that page itself.
    fn has_pages(&self) -> bool {
        true
    }
    fn start_server(&self) -> Result<ServerProcess>;
    /// What answers instead of its upstream.
    fn upstream(&self) -> &dyn Upstream;
    /// Makes a user, if that was not done for all of them beforehand.
    fn create_user(&self, _phone: &str) -> Result<()> {
        Ok(())
    }
    fn send(&self, client: &mut HttpClient, phone: &str) -> Result<()>;
    /// The code that arrived upstream.
    fn take_code(&self, phone: &str) -> Result<Option<String>>;
    /// The page with the form for the code, if there is one.
    fn code_page(&self) -> Option<&'static str>;
    fn verify(&self, client: &mut HttpClient, phone: &str, code: &str) -> Result<()>;
    /// Fails when nobody is signed in.
    fn check(&self, client: &mut HttpClient) -> Result<()>;
    fn sign_out(&self, client: &mut HttpClient) -> Result<()>;
}

/// What answers instead of the upstream of a product.
pub trait Upstream {
    /// How long it takes to answer, in milliseconds.
    fn set_delay(&self, milliseconds: u64) -> Result<()>;
    /// Calls so far.
    fn calls(&self) -> Result<f64>;
}

/// Posts a body of this media type, with further headers.
pub fn post(
    client: &mut HttpClient,
    path: &str,
    media_type: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Response> {
    let mut all = vec![("Content-Type", media_type)];
    all.extend(headers);
    client.send(&Request {
        method: "POST",
        path,
        headers: &all,
        body,
    })
}

/// A phone number in a form: its `+` would be a blank.
pub fn form_field(name: &str, value: &str) -> String {
    format!("{name}={}", value.replace('+', "%2B"))
}

pub const FORM: &str = "application/x-www-form-urlencoded";
pub const JSON: &str = "application/json";
