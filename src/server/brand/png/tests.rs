//! Files as they should be, damaged ones, and ones with something hidden in them.

use super::*;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let crc = crc32(name.iter().chain(data)).to_be_bytes();
    [&length, name.as_slice(), data, &crc].concat()
}

/// A header: the size, then depth, colour type, compression, filter and interlace.
fn header(width: u32, height: u32, format: [u8; 5]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[size.as_slice(), &format].concat())
}

const RGBA: [u8; 5] = [8, 6, 0, 0, 0];

/// Zeros as a stream of zlib, without compression.
fn zeros(length: usize) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = vec![0_u8; length];
    let mut blocks = blocks.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let size = u16::try_from(block.len()).unwrap();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(size.to_le_bytes());
        stream.extend((!size).to_le_bytes());
        stream.extend(block);
    }
    // The checksum of zeros: 1 in the lower half, their number in the upper one.
    let count = u16::try_from(length % 65_521).unwrap();
    stream.extend(count.to_be_bytes());
    stream.extend([0, 1]);
    stream
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&[SIGNATURE.to_vec()], chunks].concat().concat()
}

/// A PNG file of this size, for the tests of other modules.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels = usize::try_from(height * (1 + 4 * width)).unwrap();
    let data = chunk(b"IDAT", &zeros(pixels));
    file(&[header(width, height, RGBA), data, chunk(b"IEND", b"")])
}

/// A file of 4 × 4 pixels with these chunks between header and end.
fn with(format: [u8; 5], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let inner = chunks.iter().flat_map(|(name, data)| chunk(name, data));
    file(&[header(4, 4, format), inner.collect(), chunk(b"IEND", b"")])
}

#[test]
fn our_own_icon_is_read_and_only_what_draws_it_is_kept() {
    let icon = include_bytes!("../../../../public/apple-touch-icon.png");
    let png = read(icon).unwrap();
    assert_eq!((png.width, png.height), (180, 180));
    let data = zeros(68);
    let plain = with(RGBA, &[(b"IDAT", &data)]);
    let noted = with(
        RGBA,
        &[
            (b"iCCP", &[0; 99]),
            (b"zTXt", b"comment\0\0bomb"),
            (b"eXIf", b"position"),
            (b"IDAT", &data),
            (b"tIME", b"1234567"),
        ],
    );
    assert_eq!(read(&noted).unwrap().bytes, plain);
}

