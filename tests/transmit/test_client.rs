//! A client on a clock that the test moves, and a stub that behaves like upstream until a test
//! changes its answers.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Channel, Identifier, IdentifierType, Passcode};
use latchkey::server::settings::human_duration::HumanDuration;
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{
    AuthenticateOtp, ClientAttributes, ClientCredential, DeliveryState, Failure, FailureKind,
    Operation, PolicyError, SendOtp, SentOtp, SessionId, Transmit, VerifiedIdentity,
};
use serde_json::{Value, json};

use crate::stub_server::{Reply, Stub};
use latchkey_testkit::forged_tokens::TokenTerms;
use latchkey_testkit::token_signer::TRUSTED;

pub const TOKEN: &str = "/oidc/token";
pub const JWKS: &str = "/cis/oidc/jwks";
pub const SEND: &str = "/cis/v1/auth/otp/send";
pub const VERIFY: &str = "/cis/v1/auth/otp/authenticate";
pub const SESSION: &str = "/cis/v1/auth/session/authenticate";
pub const LOGOUT: &str = "/cis/v1/auth/session/logout";
pub const USERS: &str = "/cis/v1/users";
pub const USER: &str = "/cis/v1/users/u-1";
pub const SESSIONS: &str = "/cis/v1/auth/users/u-1/sessions";

/// The calls that carry a client token, and where they go.
pub const CALLS: [(Operation, &str); 9] = [
    (Operation::UserCreate, USERS),
    (Operation::UserGet, USER),
    (Operation::UserUpdate, USER),
    (Operation::OtpSend, SEND),
    (Operation::OtpAuthenticate, VERIFY),
    (Operation::SessionAuthenticate, SESSION),
    (Operation::SessionLogout, LOGOUT),
    (Operation::SessionsList, SESSIONS),
    (Operation::SessionsRevoke, SESSIONS),
];

pub const NOW: u64 = 1_800_000_000;
pub const ISSUER: &str = "https://userid.example";
pub const CLIENT: &str = "client-1";
pub const SECRET: &str = "s3cret &=+";
pub const TENANT: &str = "tenant-1";
pub const PHONE: &str = "+447400123456";
pub const TIMEOUT: Duration = Duration::from_secs(10);

pub struct TestClient {
    pub stub: Stub,
    pub transmit: Transmit,
    pub hand: ClockHandle,
}

impl TestClient {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut settings::TransmitSettings)) -> Self {
        Self::proved_by(Secret::new(SECRET), change).await
    }

    pub async fn proved_by(
        proof: impl Into<ClientCredential>,
        change: impl FnOnce(&mut settings::TransmitSettings),
    ) -> Self {
        let stub = Stub::start().await;
        let mut granted = 0;
        stub.on(TOKEN, move |_| {
            granted += 1;
            grant(&format!("token-{granted}"))
        });
        for path in [JWKS, SEND, VERIFY, SESSION, LOGOUT, USERS, USER, SESSIONS] {
            stub.always(path, good(path));
        }
        let mut settings = settings::TransmitSettings {
            base_url: Some(stub.base.parse().unwrap()),
            issuer: Some(ISSUER.to_owned()),
            client_id: CLIENT.to_owned(),
            tenant_id: Some(TENANT.to_owned()),
            timeout: HumanDuration(TIMEOUT),
            ..settings::TransmitSettings::default()
        };
        change(&mut settings);
        let (clock, hand) = Clock::manual(Timestamp::from_secs(NOW));
        let transmit = Transmit::new(&settings, proof, clock, Random::seeded(1)).unwrap();
        Self {
            stub,
            transmit,
            hand,
        }
    }

    /// Waits for something while time passes: ten times as fast as it does.
    pub async fn while_time_passes<T>(&self, work: impl Future<Output = T>) -> T {
        let passing = async {
            loop {
                Clock::system().sleep(Duration::from_millis(5)).await;
                self.hand.advance(Duration::from_millis(50));
            }
        };
        tokio::select! { done = work => done, () = passing => unreachable!("time has no end") }
    }

    /// Makes a call of that kind.
    pub async fn call(&self, operation: Operation) -> Result<(), Failure> {
        let session = SessionId::new("session-1");
        match operation {
            Operation::UserCreate => self.transmit.create_user(&phone()).await.map(drop),
            Operation::UserGet => self.transmit.user("u-1").await.map(drop),
            Operation::UserUpdate => self.transmit.set_name("u-1", "Ada").await,
            Operation::OtpSend => self.send().await.map(drop),
            Operation::OtpAuthenticate => self.verify().await.map(drop),
            Operation::SessionAuthenticate => self
                .transmit
                .authenticate_session(&session, "u-1")
                .await
                .map(drop),
            Operation::SessionLogout => self.transmit.logout(&session).await,
            Operation::SessionsList => self.transmit.user_sessions("u-1").await.map(drop),
            Operation::SessionsRevoke => self.transmit.revoke_user_sessions("u-1").await,
            Operation::LoginPreferences => match self.transmit.tenant_policy().await {
                Err(
                    PolicyError::Withheld(failure)
                    | PolicyError::NotFound(failure)
                    | PolicyError::Failed(failure),
                ) => Err(failure),
                _ => Ok(()),
            },
            Operation::Token | Operation::Jwks | Operation::Discovery => {
                self.transmit.prepare().await
            }
        }
    }

    pub async fn send(&self) -> Result<SentOtp, Failure> {
        let (identifier, client) = (phone(), ClientAttributes::default());
        let send = SendOtp {
            identifier: &identifier,
            channel: Channel::Sms,
            message: None,
            sender_id: None,
            client,
        };
        self.transmit.send_otp(&send).await
    }

    pub async fn verify(&self) -> Result<VerifiedIdentity, Failure> {
        self.verify_as(&phone()).await
    }

    pub async fn verify_as(&self, identifier: &Identifier) -> Result<VerifiedIdentity, Failure> {
        self.verify_with(identifier, &[Channel::Sms]).await
    }

    /// Verifies a code of a flow that requested codes by these channels.
    pub async fn verify_by(&self, channels: &[Channel]) -> Result<VerifiedIdentity, Failure> {
        self.verify_with(&phone(), channels).await
    }

    async fn verify_with(
        &self,
        identifier: &Identifier,
        channels: &[Channel],
    ) -> Result<VerifiedIdentity, Failure> {
        let passcode = Passcode::parse("123456", 6).unwrap();
        let not_before = Timestamp::from_secs(NOW - 100);
        let client = ClientAttributes::default();
        let verify = AuthenticateOtp {
            identifier,
            passcode: &passcode,
            request_id: None,
            client,
            channels,
            not_before,
        };
        self.transmit.authenticate_otp(&verify).await
    }
}

