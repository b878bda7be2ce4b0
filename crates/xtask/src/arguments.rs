//! The arguments of a command. They are parsed by hand: a library for it would double the time that
//! the first `cargo xtask` takes.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// The words that nobody has taken yet.
pub struct Arguments(Vec<String>);

impl Arguments {
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Whether this word is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|word| word == name);
        at.map(|at| self.0.remove(at)).is_some()
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    pub fn option(&mut self, name: &str) -> Result<Option<String>> {
        if let Some(at) = self.0.iter().position(|word| word == name) {
            if at + 1 >= self.0.len() {
                bail!("{name} needs a value");
            }
            self.0.remove(at);
            return Ok(Some(self.0.remove(at)));
        }
        let value = |word: &String| Some(word.strip_prefix(name)?.strip_prefix('=')?.to_owned());
        let at = self.0.iter().position(|word| value(word).is_some());
        Ok(at.map(|at| self.0.remove(at)).and_then(|word| value(&word)))
    }

    /// The same, a number.
    pub fn number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(value) = self.option(name)? else {
            return Ok(None);
        };
        value
            .parse()
            .map(Some)
            .with_context(|| format!("{name}: `{value}` is not a number that fits"))
    }

    /// The next word that is no option.
    pub fn word(&mut self) -> Option<String> {
        let at = self.0.iter().position(|word| !word.starts_with('-'))?;
        Some(self.0.remove(at))
    }

    /// All words, for another program.
    pub fn all(self) -> Vec<String> {
        self.0
    }

    /// All words after `--`, for another program.
    pub fn after_dashes(mut self) -> Result<Vec<String>> {
        if self.0.first().is_some_and(|word| word == "--") {
            self.0.remove(0);
            return Ok(self.0);
        }
        self.end()?;
        Ok(Vec::new())
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<()> {
        match self.0.first() {
            Some(word) => bail!("`{word}` is not understood here; `--help` shows what is"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Arguments {
        Arguments::new(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn options_are_found_in_both_spellings() {
        for words in [["--runs", "5"].as_slice(), &["--runs=5"]] {
            assert_eq!(arguments(words).number("--runs").unwrap(), Some(5));
        }
        assert_eq!(arguments(&[]).number::<u32>("--runs").unwrap(), None);
        assert!(arguments(&["--runs"]).option("--runs").is_err());
        assert!(
            arguments(&["--runs", "many"])
                .number::<u32>("--runs")
                .is_err()
        );
    }

    #[test]
    fn a_word_that_nobody_takes_is_refused() {
        let mut arguments = arguments(&["--release", "tokens", "--relaese"]);
        assert!(arguments.flag("--release"));
        assert_eq!(arguments.word().as_deref(), Some("tokens"));
        assert!(arguments.end().is_err());
        assert!(arguments.option("--relaese").is_err());
    }

    #[test]
    fn words_for_the_server_stand_after_two_dashes() {
        assert_eq!(
            arguments(&["--", "--help"]).after_dashes().unwrap(),
            ["--help"]
        );
        assert!(arguments(&["--help"]).after_dashes().is_err());
    }
}
