//! Lines that are written together, and how far that got.

use std::collections::VecDeque;
use std::io;

use crate::server::system::background_writer::{LineOutput, QueuedLine};

/// Lines and their final form. A line that was written in part is completed by the next attempt,
/// unless the output is another one by then: that gets the whole line.
#[derive(Debug, Default)]
pub struct Batch {
    pub lines: VecDeque<QueuedLine>,
    buffer: Vec<u8>,
    /// Where each line ends in the buffer. Empty until the lines are formatted.
    ends: VecDeque<usize>,
    /// How much of the buffer is written.
    written: usize,
}

impl Batch {
    /// Writes all lines, and calls `count` for each one that is written.
    ///
    /// # Errors
    /// Those of the output. What is left stays in the batch.
    pub fn write_to(
        &mut self,
        output: &mut impl LineOutput,
        count: impl Fn(&QueuedLine),
    ) -> io::Result<()> {
        let result = self.attempt(output, count);
        output.release();
        result
    }

    fn attempt(
        &mut self,
        output: &mut impl LineOutput,
        count: impl Fn(&QueuedLine),
    ) -> io::Result<()> {
        if output.prepare()? || self.ends.is_empty() {
            self.format(output);
        }
        while let Some(rest) = self
            .buffer
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            match output.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => self.written += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            while self.ends.front().is_some_and(|end| *end <= self.written) {
                self.ends.pop_front();
                if let Some(line) = self.lines.pop_front() {
                    count(&line);
                }
            }
        }
        self.ends.clear();
        Ok(())
    }

    fn format(&mut self, output: &mut impl LineOutput) {
        self.buffer.clear();
        self.ends.clear();
        self.written = 0;
        for line in &self.lines {
            output.format(line, &mut self.buffer);
            self.ends.push_back(self.buffer.len());
        }
    }
}
