//! The rules for passcodes: the tenant's policy with the server's own limits applied.

use std::time::Duration;

use crate::server::guard::Device;
use crate::server::settings;

/// The rules for passcodes.
#[derive(Clone, Debug)]
pub struct PasscodePolicy {
    /// Digits in a code.
    pub length: usize,
    /// How long a code can be used: the tenant's lifetime, at most ten minutes (NIST 800-63B-4
    /// §3.1.3.2).
    pub lifetime: Duration,
    /// Attempts per code.
    pub attempts: u32,
    /// How long exhausted attempts stay exhausted for an unrecognised device.
    pub unrecognised_lockout: Duration,
    /// The same for a recognised device: as long as the tenant's own lockout.
    pub recognised_lockout: Duration,
    /// The waits between the sends of one flow.
    pub cool_down: Vec<Duration>,
    /// Whether people may choose to stay signed in.
    pub offer_stay: bool,
}

impl PasscodePolicy {
    /// The policy that the settings describe.
    pub fn new(
        transmit: &settings::TransmitSettings,
        guard: &settings::GuardSettings,
        session: &settings::SessionSettings,
    ) -> Self {
        Self {
            length: transmit.otp_length,
            lifetime: transmit.code_lifetime(),
            attempts: transmit.attempts_per_code(),
            unrecognised_lockout: transmit.unrecognised_lockout(),
            recognised_lockout: transmit.otp_lockout.0,
            cool_down: if guard.enabled {
                guard.cool_down.iter().map(|span| span.0).collect()
            } else {
                Vec::new()
            },
            offer_stay: session.offer_stay,
        }
    }

    /// How long exhausted attempts stay exhausted.
    pub fn lockout(&self, device: Device) -> Duration {
        match device {
            Device::Unrecognised => self.unrecognised_lockout,
            Device::Recognised(_) => self.recognised_lockout,
        }
    }
}
