//! Makes the sandbox send every response that it has.

use latchkey_sandbox::CLIENT_ID;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bodies::{FullRequest, claims, full_request};
use crate::client_driver::Driver;
use crate::table::{Authorization, BodyFormat, Row, TABLE};
use latchkey_testkit::sandbox_client::{
    authenticate_body, credentials, different_code, percent_encode_plus, read_json, send_body,
    with_field,
};

/// A response of the sandbox.
pub struct SeenResponse {
    pub row: &'static str,
    pub status: u16,
    pub body: Value,
}

struct SandboxDriver {
    driver: Driver,
    seen: Vec<SeenResponse>,
}

/// Every response of every operation.
pub async fn all_responses() -> Vec<SeenResponse> {
    let mut driver = SandboxDriver {
        driver: Driver::new().await,
        seen: Vec::new(),
    };
    driver.all_endpoints().await;
    driver.oidc().await;
    driver.users().await;
    driver.sends().await;
    driver.codes().await;
    driver.sessions().await;
    driver.seen
}

fn row(name: &str) -> &'static Row {
    TABLE.row(name)
}

impl SandboxDriver {
    /// Sends a request and records the response.
    async fn send(&mut self, name: &str, path: &str, body: Value) -> Value {
        let row = row(name);
        let mut request = self
            .driver
            .sandbox
            .request(row.method.parse().unwrap(), path);
        if row.body == BodyFormat::Json {
            request = request.json(&body);
        }
        let answer = read_json(request.send().await.unwrap()).await;
        self.record(row, answer)
    }

    async fn post(&mut self, name: &str, body: Value) -> Value {
        self.send(name, &row(name).path, body).await
    }

    async fn form(&mut self, name: &str, fields: &[(&str, &str)]) -> Value {
        let answer = self.driver.sandbox.form(&row(name).path, fields).await;
        self.record(row(name), answer)
    }

    fn record(&mut self, row: &'static Row, (status, body): (u16, Value)) -> Value {
        self.seen.push(SeenResponse {
            row: &row.name,
            status,
            body: body.clone(),
        });
        body
    }

    async fn set_policy(&self, policy: Value) {
        self.driver.sandbox.set_policy(policy).await;
    }

    /// Every endpoint: a full request, and a request without a client token.
    async fn all_endpoints(&mut self) {
        for row in TABLE.of_sandbox() {
            if row.body == BodyFormat::Json {
                let FullRequest { path, body, .. } = full_request(&self.driver, row).await;
                self.send(&row.name, &path, body).await;
            }
            if row.authorization == Authorization::ClientToken {
                let path = row
                    .path
                    .replace("{user_id}", "u")
                    .replace("{phone_number}", "%2B12025550000");
                let request = self
                    .driver
                    .sandbox
                    .http
                    .request(row.method.parse().unwrap(), self.driver.sandbox.url(&path));
                let answer = read_json(request.json(&json!({})).send().await.unwrap()).await;
                self.record(row, answer);
            }
        }
    }

