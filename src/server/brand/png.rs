//! Reads a PNG file (W3C PNG, third edition): checks its chunks, and keeps those that draw it.
//!
//! Nothing is decompressed here. What a browser decompresses is bounded by the size in the header,
//! and chunks that hold other compressed data are left out.

mod header;

use self::header::Header;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Chunks that an image needs, with those that say how its colours are meant.
const KEPT: [&[u8; 4]; 8] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB",
];
/// Chunks that make an image move (APNG).
const ANIMATION: [&[u8; 4]; 3] = [b"acTL", b"fcTL", b"fdAT"];
/// The longest side, in pixels. A browser decodes it to at most 32 MiB.
pub const MAX_SIDE: u32 = 2048;
/// How many bytes a byte of compressed data stands for, at most (RFC 1951: 258 bytes by two bits).
const MAX_COMPRESSION: u64 = 1032;

/// A PNG image.
#[derive(Debug)]
pub struct Png {
    /// The file without chunks that are not needed.
    pub bytes: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Whether a file calls itself PNG.
pub fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// Reads a file.
///
/// # Errors
/// The end of a sentence that begins with the name of the file.
pub fn read(bytes: &[u8]) -> Result<Png, String> {
    let mut rest = bytes
        .strip_prefix(&SIGNATURE)
        .ok_or_else(|| damaged("it does not begin like one"))?;
    let first = next_chunk(&mut rest)?;
    if first.name != *b"IHDR" {
        return Err(damaged("its header is not in its place"));
    }
    let header = Header::read(first.data)?;
    let mut kept = [&SIGNATURE, first.whole].concat();
    let mut order = Order::new(&header);
    loop {
        let chunk = next_chunk(&mut rest)?;
        order.check(&chunk)?;
        if KEPT.contains(&&chunk.name) {
            kept.extend_from_slice(chunk.whole);
        }
        if chunk.name == *b"IEND" {
            break;
        }
    }
    order.check_pixels()?;
    if !rest.is_empty() {
        return Err("has other data behind its end as a PNG file".to_owned());
    }
    Ok(Png {
        bytes: kept,
        width: header.width,
        height: header.height,
    })
}

fn damaged(what: &str) -> String {
    format!("is a damaged PNG file: {what}")
}

fn next_chunk<'a>(rest: &mut &'a [u8]) -> Result<Chunk<'a>, String> {
    let chunk = Chunk::take(rest).ok_or_else(|| damaged("it ends too early"))?;
    match chunk.is_intact() {
        true => Ok(chunk),
        false => Err(damaged("a checksum is wrong")),
    }
}

/// The chunks that came before, by which it is decided what may follow.
struct Order<'a> {
    header: &'a Header,
    seen: Vec<[u8; 4]>,
    palette_entries: usize,
    compressed: Vec<u8>,
}

impl<'a> Order<'a> {
    fn new(header: &'a Header) -> Self {
        Self {
            header,
            seen: vec![*b"IHDR"],
            palette_entries: 0,
            compressed: Vec::new(),
        }
    }

    /// Checks the place and the length of a chunk.
    fn check(&mut self, chunk: &Chunk<'_>) -> Result<(), String> {
        let (name, length) = (&chunk.name, chunk.data.len());
        let is_repeated = self.seen.contains(name);
        let has_data = self.seen.contains(b"IDAT");
        let has_palette = self.seen.contains(b"PLTE");
        let (fits, is_in_place) = match name {
            b"IHDR" => return Err(damaged("its header is not in its place")),
            name if ANIMATION.contains(&name) => {
                return Err("is an animated PNG file, and a logo must not move".to_owned());
            }
            b"PLTE" => {
                self.palette_entries = length / 3;
                let fits = length % 3 == 0 && self.header.allows_palette(length / 3);
                (
                    fits,
                    !has_data && !is_repeated && !self.seen.contains(b"tRNS"),
                )
            }
            b"IDAT" => {
                self.compressed.extend_from_slice(chunk.data);
                let is_next = !has_data || self.seen.last() == Some(name);
                (
                    true,
                    is_next && (has_palette || !self.header.needs_palette()),
                )
            }
            b"tRNS" => {
                let fits = self
                    .header
                    .allows_transparency(length, self.palette_entries);
                (fits, !has_data && !is_repeated)
            }
            b"gAMA" => (length == 4, !has_data && !has_palette && !is_repeated),
            b"cHRM" => (length == 32, !has_data && !has_palette && !is_repeated),
            b"sRGB" => (length == 1, !has_data && !has_palette && !is_repeated),
            b"IEND" => (length == 0, true),
            // A small first letter says that an image can be shown without it.
            [first, rest @ ..] => (
                first.is_ascii_lowercase() && rest.iter().all(u8::is_ascii_alphabetic),
                true,
            ),
        };
        if !is_in_place {
            let name = name.escape_ascii();
            return Err(damaged(&format!("its chunk {name} is not in its place")));
        }
        if !fits {
            let name = name.escape_ascii();
            return Err(damaged(&format!("its chunk {name} does not fit")));
        }
        self.seen.push(*name);
        Ok(())
    }

    /// Checks what can be told of the pixels without decompressing them.
    fn check_pixels(&self) -> Result<(), String> {
        if self.compressed.is_empty() {
            return Err(damaged("it has no pixels"));
        }
        // RFC 1950: deflate with a window of at most 32 KiB, a checksum, and no dictionary.
        let is_zlib = match *self.compressed.as_slice() {
            [method, flags, ..] => {
                method & 0x0f == 8
                    && method >> 4 <= 7
                    && u16::from_be_bytes([method, flags]) % 31 == 0
                    && flags & 0x20 == 0
            }
            _ => false,
        };
        if !is_zlib {
            return Err(damaged("its pixels are not compressed as they must be"));
        }
        let length = u64::try_from(self.compressed.len()).unwrap_or(u64::MAX);
        if length.saturating_mul(MAX_COMPRESSION) < self.header.least_bytes() {
            return Err(damaged("it has fewer pixels than its header says"));
        }
        Ok(())
    }
}

struct Chunk<'a> {
    /// With length and checksum.
    whole: &'a [u8],
    name: [u8; 4],
    data: &'a [u8],
    checksum: u32,
}

impl<'a> Chunk<'a> {
    /// The next chunk; none if the bytes end before it does.
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(length)?;
        let (checksum, after) = after.split_first_chunk::<4>()?;
        let (whole, _) = rest.split_at_checked(length.checked_add(12)?)?;
        *rest = after;
        Some(Self {
            whole,
            name: *name,
            data,
            checksum: u32::from_be_bytes(*checksum),
        })
    }

    fn is_intact(&self) -> bool {
        crc32(self.name.iter().chain(self.data)) == self.checksum
    }
}

/// The checksum of a chunk (W3C PNG, annex D).
fn crc32<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u32 {
    !bytes.into_iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => (crc >> 1) ^ 0xedb8_8320,
        })
    })
}

#[cfg(test)]
pub mod tests;
