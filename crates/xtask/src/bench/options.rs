//! The command line of `cargo xtask bench`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::products::NAMES;
use crate::arguments::Arguments;

/// Journeys that are not counted: caches are filled, and code is compiled while it runs.
pub const WARM_UP: u32 = 64;
/// Journeys that have a phone number: six digits count them.
const MAX_JOURNEYS: u64 = 1_000_000;

pub struct Options {
    /// Of each load at most.
    pub journeys: u32,
    /// How long each load may take.
    pub seconds: Duration,
    pub products: Vec<String>,
    /// Of upstream, in milliseconds.
    pub delays: Vec<u64>,
    pub concurrency: Vec<usize>,
    /// A binary to measure instead of the release build.
    pub server: Option<PathBuf>,
    /// Whether the results go into the documentation.
    pub docs: bool,
}

impl Options {
    pub fn read(mut arguments: Arguments) -> Result<Self> {
        let numbers = |name: &str, value: Option<String>, default: &str| {
            numbers(value.as_deref().unwrap_or(default)).with_context(|| name.to_owned())
        };
        let products = arguments.option("--products")?.unwrap_or(NAMES.join(","));
        let delays = arguments.option("--delay")?;
        let concurrency = arguments.option("--concurrency")?;
        let concurrency = numbers("--concurrency", concurrency, "1,8,32")?;
        let options = Self {
            journeys: arguments.number("--journeys")?.unwrap_or(400),
            seconds: Duration::from_secs(arguments.number("--seconds")?.unwrap_or(5)),
            products: products.split(',').map(str::to_owned).collect(),
            delays: numbers("--delay", delays, "0,20,150")?,
            concurrency: concurrency
                .into_iter()
                .map(|number| number as usize)
                .collect(),
            server: arguments.option("--server")?.map(PathBuf::from),
            docs: arguments.flag("--docs"),
        };
        arguments.end()?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        for name in &self.products {
            let known = NAMES.join(", ");
            ensure!(
                NAMES.contains(&name.as_str()),
                "there is no product `{name}`, but {known}"
            );
        }
        ensure!(self.journeys > 0, "--journeys must be at least 1");
        let seconds = self.seconds.as_secs();
        ensure!(
            (1..=3600).contains(&seconds),
            "--seconds must be from 1 to 3600"
        );
        ensure!(
            self.concurrency
                .iter()
                .all(|number| (1..=1000).contains(number)),
            "--concurrency must be from 1 to 1000"
        );
        ensure!(
            u64::from(self.journeys) * self.loads() + u64::from(WARM_UP) < MAX_JOURNEYS,
            "there are phone numbers for {MAX_JOURNEYS} journeys of a product"
        );
        Ok(())
    }

    fn loads(&self) -> u64 {
        (self.delays.len() * self.concurrency.len()) as u64
    }

    /// How many users a product needs.
    pub fn users(&self) -> u32 {
        WARM_UP + self.journeys * self.loads() as u32
    }
}

/// `1,8,32`
fn numbers(list: &str) -> Result<Vec<u64>> {
    let numbers = list.split(',').map(|number| {
        let parsed = number.trim().parse();
        parsed.with_context(|| format!("`{number}` is not a number that fits"))
    });
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        let words = line.split_whitespace().map(str::to_owned);
        Options::read(Arguments::new(words.collect()))
    }

    #[test]
    fn without_options_everything_is_compared() {
        let options = read("").unwrap();
        assert_eq!(options.products, NAMES);
        assert_eq!(
            (options.delays, options.concurrency),
            (vec![0, 20, 150], vec![1, 8, 32])
        );
        assert!(options.server.is_none() && !options.docs);
    }

    #[test]
    fn options_narrow_what_is_measured() {
        let line = "--products latchkey,allauth --delay=20 --concurrency 1,16 --journeys 10 --docs";
        let options = read(line).unwrap();
        assert_eq!(options.products, ["latchkey", "allauth"]);
        assert_eq!(options.users(), WARM_UP + 20);
        assert!(options.docs);
    }

    #[test]
    fn what_cannot_be_measured_is_refused_with_a_reason() {
        for (line, reason) in [
            ("--products latchkey,rauthy", "no product `rauthy`"),
            ("--delay soon", "--delay"),
            ("--concurrency 0", "from 1"),
            ("--concurrency 1,", "--concurrency"),
            ("--journeys 0", "at least 1"),
            ("--journeys 200000", "1000000 journeys"),
            ("--seconds 0", "--seconds"),
            ("faster", "`faster`"),
        ] {
            let error = format!("{:#}", read(line).err().unwrap());
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
