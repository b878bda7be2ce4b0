//! A client, a stub that behaves like upstream until told otherwise, and a clock that the test moves.

use std::time::Duration;

use latchkey::domain::{Identifier, IdentifierType, Passcode};
use latchkey::server::clock::{Clock, Hand, Timestamp};
use latchkey::server::random::Random;
use latchkey::server::settings::{self, Secret, duration::Span};
use latchkey::server::transmit::{AuthenticateOtp, ClientAttributes, Failure, Identity, SendOtp, Sent, Transmit};
use serde_json::{Value, json};

use super::corpus::Terms;
use super::stub::{Reply, Stub};

pub const TOKEN: &str = "/oidc/token";
pub const JWKS: &str = "/cis/oidc/jwks";
pub const SEND: &str = "/cis/v1/auth/otp/send";
pub const VERIFY: &str = "/cis/v1/auth/otp/authenticate";
pub const SESSION: &str = "/cis/v1/auth/session/authenticate";
pub const LOGOUT: &str = "/cis/v1/auth/session/logout";
pub const USERS: &str = "/cis/v1/users";
pub const USER: &str = "/cis/v1/users/u-1";

pub const NOW: u64 = 1_800_000_000;
pub const ISSUER: &str = "https://userid.example";
pub const CLIENT: &str = "client-1";
pub const SECRET: &str = "s3cret &=+";
pub const TENANT: &str = "tenant-1";
pub const PHONE: &str = "+447400123456";
pub const TIMEOUT: Duration = Duration::from_secs(10);

pub struct World {
    pub stub: Stub,
    pub transmit: Transmit,
    pub hand: Hand,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut settings::Transmit)) -> Self {
        let stub = Stub::start().await;
        let mut granted = 0;
        stub.on(TOKEN, move |_| {
            granted += 1;
            grant(&format!("token-{granted}"))
        });
        stub.always(JWKS, Reply::json(200, json!({"keys": [super::signer::OURS.jwk()]})));
        stub.always(SEND, Reply::json(200, json!({"message": "OTP sent"})));
        stub.always(VERIFY, tokens(&terms().id(), &terms().access()));
        stub.always(SESSION, tokens(&terms().id(), &terms().access()));
        stub.always(LOGOUT, Reply::text(204, "", ""));
        stub.always(USER, Reply::json(200, json!({"result": {"user_id": "u-1", "status": "Active"}})));
        let mut settings = settings::Transmit {
            base_url: Some(stub.base.parse().unwrap()),
            issuer: Some(ISSUER.to_owned()),
            client_id: CLIENT.to_owned(),
            tenant_id: Some(TENANT.to_owned()),
            timeout: Span(TIMEOUT),
            ..settings::Transmit::default()
        };
        change(&mut settings);
        let (clock, hand) = Clock::manual(Timestamp::from_secs(NOW));
        let transmit = Transmit::new(&settings, Secret::new(SECRET), clock, Random::seeded(1)).unwrap();
        Self { stub, transmit, hand }
    }

    pub async fn send(&self) -> Result<Sent, Failure> {
        let (identifier, client) = (phone(), ClientAttributes::default());
        let send = SendOtp { identifier: &identifier, message: None, sender_id: None, client };
        self.transmit.send_otp(&send).await
    }

    pub async fn verify(&self) -> Result<Identity, Failure> {
        self.verify_as(&phone()).await
    }

    pub async fn verify_as(&self, identifier: &Identifier) -> Result<Identity, Failure> {
        let passcode = Passcode::parse("123456", 6).unwrap();
        let not_before = Timestamp::from_secs(NOW - 100);
        let client = ClientAttributes::default();
        let verify = AuthenticateOtp { identifier, passcode: &passcode, request_id: None, client, not_before };
        self.transmit.authenticate_otp(&verify).await
    }
}

pub fn phone() -> Identifier {
    Identifier::canonical(IdentifierType::PhoneNumber, PHONE.to_owned(), Some("GB".to_owned()))
}

pub fn grant(token: &str) -> Reply {
    Reply::json(200, json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": ""}))
}

pub fn tokens(id: &str, access: &str) -> Reply {
    Reply::json(
        200,
        json!({"access_token": access, "id_token": id, "refresh_token": "r", "token_type": "Bearer",
            "expires_in": 3600, "session_id": "session-1"}),
    )
}

/// What true tokens of this world say.
pub fn terms() -> Terms {
    let [issuer, client, tenant, sub, phone] = [ISSUER, CLIENT, TENANT, "u-1", PHONE].map(str::to_owned);
    Terms { issuer, client, tenant, sub, phone, now: NOW }
}

pub fn id_claims() -> Value {
    terms().id_claims()
}

pub fn access_claims() -> Value {
    terms().access_claims()
}