#[test]
fn damaged_and_hostile_files_are_refused_with_the_reason() {
    let whole = png(40, 20);
    let mut flipped = whole.clone();
    flipped[20] ^= 1;
    let data = chunk(b"IDAT", &zeros(68));
    let end = chunk(b"IEND", b"");
    let sized = |width, height| file(&[header(width, height, RGBA), data.clone(), end.clone()]);
    let plain = || header(4, 4, RGBA);
    for (bytes, reason) in [
        (sized(2049, 10), "2049 × 10 pixels"),
        (sized(u32::MAX, u32::MAX), "2048 × 2048 are the most"),
        (sized(0, 10), "no size"),
        (sized(10, 0), "no size"),
        (sized(2000, 2000), "fewer pixels than its header says"),
        (flipped, "checksum"),
        (whole[..whole.len() - 1].to_vec(), "ends too early"),
        (whole[..9].to_vec(), "ends too early"),
        (
            [whole.clone(), b"<script>".to_vec()].concat(),
            "behind its end",
        ),
        (file(&[data.clone(), end.clone()]), "not in its place"),
        (file(&[plain(), plain(), end.clone()]), "not in its place"),
        (file(&[plain(), end.clone()]), "no pixels"),
        (
            file(&[plain(), chunk(b"acTL", &[0; 8]), data.clone(), end.clone()]),
            "must not move",
        ),
        (
            file(&[plain(), b"\xff\xff\xff\xffIDAT".to_vec()]),
            "ends too early",
        ),
        (file(&[chunk(b"IHDR", b"short"), data.clone()]), "no size"),
        (file(&[chunk(b"IHDR", &[1; 14]), data.clone()]), "no size"),
        (
            file(&[plain(), data, chunk(b"IEND", b"<script>PK\x03\x04")]),
            "IEND does not fit",
        ),
        (b"GIF89a".to_vec(), "does not begin like one"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_header_names_a_format_that_exists() {
    let data = zeros(200);
    let palette = [0; 6];
    let taken = |format: [u8; 5]| {
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IDAT", &data)];
        if format[1] == 3 {
            chunks.insert(0, (b"PLTE", &palette));
        }
        read(&with(format, &chunks)).is_ok()
    };
    let mut known = Vec::new();
    for color_type in 0..=8 {
        for depth in 0..=33 {
            if taken([depth, color_type, 0, 0, 0]) {
                known.push((color_type, depth));
            }
        }
    }
    assert_eq!(
        known,
        [
            (0, 1),
            (0, 2),
            (0, 4),
            (0, 8),
            (0, 16),
            (2, 8),
            (2, 16),
            (3, 1),
            (3, 2),
            (3, 4),
            (3, 8),
            (4, 8),
            (4, 16),
            (6, 8),
            (6, 16),
        ]
    );
    for (end, is_taken) in [
        ([0, 0, 0], true),
        ([0, 0, 1], true),
        ([0, 0, 2], false),
        ([0, 1, 0], false),
        ([0, 7, 0], false),
        ([1, 0, 0], false),
        ([9, 0, 0], false),
        ([0, 0, u8::MAX], false),
    ] {
        assert_eq!(taken([8, 6, end[0], end[1], end[2]]), is_taken, "{end:?}");
    }
}

#[test]
fn each_chunk_has_its_place_and_its_length() {
    const INDEXED: [u8; 5] = [2, 3, 0, 0, 0];
    const GREY: [u8; 5] = [8, 0, 0, 0, 0];
    const COLOUR: [u8; 5] = [8, 2, 0, 0, 0];
    const GREY_ALPHA: [u8; 5] = [8, 4, 0, 0, 0];
    let data = zeros(68);
    let idat: (&[u8; 4], &[u8]) = (b"IDAT", &data);
    let (start, rest) = data.split_at(9);
    let plte: (&[u8; 4], &[u8]) = (b"PLTE", &[0; 12]);
    let gama: (&[u8; 4], &[u8]) = (b"gAMA", &[0; 4]);
    let payload = b"<script>alert(1)</script>";
    for (format, chunks, reason) in [
        (INDEXED, vec![idat], "IDAT is not in its place"),
        (INDEXED, vec![idat, plte], "IDAT is not in its place"),
        (COLOUR, vec![idat, plte], "PLTE is not in its place"),
        (INDEXED, vec![plte, plte, idat], "PLTE is not in its place"),
        (INDEXED, vec![(b"PLTE", &[0; 2]), idat], "PLTE does not fit"),
        (INDEXED, vec![(b"PLTE", &[0; 0]), idat], "PLTE does not fit"),
        (
            INDEXED,
            vec![(b"PLTE", &[0; 15]), idat],
            "PLTE does not fit",
        ),
        (
            COLOUR,
            vec![(b"PLTE", &[0; 771]), idat],
            "PLTE does not fit",
        ),
        (GREY, vec![plte, idat], "PLTE does not fit"),
        (GREY_ALPHA, vec![plte, idat], "PLTE does not fit"),
        (RGBA, vec![(b"tRNS", &[0; 6]), idat], "tRNS does not fit"),
        (GREY, vec![(b"tRNS", &[0; 3]), idat], "tRNS does not fit"),
        (
            COLOUR,
            vec![(b"tRNS", &[0; 257]), idat],
            "tRNS does not fit",
        ),
        (
            INDEXED,
            vec![plte, (b"tRNS", &[0; 5]), idat],
            "tRNS does not fit",
        ),
        (
            INDEXED,
            vec![(b"tRNS", &[0; 2]), plte, idat],
            "tRNS does not fit",
        ),
        (
            COLOUR,
            vec![(b"tRNS", &[0; 6]), plte, idat],
            "PLTE is not in its",
        ),
        (
            GREY,
            vec![idat, (b"tRNS", &[0; 2])],
            "tRNS is not in its place",
        ),
        (RGBA, vec![(b"gAMA", payload), idat], "gAMA does not fit"),
        (RGBA, vec![(b"cHRM", payload), idat], "cHRM does not fit"),
        (RGBA, vec![(b"sRGB", payload), idat], "sRGB does not fit"),
        (RGBA, vec![gama, gama, idat], "gAMA is not in its place"),
        (RGBA, vec![idat, gama], "gAMA is not in its place"),
        (
            RGBA,
            vec![(b"IDAT", start), (b"tEXt", b"x"), (b"IDAT", rest)],
            "IDAT is not in its place",
        ),
        (
            RGBA,
            vec![(b"IDAT", start), gama, (b"IDAT", rest)],
            "gAMA is not in its place",
        ),
        (RGBA, vec![(b"EVIL", b"x"), idat], "EVIL does not fit"),
        (RGBA, vec![(b"a<b>", b"x"), idat], "a<b> does not fit"),
        (RGBA, vec![(b"IDAT", b"")], "no pixels"),
        (RGBA, vec![(b"IDAT", b"x")], "not compressed as"),
        (
            RGBA,
            vec![(b"IDAT", b"garbage!garbage!")],
            "not compressed as",
        ),
        (
            RGBA,
            vec![(b"IDAT", &[0x78, 0x02, 0, 0])],
            "not compressed as",
        ),
        (
            RGBA,
            vec![(b"IDAT", &[0x78, 0xbb, 0, 0])],
            "not compressed as",
        ),
        (
            RGBA,
            vec![(b"IDAT", &[0x88, 0x1c, 0, 0])],
            "not compressed as",
        ),
    ] {
        let error = read(&with(format, &chunks)).unwrap_err();
        assert!(error.contains(reason), "{chunks:?}: {error}");
    }
    for (format, chunks) in [
        (INDEXED, vec![gama, plte, (b"tRNS", &[0; 4]), idat]),
        (
            COLOUR,
            vec![(b"sRGB", &[0]), plte, (b"tRNS", &[0; 6]), idat],
        ),
        (GREY, vec![(b"cHRM", &[0; 32]), (b"tRNS", &[0; 2]), idat]),
        (RGBA, vec![(b"IDAT", start), (b"IDAT", rest)]),
        (RGBA, vec![(b"IDAT", b""), idat]),
    ] {
        let whole = with(format, &chunks);
        assert_eq!(read(&whole).unwrap().bytes, whole);
    }
}
