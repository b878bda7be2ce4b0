//! The phone's page and the inbox.

use latchkey_sandbox::{self, SandboxOptions};
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, http_client, percent_encode_plus, sandbox_options, send_body,
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
    let html = http_client()
        .get(sandbox.base_url())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        html.contains("href=\"http://127.0.0.1:3000/?a=1&amp;b=&quot;\">Back to Acme &amp; Co</a>")
    );
    let sandbox = latchkey_sandbox::start(with_url("javascript:alert(1)"))
        .await
        .unwrap();
    let html = http_client()
        .get(sandbox.base_url())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!html.contains("javascript:"));
}
