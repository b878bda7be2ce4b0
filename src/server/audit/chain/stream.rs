//! An output that is not a file, such as standard output, whose lines have links. Each process
//! begins a chain.

use std::io;

use crate::server::audit::chain::linked_line::{ChainEnd, Link, OutputStart, append_line};
use crate::server::crypto::mac_keys::MacKey;
use crate::server::system::background_writer::{LineOutput, QueuedLine};
use crate::server::system::random::Random;

/// The output with the end of its chain.
#[derive(Debug)]
pub struct ChainedStream<O> {
    output: O,
    key: MacKey,
    end: ChainEnd,
}

impl<O: LineOutput> ChainedStream<O> {
    /// Begins a chain on an output that is never replaced by another one.
    pub fn new(output: O, key: MacKey, random: &Random) -> Self {
        Self {
            output,
            key,
            end: ChainEnd::of_new_chain(random),
        }
    }
}

impl<O: LineOutput> LineOutput for ChainedStream<O> {
    fn prepare(&mut self) -> io::Result<bool> {
        self.output.prepare()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn close(&mut self) {
        self.output.close();
    }

    fn format(&mut self, line: &QueuedLine, buffer: &mut Vec<u8>) {
        let start = (self.end.number == 0).then(|| OutputStart {
            key: self.key.fingerprint().to_string(),
            ..OutputStart::default()
        });
        let link = Link::after(&self.end, line.dropped_before, start);
        if let Some(end) = append_line(&self.key, &line.bytes, &link, buffer) {
            self.end = end;
        }
    }
}
