//! Telephone numbers and addresses of nobody.

use std::net::Ipv4Addr;

/// Mobile numbers of the countries that are served by default, but for their last two digits.
pub const SERVED: [(&str, &str); 21] = [
    ("AT", "+436641234"),
    ("AU", "+614123456"),
    ("BE", "+324701234"),
    ("CA", "+150623456"),
    ("CH", "+417812345"),
    ("DE", "+49151234567"),
    ("DK", "+45321234"),
    ("ES", "+346123456"),
    ("FI", "+3584123456"),
    ("FR", "+336123456"),
    ("GB", "+4474001234"),
    ("IE", "+3538501234"),
    ("IS", "+35461112"),
    ("IT", "+3931234567"),
    ("LU", "+3526281234"),
    ("NL", "+316123456"),
    ("NO", "+47406123"),
    ("NZ", "+642112345"),
    ("PT", "+3519123456"),
    ("SE", "+467012345"),
    ("US", "+120155501"),
];

/// Where pumping pays, and numbers that cost more than a message: none of them is served by
/// default.
pub const NOT_SERVED: [&str; 8] = [
    "+79123456789",
    "+8801812345678",
    "+923012345678",
    "+2348021234567",
    "+6281234567890",
    "+992917123456",
    "+447073123456",
    "+19002345678",
];

/// A British mobile number. Those with the same `near` differ in the last four digits alone; there
/// are 5,000 of them.
pub fn number(near: usize, line: usize) -> String {
    format!("+4474{:04}{:04}", near % 5000, line % 10_000)
}

/// An address of the network that is set aside for measurements (RFC 2544); there are 131,072.
pub fn address(index: usize) -> Ipv4Addr {
    let [_, low @ ..] = u32::try_from(index % 0x2_0000)
        .unwrap_or_default()
        .to_be_bytes();
    let [high, middle, last] = low;
    Ipv4Addr::new(198, 18 + high, middle, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_differ() {
        assert_eq!(number(12, 34), "+447400120034");
        assert_eq!(address(0), Ipv4Addr::new(198, 18, 0, 0));
        assert_eq!(address(0x1_0203), Ipv4Addr::new(198, 19, 2, 3));
    }
}
