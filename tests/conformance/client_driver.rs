//! Every call of the client, through the recorder to a stand-in.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Identifier, IdentifierType, Passcode};
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{
    AuthenticateOtp, ClientAttributes, ClientCredential, ClientKey, Failure, FailureKind, SendOtp,
    SessionId, SessionState, Transmit, UserCreation,
};
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use serde_json::{Value, json};

use crate::table::Row;
use latchkey_testkit::pem;
use latchkey_testkit::recording_proxy::{Exchange, RecordingProxy};
use latchkey_testkit::sandbox_client::{SandboxClient, start_sandbox};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Every option on, every field filled.
    Everything,
    /// Nothing that can be left out.
    Least,
    /// Everything, from a client that proves itself by a key (RFC 7523).
    ByKey,
}

pub struct Bench {
    pub sandbox: SandboxClient,
    numbers: AtomicU32,
}

/// How a call came out.
pub struct Called {
    /// In a word.
    pub outcome: String,
    /// What went over the line at the row that was meant.
    pub exchanges: Vec<Exchange>,
}

/// A user who is signed in at the stand-in.
pub struct SignedIn {
    pub user_id: String,
    pub tokens: Value,
}

impl Bench {
    pub async fn new() -> Self {
        Self {
            sandbox: start_sandbox().await,
            numbers: AtomicU32::new(0),
        }
    }

