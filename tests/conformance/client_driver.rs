//! Makes every call of the client, through a recording proxy to a sandbox.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Channel, Identifier, IdentifierType, Passcode};
use latchkey::server::settings::transmit::RequestIdMode;
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{
    AuthenticateOtp, ClientAttributes, ClientCredential, ClientKey, Failure, FailureKind,
    PolicyError, SendOtp, SessionId, SessionState, Transmit, UserCreation,
};
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use serde_json::{Value, json};

use crate::table::Row;
use latchkey_testkit::pem;
use latchkey_testkit::recording_proxy::{Exchange, RecordingProxy};
use latchkey_testkit::sandbox_client::{SandboxClient, start_sandbox};

/// Which options a call uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOptions {
    /// Every option and every field.
    All,
    /// Required fields only.
    Minimal,
    /// Every option, by a client that authenticates with a key (RFC 7523).
    ClientKey,
}

pub struct Driver {
    pub sandbox: SandboxClient,
    numbers: AtomicU32,
}

/// The result of a call.
pub struct CallResult {
    /// The outcome as a short text.
    pub outcome: String,
    /// The recorded exchanges of the row.
    pub exchanges: Vec<Exchange>,
}

/// A user who is signed in at the sandbox.
pub struct SignedIn {
    pub user_id: String,
    pub tokens: Value,
}

impl Driver {
    pub async fn new() -> Self {
        Self {
            sandbox: start_sandbox().await,
            numbers: AtomicU32::new(0),
        }
    }

