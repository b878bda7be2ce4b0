//! How phone networks encode a text message, and how many segments it is billed as (GSM 03.38 and
//! 03.40, UCS-2).

/// The default alphabet of GSM 03.38.
const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension, of which each character counts twice.
const GSM_7_EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// The size of a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsSize {
    /// The first character that GSM-7 does not have. With one the whole message is UCS-2, which
    /// more than halves what fits into a segment.
    pub not_gsm_7: Option<char>,
    /// How many segments are sent and billed.
    pub segments: usize,
}

/// The size of a text.
pub fn sms_size(text: &str) -> SmsSize {
    let is_gsm_7 = |c: &char| GSM_7.contains(*c) || GSM_7_EXTENSION.contains(*c);
    let not_gsm_7 = text.chars().find(|c| !is_gsm_7(c));
    let (length, alone, joined) = match not_gsm_7 {
        Some(_) => (text.encode_utf16().count(), 70, 67),
        None => {
            let extended = text
                .chars()
                .filter(|c| GSM_7_EXTENSION.contains(*c))
                .count();
            (text.chars().count() + extended, 160, 153)
        }
    };
    let segments = if length <= alone {
        1
    } else {
        length.div_ceil(joined)
    };
    SmsSize {
        not_gsm_7,
        segments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m2_a_message_is_as_many_segments_as_its_alphabet_needs() {
        for (text, not_gsm_7, segments) in [
            ("a".repeat(160), None, 1),
            ("a".repeat(161), None, 2),
            ("a".repeat(307), None, 3),
            ("€".repeat(80), None, 1),
            ("€".repeat(81), None, 2),
            ("ü\n£".to_owned(), None, 1),
            (format!("’{}", "a".repeat(69)), Some('’'), 1),
            (format!("{}ş", "a".repeat(70)), Some('ş'), 2),
            ("ж".repeat(135), Some('ж'), 3),
            ("\u{1f511}".repeat(35), Some('\u{1f511}'), 1),
            ("\u{1f511}".repeat(36), Some('\u{1f511}'), 2),
        ] {
            let expected = SmsSize {
                not_gsm_7,
                segments,
            };
            assert_eq!(sms_size(&text), expected, "{text}");
        }
    }
}
