//! Reads a PNG file (W3C PNG, third edition): checks its chunks, and keeps those that draw it.
//!
//! Nothing is decompressed here. What a browser decompresses is bounded by the size in the header,
//! and chunks that hold other compressed data are left out.

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Chunks that an image needs, with those that say how its colours are meant.
const KEPT: [&[u8; 4]; 8] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB",
];
/// Chunks that make an image move (APNG).
const ANIMATION: [&[u8; 4]; 3] = [b"acTL", b"fcTL", b"fdAT"];
/// The longest side, in pixels. A browser decodes it to at most 32 MiB.
pub const MAX_SIDE: u32 = 2048;

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
    const DAMAGED: &str = "is a damaged PNG file: ";
    let damaged = |what: &str| format!("{DAMAGED}{what}");
    let mut rest = bytes
        .strip_prefix(&SIGNATURE)
        .ok_or_else(|| damaged("it does not begin like one"))?;
    let mut kept = SIGNATURE.to_vec();
    let (mut size, mut has_data) = (None, false);
    loop {
        let chunk = Chunk::take(&mut rest).ok_or_else(|| damaged("it ends too early"))?;
        if !chunk.is_intact() {
            return Err(damaged("a checksum is wrong"));
        }
        match (size, &chunk.name) {
            (None, b"IHDR") => size = Some(read_header(chunk.data)?),
            (None, _) | (_, b"IHDR") => return Err(damaged("its header is not in its place")),
            (_, name) if ANIMATION.contains(&name) => {
                return Err("is an animated PNG file, and a logo must not move".to_owned());
            }
            (_, b"IDAT") => has_data = true,
            _ => {}
        }
        if KEPT.contains(&&chunk.name) {
            kept.extend_from_slice(chunk.whole);
        }
        if chunk.name == *b"IEND" {
            break;
        }
    }
    match size {
        Some((width, height)) if has_data && rest.is_empty() => Ok(Png {
            bytes: kept,
            width,
            height,
        }),
        _ if has_data => Err("has other data behind its end as a PNG file".to_owned()),
        _ => Err(damaged("it has no pixels")),
    }
}

fn read_header(data: &[u8]) -> Result<(u32, u32), String> {
    let side = |range: std::ops::Range<usize>| {
        let bytes: [u8; 4] = data.get(range)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    match (side(0..4), side(4..8)) {
        (Some(width), Some(height)) if data.len() == 13 && width > 0 && height > 0 => {
            if width > MAX_SIDE || height > MAX_SIDE {
                return Err(format!(
                    "has {width} × {height} pixels, and {MAX_SIDE} × {MAX_SIDE} are the most"
                ));
            }
            Ok((width, height))
        }
        _ => Err("is a damaged PNG file: its header has no size".to_owned()),
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
pub mod tests {
    use super::*;

    const IDAT: &[u8] = &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1];

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let crc = crc32(name.iter().chain(data)).to_be_bytes();
        [&length, name.as_slice(), data, &crc].concat()
    }

    fn header(width: u32, height: u32) -> Vec<u8> {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        chunk(b"IHDR", &[size.as_slice(), &[8, 6, 0, 0, 0]].concat())
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&[SIGNATURE.to_vec()], chunks].concat().concat()
    }

    /// A PNG file of this size, for the tests of other modules.
    pub fn png(width: u32, height: u32) -> Vec<u8> {
        let chunks = [
            header(width, height),
            chunk(b"IDAT", IDAT),
            chunk(b"IEND", b""),
        ];
        file(&chunks)
    }

    #[test]
    fn our_own_icon_is_read_and_only_what_draws_it_is_kept() {
        let icon = include_bytes!("../../../public/apple-touch-icon.png");
        let png = read(icon).unwrap();
        assert_eq!((png.width, png.height), (180, 180));
        let plain = super::tests::png(40, 20);
        let noted = file(&[
            header(40, 20),
            chunk(b"iCCP", &[0; 99]),
            chunk(b"zTXt", b"comment\0\0bomb"),
            chunk(b"eXIf", b"position"),
            chunk(b"IDAT", IDAT),
            chunk(b"IEND", b""),
        ]);
        assert_eq!(read(&noted).unwrap().bytes, plain);
    }

    #[test]
    fn damaged_and_hostile_files_are_refused_with_the_reason() {
        let whole = png(40, 20);
        let mut flipped = whole.clone();
        flipped[20] ^= 1;
        let (data, end) = (chunk(b"IDAT", IDAT), chunk(b"IEND", b""));
        for (bytes, reason) in [
            (png(2049, 10), "2049 × 10 pixels"),
            (png(u32::MAX, u32::MAX), "2048 × 2048 are the most"),
            (png(0, 10), "no size"),
            (flipped, "checksum"),
            (whole[..whole.len() - 1].to_vec(), "ends too early"),
            (whole[..9].to_vec(), "ends too early"),
            (
                [whole.clone(), b"<script>".to_vec()].concat(),
                "behind its end",
            ),
            (file(&[data.clone(), end.clone()]), "not in its place"),
            (
                file(&[header(4, 4), header(4, 4), end.clone()]),
                "not in its place",
            ),
            (file(&[header(4, 4), end.clone()]), "no pixels"),
            (
                file(&[header(4, 4), chunk(b"acTL", &[0; 8]), data.clone(), end]),
                "must not move",
            ),
            (
                file(&[header(4, 4), b"\xff\xff\xff\xffIDAT".to_vec()]),
                "ends too early",
            ),
            (file(&[chunk(b"IHDR", b"short"), data]), "no size"),
            (b"GIF89a".to_vec(), "does not begin like one"),
        ] {
            let error = read(&bytes).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
