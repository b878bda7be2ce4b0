//! Certificates, made for a test.

use std::path::{Path, PathBuf};

use latchkey::server::settings::StoreSettings as Settings;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// An authority, a certificate for servers, and one for us; as files.
pub struct Papers {
    folder: PathBuf,
}

impl Papers {
    pub fn make(folder: &Path) -> Self {
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        let named = |name: &str, hosts: &[&str]| {
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            let mut certificate = CertificateParams::new(hosts).unwrap();
            certificate
                .distinguished_name
                .push(DnType::CommonName, name);
            certificate
        };
        let mut authority = named("authority", &[]);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        write("ca.pem", authority.self_signed(&key).unwrap().pem());
        let issuer = Issuer::new(authority, key);
        for (name, host) in [("server", "127.0.0.1"), ("us", "latchkey")] {
            let key = KeyPair::generate().unwrap();
            let certificate = named(name, &[host]).signed_by(&key, &issuer).unwrap();
            write(&format!("{name}.pem"), certificate.pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self {
            folder: folder.to_owned(),
        }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// What a server needs to speak TLS with certificates on both sides.
    pub fn of_server(&self, port: u16) -> Vec<String> {
        let files = [
            ("cert", "server.pem"),
            ("key", "server.key"),
            ("ca-cert", "ca.pem"),
        ];
        let files = files.map(|(name, file)| [format!("--tls-{name}-file"), self.path(file)]);
        let rest =
            ["--tls-port", &port.to_string(), "--tls-auth-clients", "yes"].map(str::to_owned);
        rest.into_iter()
            .chain(files.into_iter().flatten())
            .collect()
    }

    /// What we need to speak with such a server.
    pub fn of_ours(&self, settings: Settings) -> Settings {
        Settings {
            ca_file: Some(self.path("ca.pem").into()),
            client_cert_file: Some(self.path("us.pem").into()),
            client_key_file: Some(self.path("us.key").into()),
            ..settings
        }
    }
}
