//! Mutations of a corpus, the same in every run: seeded, and of a number that is told.

/// Bytes that parsers of JSON and tokens treat in a way of their own.
const WORDS: [&[u8]; 24] = [
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"0.1",
    b"18446744073709551616",
    b".",
    b"=",
    b"-",
    b"_",
    b"\0",
    b"\xff",
    "é".as_bytes(),
    b"{\"\":",
];

/// Most bytes of a mutated input.
const MAX: usize = 8 * 1024;

/// SplitMix64: small, even, and nothing to do with secrets.
pub struct Mutator(u64);

impl Mutator {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    /// One of the corpus, changed in one to four places.
    pub fn next(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, corpus);
        }
        bytes.truncate(MAX);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let (from, length) = (self.below(bytes.len() + 1), self.below(16));
        let to = bytes.len().min(from + length);
        match self.below(7) {
            0 if from < bytes.len() => bytes[from] ^= 1 << self.below(8),
            1 => drop(bytes.drain(from..to)),
            2 => drop(bytes.splice(from..to, WORDS[self.below(WORDS.len())].iter().copied())),
            3 => drop(bytes.splice(from..from, WORDS[self.below(WORDS.len())].iter().copied())),
            4 => {
                let again = bytes[from..to].repeat(1 + self.below(40));
                drop(bytes.splice(from..from, again));
            }
            5 => bytes.truncate(from),
            _ => {
                let other = &corpus[self.below(corpus.len())];
                let part = self.below(other.len() + 1);
                bytes.truncate(from);
                bytes.extend_from_slice(&other[part..]);
            }
        }
    }
}
