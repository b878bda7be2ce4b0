//! Line charts over time as SVG, with the names at the lines instead of a legend.

use leptos::prelude::*;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::TimeRange;

const WIDTH: u32 = 560;
const HEIGHT: u32 = 180;
/// Margins for the scale at the left, the names at the right and the times below.
const LEFT: u32 = 40;
const RIGHT: u32 = 104;
const TOP: u32 = 12;
const BOTTOM: u32 = 24;
/// Names that are closer than this overlap.
const LINE_HEIGHT: u32 = 16;

/// A line of a chart.
#[derive(Clone, Copy, Debug)]
pub struct ChartLine<'a> {
    /// The name, which is the CSS class too.
    pub name: &'static str,
    /// The values, oldest first.
    pub counts: &'a [u32],
}

/// Draws a chart. Screen readers get its name alone, because tables of the page hold the figures.
pub fn chart(
    name: &'static str,
    lines: &[ChartLine<'_>],
    range: TimeRange,
    now: Timestamp,
) -> AnyView {
    let largest = lines
        .iter()
        .flat_map(|line| line.counts)
        .copied()
        .max()
        .unwrap_or(0);
    let top = round_up(largest);
    let mut names: Vec<(u32, &'static str)> = lines
        .iter()
        .map(|line| (y(line.counts.last().copied().unwrap_or(0), top), line.name))
        .collect();
    separate(&mut names);
    let drawn = lines.iter().map(|line| {
        let class = format!("line {}", class(line.name));
        view! { <polyline class=class points=points(line.counts, top)/> }
    });
    let labels = names.into_iter().map(|(y, name)| {
        let class = format!("name {}", class(name));
        view! { <text class=class x=WIDTH - RIGHT + 8 y=y + 4>{name}</text> }
    });
    let grid = [0, top / 2, top].map(|value| {
        let y = y(value, top);
        view! {
            <line class="grid" x1=LEFT x2=WIDTH - RIGHT y1=y y2=y></line>
            <text class="tick" x=LEFT - 6 y=y + 4 text-anchor="end">{value}</text>
        }
    });
    let length = range.step() * u32::try_from(range.bucket_count()).unwrap_or(u32::MAX);
    let times = [
        (LEFT, "start", now.saturating_sub(length)),
        (
            (LEFT + WIDTH - RIGHT) / 2,
            "middle",
            now.saturating_sub(length / 2),
        ),
        (WIDTH - RIGHT, "end", now),
    ];
    let times = times.map(|(x, anchor, time)| {
        view! { <text class="tick" x=x y=HEIGHT - 6 text-anchor=anchor>{clock_time(time)}</text> }
    });
    view! {
        <figure>
            <figcaption>{name}</figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=name>
                {grid.collect_view()}
                {times.collect_view()}
                {drawn.collect_view()}
                {labels.collect_view()}
            </svg>
        </figure>
    }
    .into_any()
}

fn class(name: &str) -> String {
    name.replace(' ', "-")
}

/// The top of the scale: the smallest of 2, 4, 10, 20, 40, … that is large enough. Its half is a
/// whole number.
fn round_up(largest: u32) -> u32 {
    let mut unit = 1_u32;
    loop {
        for digits in [2, 4, 10] {
            let top = unit.saturating_mul(digits);
            if top >= largest {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn y(count: u32, top: u32) -> u32 {
    let height = u64::from(HEIGHT - TOP - BOTTOM);
    let up = (u64::from(count) * height)
        .checked_div(u64::from(top))
        .unwrap_or(0);
    HEIGHT - BOTTOM - u32::try_from(up).unwrap_or(0)
}

fn points(counts: &[u32], top: u32) -> String {
    let last = u32::try_from(counts.len().saturating_sub(1))
        .unwrap_or(u32::MAX)
        .max(1);
    let at = |(index, count): (usize, &u32)| {
        let x = LEFT + (WIDTH - LEFT - RIGHT) * u32::try_from(index).unwrap_or(0) / last;
        format!("{x},{}", y(*count, top))
    };
    counts
        .iter()
        .enumerate()
        .map(at)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Moves overlapping names apart: downwards from the highest, then upwards from the lower edge.
fn separate(names: &mut [(u32, &'static str)]) {
    names.sort_by_key(|(y, _)| *y);
    let mut free = 0;
    for (y, _) in names.iter_mut() {
        *y = (*y).max(free);
        free = *y + LINE_HEIGHT;
    }
    let mut limit = HEIGHT - BOTTOM;
    for (y, _) in names.iter_mut().rev() {
        *y = (*y).min(limit);
        limit = y.saturating_sub(LINE_HEIGHT);
    }
}

/// `21:04`, UTC.
fn clock_time(time: Timestamp) -> String {
    time.to_rfc3339().get(11..16).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_the_largest_value_and_has_a_whole_middle() {
        for (largest, top) in [
            (0, 2),
            (1, 2),
            (2, 2),
            (3, 4),
            (5, 10),
            (11, 20),
            (21, 40),
            (41, 100),
            (101, 200),
            (u32::MAX, u32::MAX),
        ] {
            assert_eq!(round_up(largest), top, "{largest}");
        }
    }

    #[test]
    fn names_do_not_overlap_and_stay_inside_the_chart() {
        let mut names = [(150, "a"), (152, "b"), (20, "c"), (155, "d")];
        separate(&mut names);
        assert!(
            names
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 >= LINE_HEIGHT),
            "{names:?}"
        );
        assert!(names.iter().all(|(y, _)| *y <= HEIGHT - BOTTOM));
    }

    #[test]
    fn points_stay_inside_the_chart() {
        assert_eq!(
            points(&[0, 10], 10),
            format!("{LEFT},{} {},{TOP}", HEIGHT - BOTTOM, WIDTH - RIGHT)
        );
        assert_eq!(points(&[], 2), "");
    }
}
