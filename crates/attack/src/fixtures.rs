//! Phone numbers and IP addresses that belong to nobody.

use std::net::Ipv4Addr;

/// Mobile numbers of the countries that are served by default, without their last two digits.
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

/// Numbers of countries where SMS pumping pays, and premium-rate numbers. They are not served by
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

/// A British mobile number. Numbers with the same prefix differ in the last four digits only. There
/// are 5,000 prefixes.
pub fn phone_number(prefix: usize, last_digits: usize) -> String {
    format!("+4474{:04}{:04}", prefix % 5000, last_digits % 10_000)
}

/// An address of the network that is reserved for benchmarks (RFC 2544). It has 131,072 addresses.
pub fn client_address(index: usize) -> Ipv4Addr {
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
    fn indexes_become_numbers_and_addresses() {
        assert_eq!(phone_number(12, 34), "+447400120034");
        assert_eq!(client_address(0), Ipv4Addr::new(198, 18, 0, 0));
        assert_eq!(client_address(0x1_0203), Ipv4Addr::new(198, 19, 2, 3));
    }
}
