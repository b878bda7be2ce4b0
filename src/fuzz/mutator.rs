//! Seeded mutations of a corpus, the same in every run.

/// Bytes that parsers of JSON and tokens treat specially.
const DICTIONARY: [&[u8]; 24] = [
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

/// Longest mutated input, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// Random choices by SplitMix64, which is not for secrets.
pub struct Mutator(u64);

impl Mutator {
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn random_below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    /// An input of the corpus with one to four changes.
    pub fn mutate(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.random_below(corpus.len())].clone();
        for _ in 0..=self.random_below(4) {
            self.change(&mut bytes, corpus);
        }
        bytes.truncate(MAX_LENGTH);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let (from, length) = (self.random_below(bytes.len() + 1), self.random_below(16));
        let to = bytes.len().min(from + length);
        match self.random_below(7) {
            0 if from < bytes.len() => bytes[from] ^= 1 << self.random_below(8),
            1 => drop(bytes.drain(from..to)),
            2 => drop(
                bytes.splice(
                    from..to,
                    DICTIONARY[self.random_below(DICTIONARY.len())]
                        .iter()
                        .copied(),
                ),
            ),
            3 => drop(
                bytes.splice(
                    from..from,
                    DICTIONARY[self.random_below(DICTIONARY.len())]
                        .iter()
                        .copied(),
                ),
            ),
            4 => {
                let again = bytes[from..to].repeat(1 + self.random_below(40));
                drop(bytes.splice(from..from, again));
            }
            5 => bytes.truncate(from),
            _ => {
                let other = &corpus[self.random_below(corpus.len())];
                let part = self.random_below(other.len() + 1);
                bytes.truncate(from);
                bytes.extend_from_slice(&other[part..]);
            }
        }
    }
}
