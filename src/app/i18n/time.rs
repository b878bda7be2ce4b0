//! Texts for times and durations.

use std::sync::{Arc, PoisonError};

use fluent_syntax::ast::Pattern;

use crate::app::i18n::Text;
use crate::domain::time_unit::{
    FORM_SEPARATOR, MAX_COUNT, PLACEHOLDER, Rounding, TimeUnit, to_time_unit,
};
use crate::domain::timestamp::Timestamp;

impl Text {
    /// The argument `arg` of the message `id`: a duration, rounded up, for waits.
    pub fn at_least(&self, id: &str, arg: &str, seconds: u64) -> String {
        self.rounded(id, arg, seconds, Rounding::Up)
    }

    /// The argument `arg` of the message `id`: a duration, rounded down, for lifetimes.
    pub fn at_most(&self, id: &str, arg: &str, seconds: u64) -> String {
        self.rounded(id, arg, seconds, Rounding::Down)
    }

    fn rounded(&self, id: &str, arg: &str, seconds: u64, rounding: Rounding) -> String {
        let (count, unit) = to_time_unit(seconds, rounding);
        self.duration(self.case(id, arg).as_deref(), count, unit)
    }

    /// All forms of a wait in the message `id`, for
    /// [`sentence_with`](crate::domain::time_unit::sentence_with).
    pub fn wait_forms(&self, id: &str, arg: &str) -> Arc<str> {
        let case = self.case(id, arg);
        let mut known = self
            .wait_forms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(forms) = known.get(&case) {
            return forms.clone();
        }
        let forms: Arc<str> = self.list_forms(case.as_deref()).into();
        known.insert(case, forms.clone());
        forms
    }

    /// A digit for each count, and the forms of each plural: counts with the same forms in all
    /// units have one plural.
    fn list_forms(&self, case: Option<&str>) -> String {
        let mut plurals: Vec<[String; 4]> = Vec::new();
        let mut list = String::new();
        for count in 1..=MAX_COUNT {
            let digits = count.to_string();
            let forms = TimeUnit::ALL.map(|unit| {
                let form = self.duration(case, count, unit);
                form.replacen(&digits, &PLACEHOLDER.to_string(), 1)
            });
            let known = plurals.iter().position(|plural| *plural == forms);
            let plural = known.unwrap_or_else(|| {
                plurals.push(forms);
                plurals.len() - 1
            });
            list.push_str(&plural.to_string());
        }
        for form in plurals.iter().flatten() {
            list.push(FORM_SEPARATOR);
            list.push_str(form);
        }
        list
    }

    /// The grammatical case that the argument of a sentence needs. The catalogue says which: by the
    /// attribute `case-` and the name of the argument, whose value names an attribute of the unit.
    fn case(&self, sentence: &str, arg: &str) -> Option<String> {
        let sentence = self.bundle.get_message(sentence)?;
        let case = sentence.get_attribute(&format!("case-{arg}"))?;
        Some(self.format_pattern(case.value(), &[]))
    }

    fn duration(&self, case: Option<&str>, count: u64, unit: TimeUnit) -> String {
        let pattern = self.unit_pattern(case, unit);
        pattern.map_or_else(
            || count.to_string(),
            |pattern| self.format_pattern(pattern, &[("count", count.into())]),
        )
    }

    /// The forms of a unit in a case, by default in the one that needs no name.
    fn unit_pattern(&self, case: Option<&str>, unit: TimeUnit) -> Option<&Pattern<&str>> {
        let id = match unit {
            TimeUnit::Second => "seconds",
            TimeUnit::Minute => "minutes",
            TimeUnit::Hour => "hours",
            TimeUnit::Day => "days",
        };
        let unit = self.bundle.get_message(id)?;
        let form = case.and_then(|case| unit.get_attribute(case));
        form.map(|form| form.value()).or_else(|| unit.value())
    }

    /// Date and time in UTC, because the server does not know the time zone of the reader.
    pub fn date(&'static self, time: Timestamp) -> String {
        const MONTHS: [&str; 12] = [
            "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8",
            "month-9", "month-10", "month-11", "month-12",
        ];
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let civil = jiff::tz::Offset::UTC
            .to_datetime(jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX));
        let month = usize::try_from(civil.month() - 1)
            .ok()
            .and_then(|index| MONTHS.get(index));
        self.format(
            "date",
            &[
                ("day", civil.day().to_string().into()),
                ("month", month.map_or("", |id| self.get(id)).into()),
                ("year", civil.year().to_string().into()),
                (
                    "clock",
                    format!("{:02}:{:02}", civil.hour(), civil.minute()).into(),
                ),
            ],
        )
    }
}
