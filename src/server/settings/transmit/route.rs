//! How calls reach the tenant: a proxy, and trusted certificates.

use crate::server::settings::transmit::TransmitSettings;

impl TransmitSettings {
    pub(super) fn validate_route(&self, mut error: impl FnMut(&'static str, &str)) {
        if let Some(proxy) = &self.proxy {
            if proxy.scheme() != "http" || proxy.host().is_none() {
                error(
                    "transmit.proxy",
                    "must be http://HOST:PORT: calls go through it by CONNECT, TLS from end to end",
                );
            }
            if !proxy.username().is_empty() || proxy.password().is_some() {
                error(
                    "transmit.proxy",
                    "user and password belong into transmit.proxy_credentials, where nothing shows them",
                );
            }
        }
        if let Some(credentials) = &self.proxy_credentials {
            if self.proxy.is_none() {
                error(
                    "transmit.proxy_credentials",
                    "belong to transmit.proxy, which is not set",
                );
            }
            if !credentials.expose().contains(':') {
                error("transmit.proxy_credentials", "must be user:password");
            }
        }
    }
}
