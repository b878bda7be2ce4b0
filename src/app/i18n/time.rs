//! Texts for times and durations.

use fluent_syntax::ast::{Expression, Pattern, PatternElement, VariantKey};

use crate::app::i18n::Text;
use crate::domain::time_unit::{Rounding, TimeUnit, to_time_unit};
use crate::domain::timestamp::Timestamp;

impl Text {
    /// The argument `arg` of the message `id`: a duration, rounded up, for waits.
    pub fn at_least(&self, id: &str, arg: &str, seconds: u64) -> String {
        self.duration(id, arg, seconds, Rounding::Up)
    }

    /// The argument `arg` of the message `id`: a duration, rounded down, for expiries.
    pub fn at_most(&self, id: &str, arg: &str, seconds: u64) -> String {
        self.duration(id, arg, seconds, Rounding::Down)
    }

    /// A duration in the grammatical case that its sentence needs.
    fn duration(&self, sentence: &str, arg: &str, seconds: u64, rounding: Rounding) -> String {
        let (count, unit) = to_time_unit(seconds, rounding);
        let pattern = self.unit_pattern(sentence, arg, unit);
        pattern.map_or_else(
            || count.to_string(),
            |pattern| self.format_pattern(pattern, &[("count", count.into())]),
        )
    }

    /// All forms of a unit in the case that a sentence needs, with a mark for the number:
    /// `one=￼ minute|other=￼ minutes`. A script chooses among them by the plural category.
    pub fn unit_forms(&self, sentence: &str, arg: &str, unit: TimeUnit, mark: &str) -> String {
        let Some(pattern) = self.unit_pattern(sentence, arg, unit) else {
            return String::new();
        };
        let count = [("count", mark.into())];
        let variants = match pattern.elements.as_slice() {
            [
                PatternElement::Placeable {
                    expression: Expression::Select { variants, .. },
                },
            ] => variants.as_slice(),
            _ => return format!("other={}", self.format_pattern(pattern, &count)),
        };
        let forms = variants.iter().filter_map(|variant| match &variant.key {
            VariantKey::Identifier { name } => Some(format!(
                "{name}={}",
                self.format_pattern(&variant.value, &count)
            )),
            VariantKey::NumberLiteral { .. } => None,
        });
        forms.collect::<Vec<_>>().join("|")
    }

    /// The forms of a unit in the case that a sentence needs. The catalogue says which: by the
    /// attribute `case-` and the name of the argument, whose value names an attribute of the unit.
    fn unit_pattern(&self, sentence: &str, arg: &str, unit: TimeUnit) -> Option<&Pattern<&str>> {
        let id = match unit {
            TimeUnit::Second => "seconds",
            TimeUnit::Minute => "minutes",
            TimeUnit::Hour => "hours",
            TimeUnit::Day => "days",
        };
        let unit = self.bundle.get_message(id)?;
        let sentence = self.bundle.get_message(sentence)?;
        let case = sentence.get_attribute(&format!("case-{arg}"));
        let case = case.map(|case| self.format_pattern(case.value(), &[]));
        let form = case.and_then(|case| unit.get_attribute(&case));
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
