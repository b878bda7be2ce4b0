//! Makes the stand-in give every answer that it has.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bodies::{Request, claims, full};
use crate::client_driver::Bench;
use crate::table::{Authorization, Body, Row, TABLE};
use latchkey_testkit::sandbox_client::{
    authenticate_body, credentials, different_code, percent_encode_plus, read_json, send_body,
    with_field,
};

/// An answer of the stand-in.
pub struct Seen {
    pub row: &'static str,
    pub status: u16,
    pub body: Value,
}

struct Drive {
    bench: Bench,
    seen: Vec<Seen>,
}

/// Every answer of every operation.
pub async fn everything() -> Vec<Seen> {
    let mut drive = Drive {
        bench: Bench::new().await,
        seen: Vec::new(),
    };
    drive.everywhere().await;
    drive.oidc().await;
    drive.users().await;
    drive.sends().await;
    drive.codes().await;
    drive.sessions().await;
    drive.seen
}

fn row(name: &str) -> &'static Row {
    TABLE.row(name)
}

impl Drive {
    /// Asks, and writes the answer down.
    async fn ask(&mut self, name: &str, path: &str, body: Value) -> Value {
        let row = row(name);
        let mut request = self
            .bench
            .sandbox
            .request(row.method.parse().unwrap(), path);
        if row.body == Body::Json {
            request = request.json(&body);
        }
        let answer = read_json(request.send().await.unwrap()).await;
        self.note(row, answer)
    }

    async fn post(&mut self, name: &str, body: Value) -> Value {
        self.ask(name, &row(name).path, body).await
    }

    async fn form(&mut self, name: &str, fields: &[(&str, &str)]) -> Value {
        let answer = self.bench.sandbox.form(&row(name).path, fields).await;
        self.note(row(name), answer)
    }

    fn note(&mut self, row: &'static Row, (status, body): (u16, Value)) -> Value {
        self.seen.push(Seen {
            row: &row.name,
            status,
            body: body.clone(),
        });
        body
    }

    async fn policy(&self, policy: Value) {
        self.bench
            .sandbox
            .control(Method::PUT, "policy", policy)
            .await;
    }

    /// A full request, and no client token.
    async fn everywhere(&mut self) {
        for row in TABLE.of_sandbox() {
            if row.body == Body::Json {
                let Request { path, body, .. } = full(&self.bench, row).await;
                self.ask(&row.name, &path, body).await;
            }
            if row.authorization == Authorization::ClientToken {
                let path = row
                    .path
                    .replace("{user_id}", "u")
                    .replace("{phone_number}", "%2B12025550000");
                let request = self
                    .bench
                    .sandbox
                    .http
                    .request(row.method.parse().unwrap(), self.bench.sandbox.url(&path));
                let answer = read_json(request.json(&json!({})).send().await.unwrap()).await;
                self.note(row, answer);
            }
        }
    }

