//! `transmit.generate_request_id`: `auto`, `true` or `false`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Whether the tenant is asked for a request id with every code, which binds the code to its flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestIdMode {
    /// `auto`: it is asked, unless it says that it does not know the field.
    #[default]
    Auto,
    /// `true`: it is asked, and a code without a request id is not accepted.
    Required,
    /// `false`: it is not asked.
    Off,
}

impl From<bool> for RequestIdMode {
    fn from(is_required: bool) -> Self {
        if is_required {
            Self::Required
        } else {
            Self::Off
        }
    }
}

impl Serialize for RequestIdMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Required => serializer.serialize_bool(true),
            Self::Off => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for RequestIdMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrBool)
    }
}

struct TextOrBool;

impl Visitor<'_> for TextOrBool {
    type Value = RequestIdMode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("auto, true or false")
    }

    fn visit_bool<E: de::Error>(self, is_required: bool) -> Result<RequestIdMode, E> {
        Ok(is_required.into())
    }

    /// Variables are text.
    fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestIdMode, E> {
        match text.trim() {
            "auto" => Ok(RequestIdMode::Auto),
            "true" => Ok(RequestIdMode::Required),
            "false" => Ok(RequestIdMode::Off),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::{TransmitSettings, load};

    #[test]
    fn files_and_variables_name_the_same_modes() {
        for (text, mode) in [
            ("auto", RequestIdMode::Auto),
            ("true", RequestIdMode::Required),
            ("false", RequestIdMode::Off),
        ] {
            let name = "LATCHKEY_TRANSMIT__GENERATE_REQUEST_ID".to_owned();
            let settings = load(None, std::iter::once((name, text.to_owned()))).unwrap();
            assert_eq!(settings.transmit.generate_request_id, mode, "{text}");
            let value = if text == "auto" { "\"auto\"" } else { text };
            let file = format!("generate_request_id = {value}");
            let settings = toml::from_str::<TransmitSettings>(&file).unwrap();
            assert_eq!(settings.generate_request_id, mode, "{file}");
            let written = toml::to_string(&settings).unwrap();
            assert!(written.contains(&file), "{written}");
        }
        for invalid in ["\"yes\"", "1", "\"Auto\"", "\"\"", "[]"] {
            let file = format!("generate_request_id = {invalid}");
            let error = toml::from_str::<TransmitSettings>(&file).unwrap_err();
            assert!(error.to_string().contains("auto, true or false"), "{error}");
        }
        let default = TransmitSettings::default().generate_request_id;
        assert_eq!(default, RequestIdMode::Auto);
    }
}
