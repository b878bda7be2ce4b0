//! Whole numbers that are unset by default. Their variables arrive as text, because the default
//! does not say that the type is a number.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads a number, or its digits in a text.
pub fn deserialize<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    struct WholeNumber<N>(PhantomData<N>);

    impl<N: TryFrom<u64>> WholeNumber<N> {
        fn convert<E: Error>(number: u64) -> Result<Option<N>, E> {
            let converted = N::try_from(number).map(Some);
            converted.map_err(|_| E::custom(format_args!("{number} is too large")))
        }
    }

    impl<N: TryFrom<u64>> Visitor<'_> for WholeNumber<N> {
        type Value = Option<N>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Self::convert(number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            let number = u64::try_from(number);
            Self::convert(number.map_err(|_| E::custom("must not be negative"))?)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            let number = text.trim().parse();
            Self::convert(
                number.map_err(|_| E::custom(format_args!("`{text}` is not a whole number")))?,
            )
        }
    }

    deserializer.deserialize_any(WholeNumber(PhantomData))
}
