//! The body of a call: the command as the admin socket carries it, without its name.

use std::fmt;
use std::time::Duration;

use axum::extract::Request;
use http::StatusCode;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer as _, IntoDeserializer, MapAccess, Visitor};

use crate::server::admin::admin_api::problem::AdminProblem;
use crate::server::admin::commands::{AdminCommand, COMMAND_TAG};
use crate::server::system::clock::Clock;
use crate::server::system::content_type::is_json;
use crate::server::system::request_body::{RequestBodyError, read_request_body};

/// The longest body, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// The longest wait for a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the command with this name.
pub(super) async fn read_command(
    name: &'static str,
    request: Request,
    clock: &Clock,
) -> Result<AdminCommand, AdminProblem> {
    if !is_json(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let title = "the body must be application/json";
        return Err(AdminProblem::new(status, "unsupported_media_type", title));
    }
    let body = read_request_body(request, MAX_BODY, BODY_TIMEOUT, clock).await;
    let body = body.map_err(|error| match error {
        RequestBodyError::TooLarge => {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            AdminProblem::new(status, "too_large", "the body is too long")
        }
        RequestBodyError::TimedOut => {
            let status = StatusCode::REQUEST_TIMEOUT;
            AdminProblem::new(status, "timeout", "the body did not come in time")
        }
        RequestBodyError::Broken => malformed("the body could not be read"),
    })?;
    // The errors of the library quote what was sent.
    parse(name, &body).map_err(|_| {
        malformed("the body must be a JSON object with the fields of this command, each once")
    })
}

fn malformed(title: &str) -> AdminProblem {
    AdminProblem::new(StatusCode::BAD_REQUEST, "malformed", title)
}

fn parse(name: &'static str, body: &[u8]) -> serde_json::Result<AdminCommand> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let command = deserializer.deserialize_map(CommandVisitor(name))?;
    deserializer.end().map(|()| command)
}

/// Reads the fields of the command with this name.
struct CommandVisitor(&'static str);

impl<'de> Visitor<'de> for CommandVisitor {
    type Value = AdminCommand;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a command")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<AdminCommand, A::Error> {
        AdminCommand::deserialize(MapAccessDeserializer::new(NamedFields {
            name: Some(self.0),
            fields,
        }))
    }
}

/// Fields, and before them the name of their command.
struct NamedFields<A> {
    name: Option<&'static str>,
    fields: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for NamedFields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.name {
            Some(_) => seed.deserialize(COMMAND_TAG.into_deserializer()).map(Some),
            None => self.fields.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.name.take() {
            Some(name) => seed.deserialize(name.into_deserializer()),
            None => self.fields.next_value_seed(seed),
        }
    }
}