    /// A number that no user has.
    pub fn new_number(&self) -> String {
        format!(
            "+1202555{:04}",
            self.numbers.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// Creates an active user, and returns number and id.
    pub async fn create_user(&self) -> (String, String) {
        let number = self.new_number();
        let user = self.sandbox.set_user_status(&number, "Active").await;
        (number, user["user_id"].as_str().unwrap().to_owned())
    }

    pub async fn sign_in(&self) -> SignedIn {
        let number = self.new_number();
        let tokens = self.sandbox.sign_in(&number).await;
        let user = self.sandbox.set_user_status(&number, "Active").await;
        SignedIn {
            user_id: user["user_id"].as_str().unwrap().to_owned(),
            tokens,
        }
    }

    /// Makes the client's call of a row. `alter` changes the recorded exchanges.
    pub async fn call(
        &self,
        row: &Row,
        options: CallOptions,
        alter: impl Fn(&mut Exchange) + Send + Sync + 'static,
    ) -> CallResult {
        let proxy = RecordingProxy::start(
            self.sandbox.http.clone(),
            &self.sandbox.sandbox.base_url(),
            alter,
        )
        .await;
        let transmit = self.client(&proxy.base, options);
        let outcome = self
            .make_call(&transmit, &row.name, options != CallOptions::Minimal)
            .await;
        let exchanges = proxy
            .exchanges()
            .into_iter()
            .filter(|seen| row.matches(seen.method.as_str(), &seen.path));
        CallResult {
            outcome,
            exchanges: exchanges.collect(),
        }
    }

    /// Makes the same call without the proxy, because a client assertion names the address that is
    /// called.
    pub async fn call_directly(&self, row: &Row, options: CallOptions) -> String {
        let transmit = self.client(&self.sandbox.sandbox.base_url(), options);
        if options == CallOptions::ClientKey {
            self.sandbox
                .control(
                    reqwest::Method::PUT,
                    "client",
                    json!({ "jwks": key().jwks() }),
                )
                .await;
        }
        self.make_call(&transmit, &row.name, options != CallOptions::Minimal)
            .await
    }

    fn client(&self, base: &str, options: CallOptions) -> Transmit {
        let all_options = options != CallOptions::Minimal;
        let settings = settings::TransmitSettings {
            base_url: base.parse().ok(),
            issuer: Some(self.sandbox.sandbox.base_url()),
            tenant_id: Some(TENANT_ID.to_owned()),
            client_id: CLIENT_ID.to_owned(),
            generate_request_id: if all_options {
                RequestIdMode::Auto
            } else {
                RequestIdMode::Off
            },
            device_id: all_options,
            client_attributes: all_options,
            ..settings::TransmitSettings::default()
        };
        let proof = if options == CallOptions::ClientKey {
            ClientCredential::Key(key())
        } else {
            Secret::new(CLIENT_SECRET).into()
        };
        Transmit::new(&settings, proof, Clock::system(), Random::system()).unwrap()
    }

    async fn make_call(&self, transmit: &Transmit, row: &str, all_options: bool) -> String {
        match row {
            "token" => to_outcome(transmit.probe().await.token, |_| "granted".to_owned()),
            "jwks" => to_outcome(transmit.probe().await.keys, |count| format!("{count} keys")),
            "discovery" => to_outcome(transmit.probe().await.issuer, |found| format!("{found:?}")),
            "login_preferences" => match transmit.tenant_policy().await {
                Ok(policies) => {
                    let email = policies.email.map(|email| email.to_string());
                    format!("{}; by email: {}", policies.sms, email.unwrap_or_default())
                }
                Err(
                    PolicyError::Withheld(failure)
                    | PolicyError::NotFound(failure)
                    | PolicyError::Failed(failure),
                ) => to_outcome::<()>(Err(failure), describe_done),
                Err(error) => error.to_string(),
            },
            "user_create" => self.create_a_user(transmit).await,
            "user_get" => {
                let user = transmit.user(&self.create_user().await.1).await;
                to_outcome(user, |user| {
                    user.map_or("nobody".to_owned(), |user| format!("{:?}", user.status))
                })
            }
            "user_update" => {
                let name = if all_options { "Ada Lovelace" } else { "Ada" };
                to_outcome(
                    transmit.set_name(&self.create_user().await.1, name).await,
                    describe_done,
                )
            }
            "otp_send" => {
                self.send(transmit, &self.create_user().await.0, all_options)
                    .await
                    .0
            }
            "otp_authenticate" => self.authenticate(transmit, all_options).await,
            "session_authenticate" => {
                let SignedIn { user_id, tokens } = self.sign_in().await;
                let state = transmit
                    .authenticate_session(&session_id(&tokens), &user_id)
                    .await;
                to_outcome(state, |state| match state {
                    SessionState::Active(roles) => format!("alive with {roles:?}"),
                    SessionState::Ended => "dead".to_owned(),
                })
            }
            "session_logout" => to_outcome(
                transmit
                    .logout(&session_id(&self.sign_in().await.tokens))
                    .await,
                describe_done,
            ),
            "sessions_list" => to_outcome(
                transmit.user_sessions(&self.sign_in().await.user_id).await,
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
            "sessions_revoke" => to_outcome(
                transmit
                    .revoke_user_sessions(&self.sign_in().await.user_id)
                    .await,
                describe_done,
            ),
            other => panic!("the client does not call {other}"),
        }
    }

    /// Creates a user. Only a phone number is sent.
    async fn create_a_user(&self, transmit: &Transmit) -> String {
        let created = transmit.create_user(&phone(&self.new_number())).await;
        to_outcome(created, |created| match created {
            UserCreation::New { .. } => "new".to_owned(),
            UserCreation::Exists => "exists".to_owned(),
        })
    }

    async fn send(
        &self,
        transmit: &Transmit,
        number: &str,
        all_options: bool,
    ) -> (String, Option<String>) {
        let identifier = phone(number);
        let (message, sender_id) = (
            Some("{app}: {otp}").filter(|_| all_options),
            Some("ACME").filter(|_| all_options),
        );
        let send = SendOtp {
            identifier: &identifier,
            channel: Channel::Sms,
            message,
            sender_id,
            client: browser(all_options),
        };
        let sent = transmit.send_otp(&send).await;
        let request_id = sent.as_ref().ok().and_then(|sent| sent.request_id.clone());
        let outcome = to_outcome(sent, |sent| {
            if sent.request_id.is_some() {
                "sent, with id"
            } else {
                "sent"
            }
            .to_owned()
        });
        (outcome, request_id)
    }

    async fn authenticate(&self, transmit: &Transmit, all_options: bool) -> String {
        let (number, _) = self.create_user().await;
        let (sent, request_id) = self.send(transmit, &number, all_options).await;
        assert!(sent.starts_with("sent"), "{sent}");
        let passcode = Passcode::parse(&self.sandbox.newest_code(&number).await, 6).unwrap();
        let identifier = phone(&number);
        let verify = AuthenticateOtp {
            identifier: &identifier,
            passcode: &passcode,
            request_id: request_id.as_deref(),
            client: browser(all_options),
            channels: &[Channel::Sms],
            not_before: Timestamp::from_secs(0),
        };
        to_outcome(transmit.authenticate_otp(&verify).await, |identity| {
            let (number, roles) = (identity.phone_number.is_some(), identity.roles);
            format!(
                "signed in by {:?} as {roles:?}, number {number}",
                identity.amr
            )
        })
    }
}

/// The client key, shared by all tests.
fn key() -> ClientKey {
    static PEM: LazyLock<String> = LazyLock::new(pem::ec);
    ClientKey::parse(&Secret::new(PEM.as_str()), None, None).unwrap()
}

/// Applies `alter` only to exchanges of this row.
pub fn only_for_row(
    row: &'static Row,
    alter: impl Fn(&mut Exchange) + Send + Sync,
) -> impl Fn(&mut Exchange) + Send + Sync {
    move |exchange| {
        if row.matches(exchange.method.as_str(), &exchange.path) {
            alter(exchange);
        }
    }
}

fn to_outcome<T>(result: Result<T, Failure>, describe: impl FnOnce(T) -> String) -> String {
    match result.map_err(|failure| failure.kind) {
        Ok(value) => describe(value),
        Err(FailureKind::Refused(reason)) => format!("{reason:?}"),
        Err(FailureKind::TokenInvalid(_)) => "TokenInvalid".to_owned(),
        Err(kind) => format!("{kind:?}"),
    }
}

fn describe_done(_: ()) -> String {
    "done".to_owned()
}

fn phone(number: &str) -> Identifier {
    Identifier::canonical(IdentifierType::PhoneNumber, number.to_owned(), None)
}

fn browser(all_options: bool) -> ClientAttributes<'static> {
    let all = ClientAttributes {
        user_agent: Some("Mozilla/5.0"),
        ip_address: "192.0.2.1".parse().ok(),
        device_id: Some("device-1"),
    };
    if all_options {
        all
    } else {
        ClientAttributes::default()
    }
}

fn session_id(tokens: &Value) -> SessionId {
    SessionId::new(tokens["session_id"].as_str().unwrap())
}