    /// A number that nobody has.
    pub fn number(&self) -> String {
        format!(
            "+1202555{:04}",
            self.numbers.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// An active user; the number and the id.
    pub async fn user(&self) -> (String, String) {
        let number = self.number();
        let user = self.sandbox.set_user_status(&number, "Active").await;
        (number, user["user_id"].as_str().unwrap().to_owned())
    }

    pub async fn signed_in(&self) -> SignedIn {
        let number = self.number();
        let tokens = self.sandbox.sign_in(&number).await;
        let user = self.sandbox.set_user_status(&number, "Active").await;
        SignedIn {
            user_id: user["user_id"].as_str().unwrap().to_owned(),
            tokens,
        }
    }

    /// Makes the client's call of a row with a client of its own; answers are altered on their way.
    pub async fn call(
        &self,
        row: &Row,
        wish: Wish,
        alter: impl Fn(&mut Exchange) + Send + Sync + 'static,
    ) -> Called {
        let recorder = RecordingProxy::start(
            self.sandbox.http.clone(),
            &self.sandbox.sandbox.base_url(),
            alter,
        )
        .await;
        let transmit = self.client(&recorder.base, wish);
        let outcome = self.make(&transmit, &row.name, wish != Wish::Least).await;
        let exchanges = recorder
            .exchanges()
            .into_iter()
            .filter(|seen| row.matches(seen.method.as_str(), &seen.path));
        Called {
            outcome,
            exchanges: exchanges.collect(),
        }
    }

    /// How the same call comes out without a recorder: assertions are made out to the address that
    /// is called.
    pub async fn call_directly(&self, row: &Row, wish: Wish) -> String {
        let transmit = self.client(&self.sandbox.sandbox.base_url(), wish);
        if wish == Wish::ByKey {
            self.sandbox
                .control(
                    reqwest::Method::PUT,
                    "client",
                    json!({ "jwks": key().jwks() }),
                )
                .await;
        }
        self.make(&transmit, &row.name, wish != Wish::Least).await
    }

    fn client(&self, base: &str, wish: Wish) -> Transmit {
        let everything = wish != Wish::Least;
        let settings = settings::TransmitSettings {
            base_url: base.parse().ok(),
            issuer: Some(self.sandbox.sandbox.base_url()),
            tenant_id: Some(TENANT_ID.to_owned()),
            client_id: CLIENT_ID.to_owned(),
            generate_request_id: everything,
            device_id: everything,
            client_attributes: everything,
            ..settings::TransmitSettings::default()
        };
        let proof = if wish == Wish::ByKey {
            ClientCredential::Key(key())
        } else {
            Secret::new(CLIENT_SECRET).into()
        };
        Transmit::new(&settings, proof, Clock::system(), Random::system()).unwrap()
    }

    async fn make(&self, transmit: &Transmit, row: &str, everything: bool) -> String {
        match row {
            "token" => word(transmit.probe().await.token, |()| "granted".to_owned()),
            "jwks" => word(transmit.probe().await.keys, |count| format!("{count} keys")),
            "discovery" => word(transmit.probe().await.issuer, |found| format!("{found:?}")),
            "user_create" => self.create_users(transmit, everything).await,
            "user_get" => {
                let user = transmit.user(&self.user().await.1).await;
                word(user, |user| {
                    user.map_or("nobody".to_owned(), |user| format!("{:?}", user.status))
                })
            }
            "user_update" => {
                let name = if everything { "Ada Lovelace" } else { "Ada" };
                word(transmit.set_name(&self.user().await.1, name).await, done)
            }
            "otp_send" => {
                self.send(transmit, &self.user().await.0, everything)
                    .await
                    .0
            }
            "otp_authenticate" => self.authenticate(transmit, everything).await,
            "session_authenticate" => {
                let SignedIn { user_id, tokens } = self.signed_in().await;
                let state = transmit
                    .authenticate_session(&session_id(&tokens), &user_id)
                    .await;
                word(state, |state| match state {
                    SessionState::Active(roles) => format!("alive with {roles:?}"),
                    SessionState::Ended => "dead".to_owned(),
                })
            }
            "session_logout" => word(
                transmit
                    .logout(&session_id(&self.signed_in().await.tokens))
                    .await,
                done,
            ),
            "sessions_list" => word(
                transmit
                    .user_sessions(&self.signed_in().await.user_id)
                    .await,
                |sessions| {
                    let timed = sessions
                        .iter()
                        .filter(|s| s.started_at.is_some() && s.expires_at.is_some())
                        .count();
                    if timed == sessions.len() {
                        format!("{timed} sessions")
                    } else {
                        "sessions without times".to_owned()
                    }
                },
            ),
            "sessions_revoke" => word(
                transmit
                    .revoke_user_sessions(&self.signed_in().await.user_id)
                    .await,
                done,
            ),
            other => panic!("the client does not call {other}"),
        }
    }

    /// By each kind of identifier; a user name alone is none that the stand-in can reach.
    async fn create_users(&self, transmit: &Transmit, everything: bool) -> String {
        let number = self.number();
        let (email, name) = (format!("{number}@example.org"), format!("user{number}"));
        let mut kinds = vec![(IdentifierType::PhoneNumber, number)];
        if everything {
            kinds.extend([
                (IdentifierType::Email, email),
                (IdentifierType::Username, name),
            ]);
        }
        let mut outcomes = Vec::new();
        for (kind, value) in kinds {
            let created = transmit
                .create_user(&Identifier::canonical(kind, value, None))
                .await;
            outcomes.push(word(created, |created| match created {
                UserCreation::New { .. } => "new".to_owned(),
                UserCreation::Exists => "exists".to_owned(),
            }));
        }
        outcomes.swap_remove(0)
    }

    async fn send(
        &self,
        transmit: &Transmit,
        number: &str,
        everything: bool,
    ) -> (String, Option<String>) {
        let identifier = phone(number);
        let (message, sender_id) = (
            Some("{app}: {otp}").filter(|_| everything),
            Some("ACME").filter(|_| everything),
        );
        let send = SendOtp {
            identifier: &identifier,
            message,
            sender_id,
            client: browser(everything),
        };
        let sent = transmit.send_otp(&send).await;
        let request_id = sent.as_ref().ok().and_then(|sent| sent.request_id.clone());
        let outcome = word(sent, |sent| {
            if sent.request_id.is_some() {
                "sent, with id"
            } else {
                "sent"
            }
            .to_owned()
        });
        (outcome, request_id)
    }

    async fn authenticate(&self, transmit: &Transmit, everything: bool) -> String {
        let (number, _) = self.user().await;
        let (sent, request_id) = self.send(transmit, &number, everything).await;
        assert!(sent.starts_with("sent"), "{sent}");
        let passcode = Passcode::parse(&self.sandbox.newest_code(&number).await, 6).unwrap();
        let identifier = phone(&number);
        let verify = AuthenticateOtp {
            identifier: &identifier,
            passcode: &passcode,
            request_id: request_id.as_deref(),
            client: browser(everything),
            not_before: Timestamp::from_secs(0),
        };
        word(transmit.authenticate_otp(&verify).await, |who| {
            let (number, roles) = (who.phone_number.is_some(), who.roles);
            format!("signed in by {:?} as {roles:?}, number {number}", who.amr)
        })
    }
}

/// The client's key, one for all.
fn key() -> ClientKey {
    static PEM: LazyLock<String> = LazyLock::new(pem::ec);
    ClientKey::parse(&Secret::new(PEM.as_str()), None, None).unwrap()
}

/// Only the row that is meant.
pub fn at(
    row: &'static Row,
    alter: impl Fn(&mut Exchange) + Send + Sync,
) -> impl Fn(&mut Exchange) + Send + Sync {
    move |exchange| {
        if row.matches(exchange.method.as_str(), &exchange.path) {
            alter(exchange);
        }
    }
}

fn word<T>(result: Result<T, Failure>, tell: impl FnOnce(T) -> String) -> String {
    match result.map_err(|failure| failure.kind) {
        Ok(value) => tell(value),
        Err(FailureKind::Refused(reason)) => format!("{reason:?}"),
        Err(FailureKind::TokenInvalid(_)) => "TokenInvalid".to_owned(),
        Err(kind) => format!("{kind:?}"),
    }
}

fn done(_: ()) -> String {
    "done".to_owned()
}

fn phone(number: &str) -> Identifier {
    Identifier::canonical(IdentifierType::PhoneNumber, number.to_owned(), None)
}

fn browser(everything: bool) -> ClientAttributes<'static> {
    let all = ClientAttributes {
        user_agent: Some("Mozilla/5.0"),
        ip_address: "192.0.2.1".parse().ok(),
        device_id: Some("device-1"),
    };
    if everything {
        all
    } else {
        ClientAttributes::default()
    }
}

fn session_id(tokens: &Value) -> SessionId {
    SessionId::new(tokens["session_id"].as_str().unwrap())
}
