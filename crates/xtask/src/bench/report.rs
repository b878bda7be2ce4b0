//! The results as a page of Markdown, and the charts beside it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::charts::{Chart, charts};
use super::journey::JourneyStep;
use super::machine::Machine;
use super::measurement::{Profile, by_load, milliseconds};

/// What has to be known to read the figures.
const EXPLANATION: &str = include_str!("explanation.md");

/// Writes the page and its charts into this folder. Gives the page.
pub fn write(
    folder: &Path,
    command: &str,
    machine: &Machine,
    profiles: &[Profile],
    left_out: &[(String, String)],
) -> Result<String> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let charts = charts(profiles);
    let page = page(command, machine, profiles, left_out, &charts);
    fs::write(folder.join("comparison.md"), &page)?;
    for chart in &charts {
        fs::write(folder.join(chart.file), chart.svg())?;
    }
    Ok(page)
}

fn page(
    command: &str,
    machine: &Machine,
    profiles: &[Profile],
    left_out: &[(String, String)],
    charts: &[Chart],
) -> String {
    let mut page = format!(
        "# Comparison with other products\n\n`{command}` made this page.\n\n{EXPLANATION}\n\
         ## Machine and versions\n\n{machine}"
    );
    for profile in profiles {
        let _ = writeln!(page, "- `{}`: {}", profile.name, profile.versions);
    }
    for (name, reason) in left_out {
        let _ = writeln!(page, "- `{name}` was left out: {reason}");
    }
    let _ = write!(
        page,
        "\n## Start, first form, memory\n\n{}",
        starts(profiles)
    );
    let _ = write!(page, "\n## Cost of a journey\n\n{}", costs(profiles));
    page.push('\n');
    for chart in charts {
        let _ = writeln!(page, "![{}]({})\n", chart.title, chart.file);
    }
    let _ = write!(
        page,
        "## Latencies of each step\n\np50 / p95 / p99 in milliseconds.\n{}",
        latencies(profiles)
    );
    page
}

/// A table of one line for each product.
fn starts(profiles: &[Profile]) -> String {
    let mut table = String::from(
        "The first form is the page and its style sheets, as a browser receives them.\n\n\
         | product | start, ms | first form, bytes | memory at the start, MB | at the end, MB |\n\
         |---|---|---|---|---|\n",
    );
    for profile in profiles {
        let form = profile.form_bytes.map(|bytes| bytes.to_string());
        let end = profile.loads.last().map_or(0.0, |load| load.megabytes);
        let _ = writeln!(
            table,
            "| {} | {:.0} | {} | {:.1} | {end:.1} |",
            profile.name,
            milliseconds(profile.started_in),
            form.as_deref().unwrap_or("none of its own"),
            profile.megabytes_at_start,
        );
    }
    table
}

fn costs(profiles: &[Profile]) -> String {
    let mut table = String::from(
        "| upstream, ms | at once | product | CPU-ms | a second | upstream calls | memory, MB | \
         journeys |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (profile, load) in by_load(profiles) {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {:.2} | {:.1} | {:.1} | {:.1} | {} |",
            load.delay,
            load.concurrency,
            profile.name,
            load.cpu_milliseconds,
            load.rate,
            load.upstream_calls,
            load.megabytes,
            load.journeys,
        );
    }
    table
}

/// Tables of two steps each, which fit on a line.
fn latencies(profiles: &[Profile]) -> String {
    let mut tables = String::new();
    for steps in JourneyStep::ALL.chunks(2) {
        tables.push_str("\n| upstream, ms | at once | product |");
        for (_, name) in steps {
            let _ = write!(tables, " {name} |");
        }
        let _ = writeln!(tables, "\n|---|---|---|{}", "---|".repeat(steps.len()));
        for (profile, load) in by_load(profiles) {
            let (delay, concurrency, name) = (load.delay, load.concurrency, &profile.name);
            let _ = write!(tables, "| {delay} | {concurrency} | {name} |");
            for (step, _) in steps {
                let _ = write!(tables, " {} |", latency_cell(load.steps.percentiles(*step)));
            }
            tables.push('\n');
        }
    }
    tables
}

fn latency_cell(percentiles: Option<[Duration; 3]>) -> String {
    percentiles.map_or_else(
        || "none".to_owned(),
        |times| {
            let times = times.map(|time| format!("{:.1}", milliseconds(time)));
            times.join(" / ")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::journey::Steps;
    use crate::bench::measurement::Load;

    fn profile(name: &str, form_bytes: Option<usize>) -> Profile {
        let load = |delay, concurrency, cpu_milliseconds| Load {
            concurrency,
            delay,
            journeys: 40,
            cpu_milliseconds,
            rate: 12.0,
            upstream_calls: 3.0,
            megabytes: 30.0,
            steps: Steps::with(JourneyStep::Verify, &[10, 20, 30]),
        };
        Profile {
            name: name.to_owned(),
            versions: format!("{name} 1.0"),
            started_in: Duration::from_millis(70),
            form_bytes,
            megabytes_at_start: 20.0,
            loads: vec![load(0, 1, 4.0), load(0, 8, 1.5), load(150, 1, 5.0)],
        }
    }

    #[test]
    fn products_under_the_same_load_follow_each_other() {
        let table = costs(&[profile("a", None), profile("b", None)]);
        let rows: Vec<_> = table
            .lines()
            .skip(2)
            .map(|row| row.split(" | ").nth(2))
            .collect();
        assert_eq!(rows, [Some("a"), Some("b")].repeat(3));
        assert!(table.contains("| 0 | 8 | a | 1.50 | 12.0 | 3.0 | 30.0 | 40 |"));
    }

    #[test]
    fn steps_and_pages_that_a_product_lacks_are_no_zeros() {
        let profiles = [profile("a", None), profile("b", Some(512))];
        let table = latencies(&profiles);
        assert!(table.lines().all(|line| line.chars().count() <= 100));
        let rows: Vec<_> = table
            .lines()
            .filter(|line| line.starts_with("| 0 | 1 |"))
            .collect();
        assert_eq!(rows.first(), Some(&"| 0 | 1 | a | none | none |"));
        assert_eq!(
            rows.get(2),
            Some(&"| 0 | 1 | a | none | 20.0 / 30.0 / 30.0 |")
        );
        let table = starts(&profiles);
        assert!(
            table.contains("| a | 70 | none of its own | 20.0 | 30.0 |"),
            "{table}"
        );
        assert!(table.contains("| b | 70 | 512 |"), "{table}");
    }

    #[test]
    fn charts_show_the_fastest_upstream_and_the_page_links_to_them() {
        let profiles = [profile("a", None)];
        let charts = charts(&profiles);
        assert!(charts.iter().all(|chart| chart.bars.len() == 2));
        assert_eq!(charts[0].bars[1], ("a, 8 at once".to_owned(), 1.5));
        let left_out = [("b".to_owned(), "no registry".to_owned())];
        let page = page(
            "cargo xtask bench",
            &Machine::read(),
            &profiles,
            &left_out,
            &charts,
        );
        for chart in &charts {
            assert!(page.contains(chart.file) && chart.svg().contains(&chart.title));
        }
        assert!(page.contains("`b` was left out: no registry"));
        let prose = page.lines().filter(|line| !line.starts_with('|'));
        assert!(prose.map(|line| line.chars().count()).max() <= Some(100));
    }
}
