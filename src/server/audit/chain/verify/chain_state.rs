//! How far a chain was read.

use crate::server::audit::chain::linked_line::ChainEnd;

/// Where something was found.
#[derive(Clone, Debug)]
pub struct LinePosition {
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

/// Numbers of which no authentic line was found.
#[derive(Clone, Debug)]
pub struct Gap {
    pub first: u64,
    pub last: u64,
    /// How many lines are in their place that are altered.
    pub altered: u64,
    /// The line after the gap.
    pub place: LinePosition,
}

impl Gap {
    /// How many lines are missing.
    pub fn count(&self) -> u64 {
        (self.last + 1 - self.first).saturating_sub(self.altered)
    }
}

/// A chain.
#[derive(Debug)]
pub struct ChainState {
    /// Its last line so far.
    pub end: ChainEnd,
    /// Whether that line is authentic, so that its code is known.
    pub is_end_known: bool,
    /// The file of that line.
    pub file: String,
    /// Whether it is of a file, which has a checkpoint.
    pub is_of_file: bool,
    pub gaps: Vec<Gap>,
}

impl ChainState {
    /// The chain after the first line that was found.
    pub fn new(end: ChainEnd, file: String, is_of_file: bool) -> Self {
        Self {
            end,
            is_end_known: true,
            file,
            is_of_file,
            gaps: Vec::new(),
        }
    }

    /// Goes on to an authentic line.
    pub fn advance(&mut self, end: ChainEnd, file: String) {
        (self.end, self.file, self.is_end_known) = (end, file, true);
    }

    /// Goes on by lines that are altered.
    pub fn skip(&mut self, count: u64) {
        self.end.number += count;
        self.is_end_known = false;
    }

    /// Whether a number was missing. It no longer is.
    pub fn take_from_gap(&mut self, number: u64) -> bool {
        let found = |gap: &Gap| (gap.first..=gap.last).contains(&number);
        let Some(index) = self.gaps.iter().position(found) else {
            return false;
        };
        let gap = self.gaps.swap_remove(index);
        let mut altered = gap.altered;
        for (first, last) in [(gap.first, number - 1), (number + 1, gap.last)] {
            if first <= last {
                let part = altered.min(last + 1 - first);
                altered -= part;
                self.gaps.push(Gap {
                    first,
                    last,
                    altered: part,
                    place: gap.place.clone(),
                });
            }
        }
        true
    }
}
