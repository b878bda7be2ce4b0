//! The charts of the comparison: one bar for each product and load, with the fastest upstream.

use latchkey_benchmark::bar_chart::bar_chart;

use super::journey::JourneyStep;
use super::measurement::{Load, Profile, by_load, milliseconds};

/// A chart, and the name of its file.
pub struct Chart {
    pub title: String,
    pub file: &'static str,
    unit: &'static str,
    pub bars: Vec<(String, f64)>,
}

impl Chart {
    pub fn svg(&self) -> String {
        bar_chart(&self.title, self.unit, &self.bars)
    }
}

/// CPU time, rate, the median of a verify, and memory.
pub fn charts(profiles: &[Profile]) -> Vec<Chart> {
    let mut loads = by_load(profiles);
    let delays = loads.iter().map(|(_, load)| load.delay);
    let fastest = delays.min().unwrap_or_default();
    loads.retain(|(_, load)| load.delay == fastest);
    let chart = |title: &str, file, unit, value: fn(&Load) -> f64| {
        let bars = loads.iter().map(|(profile, load)| {
            let name = format!("{}, {} at once", profile.name, load.concurrency);
            (name, value(load))
        });
        Chart {
            title: format!("{title}, upstream {fastest} ms"),
            file,
            unit,
            bars: bars.collect(),
        }
    };
    vec![
        chart(
            "CPU time of a journey",
            "comparison-cpu.svg",
            "ms",
            |load| load.cpu_milliseconds,
        ),
        chart("Journeys a second", "comparison-rate.svg", "", |load| {
            load.rate
        }),
        chart("Verify, median", "comparison-verify.svg", "ms", |load| {
            let times = load.steps.percentiles(JourneyStep::Verify);
            milliseconds(times.unwrap_or_default()[0])
        }),
        chart("Memory", "comparison-memory.svg", "MB", |load| {
            load.megabytes
        }),
    ]
}
