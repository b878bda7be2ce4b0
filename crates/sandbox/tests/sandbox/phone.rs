//! The phone's page and the inbox.

use latchkey_sandbox::{self, SandboxOptions};
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, get_text, http_client, percent_encode_plus, sandbox_options, send_body,
    start_sandbox, with_field,
};

async fn page(sandbox: &SandboxClient, path: &str) -> String {
    http_client()
        .get(sandbox.url(path))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_inbox_lists_messages_by_number_newest_last() {
    let sandbox = start_sandbox().await;
    for phone in [PHONE, "+12025550124", PHONE] {
        sandbox.set_user_status(phone, "Active").await;
        sandbox.send_code(phone).await;
    }
    let all = sandbox.get("/inbox.json").await.1;
    let to: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["to"])
        .collect();
    assert_eq!(to, [PHONE, "+12025550124", PHONE]);
    let own = sandbox.inbox(PHONE).await;
    assert_eq!((own.len(), &own[1]), (2, &all[2]));
    assert_eq!(
        sandbox.get(&format!("/inbox.json?phone={PHONE}")).await.1,
        json!(own),
        "a + that was not encoded"
    );
    assert!(sandbox.inbox("+12025550199").await.is_empty());
}

#[tokio::test]
async fn the_page_works_without_javascript_under_a_strict_csp() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let response = http_client().get(sandbox.url("/")).send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = response.text().await.unwrap();
    assert!(html.contains(&format!(
        "<b class=\"code\">{}</b>",
        sandbox.newest_code(PHONE).await
    )));
    assert!(
        html.contains("This phone is simulated")
            && html.contains("<noscript><meta http-equiv=\"refresh\"")
    );
    assert!(!html.contains("{{") && !html.contains(" style=") && !html.contains("<script>"));
    for path in ["/phone/phone.css", "/phone/phone.js", "/phone/icon.svg"] {
        assert!(html.contains(path));
        assert_eq!(
            http_client()
                .get(sandbox.url(path))
                .send()
                .await
                .unwrap()
                .status(),
            200
        );
    }
    assert!(
        page(
            &sandbox,
            &format!("/?phone={}", percent_encode_plus("+12025550199"))
        )
        .await
        .contains("No messages yet")
    );
}

#[tokio::test]
async fn the_page_lists_newest_first_and_marks_expired_codes() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    sandbox.advance_clock("6m").await;
    sandbox.send_code(PHONE).await;
    let list = page(&sandbox, "/phone/messages").await;
    let (newest, oldest) = (
        list.find("message-2").unwrap(),
        list.find("message-1").unwrap(),
    );
    assert!(newest < oldest);
    assert!(
        list[..oldest].contains("message live") && list[oldest - 60..].contains("message expired")
    );
    assert!(list.contains("6 min ago · expired"));
}

#[tokio::test]
async fn message_text_is_escaped() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let custom = json!({ "custom_message": "<script>alert('{app}')</script>{{to}}{otp}",
        "sender_id": "<b>&\"'" });
    let sent = sandbox
        .post(
            "/cis/v1/auth/otp/send",
            with_field(send_body(PHONE), "custom_sms_input", custom),
        )
        .await;
    assert_eq!(sent.0, 200);
    let html = page(&sandbox, "/").await;
    assert!(html.contains("&lt;script&gt;alert(&apos;Latchkey&apos;)&lt;/script&gt;{{to}}"));
    assert!(html.contains("&lt;b&gt;&amp;&quot;&apos;") && !html.contains("<script>alert"));
}

#[tokio::test]
async fn the_page_links_to_the_application() {
    let with_url = |url: &str| SandboxOptions {
        application_url: Some(url.into()),
        app_name: "Acme & Co".into(),
        ..sandbox_options()
    };
    let sandbox = latchkey_sandbox::start(with_url("http://127.0.0.1:3000/?a=1&b=\""))
        .await
        .unwrap();
    let html = get_text(sandbox.base_url()).await;
    assert!(
        html.contains("href=\"http://127.0.0.1:3000/?a=1&amp;b=&quot;\">Back to Acme &amp; Co</a>")
    );
    let sandbox = latchkey_sandbox::start(with_url("javascript:alert(1)"))
        .await
        .unwrap();
    let html = get_text(sandbox.base_url()).await;
    assert!(!html.contains("javascript:"));
}

async fn post_form(sandbox: &SandboxClient, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let request = http_client().post(sandbox.url(path)).form(form);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// The fields of the form for the policy, with one changed.
fn policy_form(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut form = vec![
        ("otp_length", "6"),
        ("otp_lifetime", "5m"),
        ("max_failures", "3"),
        ("lockout", "15m"),
        ("is_readable", "1"),
        ("email_enabled", "1"),
        ("email_length", "6"),
        ("email_lifetime", "5m"),
    ];
    form.retain(|(field, _)| *field != name);
    form.push((name, value));
    form
}

#[tokio::test]
async fn messages_by_email_are_shown_and_listed_as_such() {
    let sandbox = start_sandbox().await;
    let body = json!({ "status": "Active", "email": "Ann@example.org" });
    let path = format!("users/{}", percent_encode_plus(PHONE));
    let user = sandbox.control(reqwest::Method::PUT, &path, body).await;
    assert_eq!(user["email"]["value"], "ann@example.org");
    let by_email = with_field(send_body(PHONE), "channel", json!("email"));
    sandbox.post("/cis/v1/auth/otp/send", by_email).await;
    let inbox = sandbox.get("/inbox.json?email=Ann@example.org").await.1;
    assert_eq!(
        (&inbox[0]["channel"], &inbox[0]["to"], &inbox[1]),
        (&json!("email"), &json!("ann@example.org"), &Value::Null)
    );
    assert!(sandbox.inbox(PHONE).await.is_empty());
    let page = page(&sandbox, "/").await;
    assert!(
        page.contains("Email to <bdi>ann@example.org</bdi>"),
        "{page}"
    );
}

#[tokio::test]
async fn the_page_of_the_tenant_changes_the_policy() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    assert!(
        page(&sandbox, "/tenant")
            .await
            .contains("name=\"per_channel\" value=\"1\">")
    );
    let (status, _) = post_form(&sandbox, "/tenant", &policy_form("per_channel", "1")).await;
    assert_eq!(status, 303);
    let policy = sandbox.get("/control/policy").await.1;
    assert_eq!(
        (&policy["failure_count"], &policy["email_enabled"]),
        (&json!("per_channel"), &json!(true))
    );
    assert!(
        page(&sandbox, "/tenant")
            .await
            .contains("name=\"per_channel\" value=\"1\" checked>")
    );

    for (name, value) in [
        ("otp_length", "9"),
        ("email_lifetime", "soon"),
        ("lockout", ""),
    ] {
        let (status, body) = post_form(&sandbox, "/tenant", &policy_form(name, value)).await;
        assert_eq!(status, 400, "{name}");
        assert!(body.contains("role=\"alert\" >"), "{body}");
    }
    let mut off = policy_form("email_length", "8");
    off.retain(|(name, _)| !["email_enabled", "is_readable"].contains(name));
    assert_eq!(post_form(&sandbox, "/tenant", &off).await.0, 303);
    let policy = sandbox.get("/control/policy").await.1;
    assert_eq!(
        (
            &policy["email_enabled"],
            &policy["is_readable"],
            &policy["email_length"]
        ),
        (&json!(false), &json!(false), &json!(8))
    );

    let foreign = http_client().post(sandbox.url("/tenant"));
    let foreign = foreign.header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(foreign.unwrap().status(), 403);
}
