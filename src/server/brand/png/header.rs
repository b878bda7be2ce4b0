//! The header of a PNG file (W3C PNG, third edition, 11.2.1), and what follows from it.

use super::{MAX_SIDE, damaged};

/// Colour types with the depths that each may have, in bits of a sample.
const DEPTHS: [(u8, &[u8]); 5] = [
    (GREY, &[1, 2, 4, 8, 16]),
    (COLOUR, &[8, 16]),
    (PALETTE, &[1, 2, 4, 8]),
    (GREY_ALPHA, &[8, 16]),
    (COLOUR_ALPHA, &[8, 16]),
];
const GREY: u8 = 0;
const COLOUR: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const COLOUR_ALPHA: u8 = 6;

/// The header.
#[derive(Debug)]
pub struct Header {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    depth: u8,
    color_type: u8,
}

impl Header {
    /// Reads the data of the first chunk.
    ///
    /// # Errors
    /// The end of a sentence that begins with the name of the file.
    pub fn read(data: &[u8]) -> Result<Self, String> {
        let no_size = || damaged("its header has no size");
        let (width, rest) = data.split_first_chunk().ok_or_else(no_size)?;
        let (height, rest) = rest.split_first_chunk().ok_or_else(no_size)?;
        let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
        let &[depth, color_type, compression, filter, interlace] = rest else {
            return Err(no_size());
        };
        if width == 0 || height == 0 {
            return Err(no_size());
        }
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(format!(
                "has {width} × {height} pixels, and {MAX_SIDE} × {MAX_SIDE} are the most"
            ));
        }
        let is_known = DEPTHS
            .iter()
            .any(|(known, depths)| *known == color_type && depths.contains(&depth));
        if !is_known || compression != 0 || filter != 0 || interlace > 1 {
            return Err(damaged("its header names a format that does not exist"));
        }
        Ok(Self {
            width,
            height,
            depth,
            color_type,
        })
    }

    /// Whether pixels are numbers of colours in a palette.
    pub fn needs_palette(&self) -> bool {
        self.color_type == PALETTE
    }

    /// Whether there may be a palette of as many colours.
    pub fn allows_palette(&self, entries: usize) -> bool {
        let most = match self.color_type {
            PALETTE => 1 << self.depth,
            COLOUR | COLOUR_ALPHA => 256,
            _ => 0,
        };
        (1..=most).contains(&entries)
    }

    /// Whether the transparency of colours may have that length, in bytes.
    pub fn allows_transparency(&self, length: usize, palette_entries: usize) -> bool {
        match self.color_type {
            GREY => length == 2,
            COLOUR => length == 6,
            PALETTE => (1..=palette_entries).contains(&length),
            _ => false,
        }
    }

    /// The fewest bytes that the pixels have before they are compressed.
    pub fn least_bytes(&self) -> u64 {
        let samples = match self.color_type {
            COLOUR => 3,
            GREY_ALPHA => 2,
            COLOUR_ALPHA => 4,
            _ => 1,
        };
        let bits_of_row = u64::from(self.width) * samples * u64::from(self.depth);
        u64::from(self.height) * (1 + bits_of_row.div_ceil(8))
    }
}