    async fn oidc(&mut self) {
        let [grant, id, secret] = credentials("client_credentials");
        let tokens = self.driver.sign_in().await.tokens;
        let (access, refresh) = (
            tokens["access_token"].as_str().unwrap(),
            tokens["refresh_token"].as_str().unwrap(),
        );
        let preferences = |app_id| format!("/cis/loginPreferences/{app_id}");
        for app_id in [CLIENT_ID, "another"] {
            self.send("login_preferences", &preferences(app_id), Value::Null)
                .await;
        }
        for name in ["jwks", "discovery"] {
            self.send(name, &row(name).path, Value::Null).await;
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
            .driver
            .sandbox
            .form(&row("token").also[0], &[grant, id, secret])
            .await;
        self.record(row("token"), answer);
        for name in ["introspection", "revocation"] {
            // The token is introspected first and revoked afterwards.
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
        let full = full_request(&self.driver, row("user_create")).await.body;
        let created = self.post("user_create", full.clone()).await;
        let (id, number) = (
            text(&created["result"]["user_id"]),
            text(&full["phone_number"]),
        );
        for field in ["phone_number", "email", "username", "external_user_id"] {
            let mut body = json!({ "phone_number": self.driver.new_number() });
            body[field] = full[field].clone();
            self.post("user_create", body).await;
        }
        self.post("user_create", json!({ "username": "ada" })).await;

        // Signs in by e-mail and SMS, so that all contacts but the second number are verified.
        let addresses = [text(&full["email"]), text(&full["secondary_emails"][0])];
        for address in &addresses {
            let by_email = json!({ "channel": "email", "identifier_type": "phone_number",
                "identifier": number, "custom_email": address });
            self.post("otp_send", by_email).await;
            let code = text(&self.driver.sandbox.inbox(address).await[0]["code"]);
            self.post("otp_authenticate", authenticate_body(&number, &code))
                .await;
        }
        self.driver
            .sandbox
            .control(
                Method::PUT,
                &format!("users/{}", percent_encode_plus(&number)),
                json!({ "status": "Active", "roles": ["admin"] }),
            )
            .await;
        let approved = with_field(send_body(&number), "approval_data", json!({ "order": "7" }));
        self.post("otp_send", approved).await;
        let code = self.driver.sandbox.newest_code(&number).await;
        let tried = with_field(authenticate_body(&number, &code), "claims", claims());
        let tokens = self.post("otp_authenticate", tried).await;
        let [_, client, secret] = credentials("unused");
        self.form(
            "introspection",
            &[("token", &text(&tokens["access_token"])), client, secret],
        )
        .await;

        let second = percent_encode_plus(&text(&full["secondary_phone_numbers"][0]));
        let second = format!("/cis/v1/users/{id}/phone-numbers/{second}/verify");
        self.send("user_verify_phone", &second, json!({})).await;

        // Only in the tenant now. Creating the user adds them to the application again.
        self.driver
            .sandbox
            .control(
                Method::PUT,
                &format!("users/{}", percent_encode_plus(&number)),
                json!({ "status": "Active", "in_app": false }),
            )
            .await;
        self.post("user_create", json!({ "phone_number": number }))
            .await;

        let (other, other_id) = self.driver.create_user().await;
        let user = format!("/cis/v1/users/{id}");
        self.send("user_get", &user, Value::Null).await;
        self.send("user_get", "/cis/v1/users/nobody", Value::Null)
            .await;
        let by_number =
            |number: &str| format!("/cis/v1/users/phone-number/{}", percent_encode_plus(number));
        for number in [number.as_str(), "+12029999999", "none"] {
            self.send("user_by_phone_number", &by_number(number), Value::Null)
                .await;
            let query = format!(
                "identifier_name=phoneNumber&identifier_value={}",
                percent_encode_plus(number)
            );
            self.send(
                "user_by_identifier",
                &format!("/cis/v1/users/identifier?{query}"),
                Value::Null,
            )
            .await;
        }

        self.send("user_update", &user, json!({ "phone_number": other }))
            .await;
        self.send("user_update", &user, json!({ "phone_number": "none" }))
            .await;
        self.send("user_update", "/cis/v1/users/nobody", json!({}))
            .await;
        let verify = |number: &str| {
            format!(
                "{user}/phone-numbers/{}/verify",
                percent_encode_plus(number)
            )
        };
        let change = json!({ "change_to_primary": true });
        self.send("user_verify_phone", &verify(&number), json!({}))
            .await;
        self.send("user_update", &user, json!({ "language": "de" }))
            .await;
        self.send("user_verify_phone", &verify("none"), change.clone())
            .await;
        self.send("user_verify_phone", &verify("+12029999999"), change.clone())
            .await;
        self.send(
            "user_update",
            &user,
            json!({ "secondary_phone_numbers": [other] }),
        )
        .await;
        self.send("user_verify_phone", &verify(&other), change)
            .await;
        assert_ne!(other_id, id);
    }

    async fn sends(&mut self) {
        let (number, _) = self.driver.create_user().await;
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
            self.set_policy(policy).await;
            self.post("otp_send", send_body(&number)).await;
            self.set_policy(undo).await;
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
        let to = json!({ "channel": "sms", "identifier_type": "email",
            "identifier": "without-number@example.org" });
        self.post("otp_send", to).await;

        self.set_policy(json!({ "lock_refuses_send": true })).await;
        for status in ["Disabled", "Locked"] {
            self.driver.sandbox.set_user_status(&number, status).await;
            self.post("otp_send", send_body(&number)).await;
        }
        self.set_policy(json!({ "lock_refuses_send": false })).await;
    }

    async fn codes(&mut self) {
        let (number, _) = self.driver.create_user().await;
        self.driver.sandbox.send_code(&number).await;
        let code = self.driver.sandbox.newest_code(&number).await;
        self.post("otp_authenticate", authenticate_body(&number, ""))
            .await;
        self.post(
            "otp_authenticate",
            authenticate_body(&number, &different_code(&code)),
        )
        .await;
        self.driver
            .sandbox
            .set_user_status(&number, "Disabled")
            .await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
        self.driver.sandbox.set_user_status(&number, "Locked").await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
        self.driver.sandbox.set_user_status(&number, "Active").await;
        // The lock has made the code void.
        self.driver.sandbox.send_code(&number).await;
        let code = self.driver.sandbox.newest_code(&number).await;
        self.driver.sandbox.advance_clock("6m").await;
        self.post("otp_authenticate", authenticate_body(&number, &code))
            .await;
    }

    async fn sessions(&mut self) {
        let number = self.driver.new_number();
        let tokens = self.driver.sandbox.sign_in(&number).await;
        let user_id =
            text(&self.driver.sandbox.set_user_status(&number, "Active").await["user_id"]);
        let session = json!({ "session_id": tokens["session_id"] });
        for body in [
            session.clone(),
            json!({}),
            json!({ "session_id": "unknown" }),
        ] {
            self.post("session_authenticate", body).await;
        }
        self.set_policy(json!({ "disabled_user_session": "403" }))
            .await;
        self.driver
            .sandbox
            .set_user_status(&number, "Disabled")
            .await;
        self.post("session_authenticate", session.clone()).await;
        self.driver.sandbox.set_user_status(&number, "Active").await;

        self.post("token_refresh", json!({ "refresh_token": "unknown" }))
            .await;
        let of = |id: &str| format!("/cis/v1/auth/users/{id}/sessions");
        for id in [user_id.as_str(), "nobody"] {
            self.send("sessions_list", &of(id), Value::Null).await;
        }
        for body in [session.clone(), session, json!({})] {
            self.post("session_logout", body).await;
        }
        for id in [user_id.as_str(), "nobody"] {
            self.send("sessions_revoke", &of(id), Value::Null).await;
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