    async fn oidc(&mut self) {
        let [grant, id, secret] = credentials("client_credentials");
        let tokens = self.bench.signed_in().await.tokens;
        let (access, refresh) = (
            tokens["access_token"].as_str().unwrap(),
            tokens["refresh_token"].as_str().unwrap(),
        );
        for name in ["jwks", "discovery"] {
            self.ask(name, &row(name).path, Value::Null).await;
        }
        self.form("token", &[grant, id, secret]).await;
        self.form("token", &[grant, id, ("client_secret", "wrong")])
            .await;
        self.form("token", &[id, secret]).await;
        self.form("token", &[("grant_type", "password"), id, secret])
            .await;
        self.form("token", &[grant, id, secret, ("resource", "nowhere")])
            .await;
        self.form("token", &[grant, grant, id, secret]).await;
        let answer = self
            .bench
            .sandbox
            .form(&row("token").also[0], &[grant, id, secret])
            .await;
        self.note(row("token"), answer);
        for name in ["introspection", "revocation"] {
            // Introspected first, revoked afterwards.
            self.form(name, &[("token", access), id, secret]).await;
            self.form(name, &[("token", access)]).await;
            self.form(name, &[id, secret]).await;
            self.form(name, &[("token", "a"), ("token", "b"), id, secret])
                .await;
        }
        self.form("introspection", &[("token", refresh), id, secret])
            .await;
        self.form("introspection", &[("token", "nonsense"), id, secret])
            .await;
        let rotate = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            id,
            secret,
        ];
        self.form("token_by_refresh_token", &rotate).await;
        self.form("token_by_refresh_token", &rotate).await;
    }

    async fn users(&mut self) {
        let full = full(&self.bench, row("user_create")).await.body;
        let created = self.post("user_create", full.clone()).await;
        let (id, number) = (
            text(&created["result"]["user_id"]),
            text(&full["phone_number"]),
        );
        for field in ["phone_number", "email", "username", "external_user_id"] {
            let mut body = json!({ "phone_number": self.bench.number() });
            body[field] = full[field].clone();
            self.post("user_create", body).await;
        }
        self.post("user_create", json!({ "username": "ada" })).await;

        // Signed in by both ways, so that everything of the user is proved.
        let email =
            json!({ "channel": "email", "identifier_type": "phone_number", "identifier": number });
        self.post("otp_send", email).await;
        let inbox = self.bench.sandbox.inbox(&text(&full["email"])).await;
        self.post(
            "otp_authenticate",
            authenticate_body(&number, inbox[0]["code"].as_str().unwrap()),
        )
        .await;
        self.bench
            .sandbox
            .control(
                Method::PUT,
                &format!("users/{}", percent_encode_plus(&number)),
                json!({ "status": "Active", "roles": ["admin"] }),
            )
            .await;
        let approved = with_field(send_body(&number), "approval_data", json!({ "order": "7" }));
        self.post("otp_send", approved).await;
        let code = self.bench.sandbox.newest_code(&number).await;
        let tried = with_field(authenticate_body(&number, &code), "claims", claims());
        let tokens = self.post("otp_authenticate", tried).await;
        let [_, client, secret] = credentials("unused");
        self.form(
            "introspection",
            &[("token", &text(&tokens["access_token"])), client, secret],
        )
        .await;

        // In the tenant, and no longer in the application: creating the user adds it again.
        self.bench
            .sandbox
            .control(
                Method::PUT,
                &format!("users/{}", percent_encode_plus(&number)),
                json!({ "status": "Active", "in_app": false }),
            )
            .await;
        self.post("user_create", json!({ "phone_number": number }))
            .await;

        let (other, other_id) = self.bench.user().await;
        let user = format!("/cis/v1/users/{id}");
        self.ask("user_get", &user, Value::Null).await;
        self.ask("user_get", "/cis/v1/users/nobody", Value::Null)
            .await;
        let by_number =
            |number: &str| format!("/cis/v1/users/phone-number/{}", percent_encode_plus(number));
        for number in [number.as_str(), "+12029999999", "none"] {
            self.ask("user_by_phone_number", &by_number(number), Value::Null)
                .await;
            let query = format!(
                "identifier_name=phoneNumber&identifier_value={}",
                percent_encode_plus(number)
            );
            self.ask(
                "user_by_identifier",
                &format!("/cis/v1/users/identifier?{query}"),
                Value::Null,
            )
            .await;
        }

        self.ask("user_update", &user, json!({ "language": "de" }))
            .await;
        self.ask("user_update", &user, json!({ "phone_number": other }))
            .await;
        self.ask("user_update", &user, json!({ "phone_number": "none" }))
            .await;
        self.ask("user_update", "/cis/v1/users/nobody", json!({}))
            .await;
        let verify = |number: &str| {
            format!(
                "{user}/phone-numbers/{}/verify",
                percent_encode_plus(number)
            )
        };
        let change = json!({ "change_to_primary": true });
        self.ask("user_verify_phone", &verify(&number), json!({}))
            .await;
        self.ask("user_verify_phone", &verify("none"), change.clone())
            .await;
        self.ask("user_verify_phone", &verify("+12029999999"), change.clone())
            .await;
        self.ask(
            "user_update",
            &user,
            json!({ "secondary_phone_numbers": [other] }),
        )
        .await;
        self.ask("user_verify_phone", &verify(&other), change).await;
        assert_ne!(other_id, id);
    }

    async fn sends(&mut self) {
        let (number, _) = self.bench.user().await;
        for (policy, undo) in [
            (
                json!({ "otp_enabled": false }),
                json!({ "otp_enabled": true }),
            ),
            (
                json!({ "sms_provider_configured": false }),
                json!({ "sms_provider_configured": true }),
            ),
            (
                json!({ "request_id": "camel", "request_id_always": true }),
                json!({ "request_id": "snake", "request_id_always": false }),
            ),
        ] {
            self.policy(policy).await;
            self.post("otp_send", send_body(&number)).await;
            self.policy(undo).await;
        }
        self.post(
            "otp_send",
            with_field(send_body(&number), "channel", json!("direct")),
        )
        .await;
        self.post(
            "otp_send",
            with_field(send_body(&number), "channel", json!("email")),
        )
        .await;
        self.post(
            "otp_send",
            with_field(send_body(&number), "channel", json!("pigeon")),
        )
        .await;
        self.post("otp_send", send_body("+12029999999")).await;

        let by_mail = json!({ "email": "without-number@example.org" });
        self.post("user_create", by_mail).await;
        let to = json!({ "channel": "sms", "identifier_type": "email", "identifier": "without-number@example.org" });
        self.post("otp_send", to).await;

        self.policy(json!({ "lock_refuses_send": true })).await;
        for status in ["Disabled", "Locked"] {
            self.bench.sandbox.set_user_status(&number, status).await;
            self.post("otp_send", send_body(&number)).await;
        }
        self.policy(json!({ "lock_refuses_send": false })).await;
    }

    async fn codes(&mut self) {
        let (number, _) = self.bench.user().await;
        self.bench.sandbox.send_code(&number).await;
        let code = self.bench.sandbox.newest_code(&number).await;
        self.post("otp_authenticate", authenticate_body(&number, ""))
            .await;
        self.post(
            "otp_authenticate",
            authenticate_body(&number, &different_code(&code)),
        )
        .await;
        self.bench
            .sandbox
            .set_user_status(&number, "Disabled")
            .await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
        self.bench.sandbox.set_user_status(&number, "Locked").await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
        self.bench.sandbox.set_user_status(&number, "Active").await;
        self.bench.sandbox.advance_clock("6m").await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
    }

    async fn sessions(&mut self) {
        let number = self.bench.number();
        let tokens = self.bench.sandbox.sign_in(&number).await;
        let user_id = text(&self.bench.sandbox.set_user_status(&number, "Active").await["user_id"]);
        let session = json!({ "session_id": tokens["session_id"] });
        for body in [
            session.clone(),
            json!({}),
            json!({ "session_id": "unknown" }),
        ] {
            self.post("session_authenticate", body).await;
        }
        self.policy(json!({ "disabled_user_session": "403" })).await;
        self.bench
            .sandbox
            .set_user_status(&number, "Disabled")
            .await;
        self.post("session_authenticate", session.clone()).await;
        self.bench.sandbox.set_user_status(&number, "Active").await;

        self.post("token_refresh", json!({ "refresh_token": "unknown" }))
            .await;
        let of = |id: &str| format!("/cis/v1/auth/users/{id}/sessions");
        for id in [user_id.as_str(), "nobody"] {
            self.ask("sessions_list", &of(id), Value::Null).await;
        }
        for body in [session.clone(), session, json!({})] {
            self.post("session_logout", body).await;
        }
        for id in [user_id.as_str(), "nobody"] {
            self.ask("sessions_revoke", &of(id), Value::Null).await;
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