pub fn phone() -> Identifier {
    Identifier::canonical(
        IdentifierType::PhoneNumber,
        PHONE.to_owned(),
        Some("GB".to_owned()),
    )
}

#[track_caller]
pub fn assert_failure(failure: &Failure, kind: FailureKind, delivery: DeliveryState) {
    assert_eq!(
        (failure.kind, failure.delivery),
        (kind, delivery),
        "{failure}"
    );
}

/// What upstream says when all is well.
pub fn good(path: &str) -> Reply {
    match path {
        TOKEN => grant("good"),
        JWKS => Reply::json(200, json!({"keys": [TRUSTED.jwk()]})),
        SEND => Reply::json(200, json!({"message": "OTP sent"})),
        VERIFY | SESSION => tokens(&terms().id(), &terms().access()),
        SESSIONS => Reply::json(200, json!([])),
        LOGOUT => Reply::text(204, "", ""),
        USERS => Reply::json(
            201,
            json!({"result": {"user_id": "u-1", "status": "Pending"}}),
        ),
        USER => Reply::json(
            200,
            json!({"result": {"user_id": "u-1", "status": "Active"}}),
        ),
        other => unreachable!("{other}"),
    }
}

pub fn grant(token: &str) -> Reply {
    Reply::json(
        200,
        json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": ""}),
    )
}

pub fn tokens(id: &str, access: &str) -> Reply {
    Reply::json(
        200,
        json!({"access_token": access, "id_token": id, "refresh_token": "r", "token_type": "Bearer",
            "expires_in": 3600, "session_id": "session-1"}),
    )
}

/// A refusal in the shape of the passcode operations.
pub fn newer(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({"error_code": code, "message": "text"}))
}

/// A refusal in the shape of the other operations.
pub fn classic(status: u16, message: Value) -> Reply {
    Reply::json(status, json!({"error_code": status, "message": message}))
}

/// What true tokens of this client contain.
pub fn terms() -> TokenTerms {
    let [issuer, client, tenant, sub, phone] =
        [ISSUER, CLIENT, TENANT, "u-1", PHONE].map(str::to_owned);
    TokenTerms {
        issuer,
        client,
        tenant,
        sub,
        phone,
        now: NOW,
    }
}

pub fn id_claims() -> Value {
    terms().id_claims()
}

pub fn access_claims() -> Value {
    terms().access_claims()
}
