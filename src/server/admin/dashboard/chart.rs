//! Lines over time as plain SVG, with their names on them instead of a legend.

use leptos::prelude::*;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::TimeRange;

const WIDTH: u32 = 560;
const HEIGHT: u32 = 180;
/// Room for the figures at the left, the names at the right and the times below.
const LEFT: u32 = 40;
const RIGHT: u32 = 104;
const TOP: u32 = 12;
const BOTTOM: u32 = 24;
/// Two names that are closer than this would overlap.
const LINE_HEIGHT: u32 = 16;

/// A line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its name, which is also its class.
    pub name: &'static str,
    /// Its points, the oldest first.
    pub counts: &'a [u32],
}

/// The chart; its figures are also in the tables of the page, so a screen reader gets its name
/// alone.
pub fn chart(name: &'static str, lines: &[Line<'_>], range: TimeRange, now: Timestamp) -> AnyView {
    let most = lines
        .iter()
        .flat_map(|line| line.counts)
        .copied()
        .max()
        .unwrap_or(0);
    let top = round_up(most);
    let mut names: Vec<(u32, &'static str)> = lines
        .iter()
        .map(|line| (y(line.counts.last().copied().unwrap_or(0), top), line.name))
        .collect();
    spread(&mut names);
    let drawn = lines.iter().map(|line| {
        view! { <polyline class=format!("line {}", class(line.name)) points=points(line.counts, top)/> }
    });
    let labels = names.into_iter().map(|(y, name)| {
        view! { <text class=format!("name {}", class(name)) x=WIDTH - RIGHT + 8 y=y + 4>{name}</text> }
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

/// The smallest even number of one or two digits and zeros that is not below: the middle of the
/// scale is a whole number.
fn round_up(most: u32) -> u32 {
    let mut unit = 1_u32;
    loop {
        for digits in [2, 4, 10] {
            let top = unit.saturating_mul(digits);
            if top >= most {
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

/// Moves names apart that would lie on each other, downwards from the highest and up again from the
/// lower edge.
fn spread(names: &mut [(u32, &'static str)]) {
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
    fn the_scale_has_a_whole_middle_and_room_for_the_most() {
        for (most, top) in [
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
            assert_eq!(round_up(most), top, "{most}");
        }
    }

    #[test]
    fn names_do_not_overlap_and_stay_inside() {
        let mut names = [(150, "a"), (152, "b"), (20, "c"), (155, "d")];
        spread(&mut names);
        assert!(
            names
                .windows(2)
                .all(|pair| pair[1].0 - pair[0].0 >= LINE_HEIGHT),
            "{names:?}"
        );
        assert!(names.iter().all(|(y, _)| *y <= HEIGHT - BOTTOM));
    }

    #[test]
    fn points_lie_in_the_frame() {
        assert_eq!(
            points(&[0, 10], 10),
            format!("{LEFT},{} {},{TOP}", HEIGHT - BOTTOM, WIDTH - RIGHT)
        );
        assert_eq!(points(&[], 2), "");
    }
}
