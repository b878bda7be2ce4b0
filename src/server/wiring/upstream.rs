//! Builds the upstream client and its proof of identity.

use crate::server::settings::{self, Settings, TransmitSettings};
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::transmit::{ClientCredential, ClientKey, Transmit};
use crate::server::wiring::startup_error::StartupError;

/// The upstream client.
///
/// # Errors
/// [`StartupError`].
pub fn build_client(
    settings: &Settings,
    clock: Clock,
    random: Random,
) -> Result<Transmit, StartupError> {
    let transmit = &settings.transmit;
    let proof = match read_client_key(transmit)? {
        Some(key) => ClientCredential::Key(key),
        None => {
            let secret = settings::load::read_secret(
                transmit.client_secret.as_ref(),
                transmit.client_secret_file.as_deref(),
            )?;
            ClientCredential::Secret(secret.ok_or(StartupError::NoProof)?)
        }
    };
    Ok(Transmit::new(transmit, proof, clock, random)?)
}

/// The client's private key; none if the client uses a secret.
///
/// # Errors
/// [`StartupError`].
pub fn read_client_key(transmit: &TransmitSettings) -> Result<Option<ClientKey>, StartupError> {
    let pem = settings::load::read_secret(
        transmit.private_key.as_ref(),
        transmit.private_key_file.as_deref(),
    )?;
    let Some(pem) = pem else {
        return Ok(None);
    };
    let origin = settings::load::secret_origin(
        "transmit.private_key",
        transmit.private_key.as_ref(),
        transmit.private_key_file.as_deref(),
    );
    ClientKey::parse(
        &pem,
        transmit.private_key_id.as_deref(),
        transmit.private_key_algorithm,
    )
    .map(Some)
    .map_err(|error| StartupError::ClientKey(origin, error))
}
