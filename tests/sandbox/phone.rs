//! The phone's page and the inbox.

use latchkey_sandbox::{self, Options};
use serde_json::{Value, json};

use crate::support::{PHONE, Stand, client, encoded, options, send_body, stand, with};

async fn page(stand: &Stand, path: &str) -> String {
    client()
        .get(stand.url(path))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_inbox_is_newest_last_and_by_number() {
    let stand = stand().await;
    for phone in [PHONE, "+12025550124", PHONE] {
        stand.user(phone, "Active").await;
        stand.send(phone).await;
    }
    let all = stand.get("/inbox.json").await.1;
    let to: Vec<&Value> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["to"])
        .collect();
    assert_eq!(to, [PHONE, "+12025550124", PHONE]);
    let own = stand.inbox(PHONE).await;
    assert_eq!((own.len(), &own[1]), (2, &all[2]));
    assert_eq!(
        stand.get(&format!("/inbox.json?phone={PHONE}")).await.1,
        json!(own),
        "a + that was not encoded"
    );
    assert!(stand.inbox("+12025550199").await.is_empty());
}

#[tokio::test]
async fn the_page_works_without_script_and_under_a_strict_policy() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    let response = client().get(stand.url("/")).send().await.unwrap();
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
        stand.code(PHONE).await
    )));
    assert!(html.contains("stand-in") && html.contains("<noscript><meta http-equiv=\"refresh\""));
    assert!(!html.contains("{{") && !html.contains(" style=") && !html.contains("<script>"));
    for path in ["/phone/phone.css", "/phone/phone.js", "/phone/icon.svg"] {
        assert!(html.contains(path));
        assert_eq!(
            client().get(stand.url(path)).send().await.unwrap().status(),
            200
        );
    }
    assert!(
        page(&stand, &format!("/?phone={}", encoded("+12025550199")))
            .await
            .contains("No messages yet")
    );
}

#[tokio::test]
async fn newest_first_and_the_expired_are_marked() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    stand.send(PHONE).await;
    stand.advance("6m").await;
    stand.send(PHONE).await;
    let list = page(&stand, "/phone/messages").await;
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
async fn what_a_message_says_is_never_markup() {
    let stand = stand().await;
    stand.user(PHONE, "Active").await;
    let custom = json!({ "custom_message": "<script>alert('{app}')</script>{{to}}{otp}", "sender_id": "<b>&\"'" });
    let sent = stand
        .post(
            "/cis/v1/auth/otp/send",
            with(send_body(PHONE), "custom_sms_input", custom),
        )
        .await;
    assert_eq!(sent.0, 200);
    let html = page(&stand, "/").await;
    assert!(html.contains("&lt;script&gt;alert(&apos;Latchkey&apos;)&lt;/script&gt;{{to}}"));
    assert!(html.contains("&lt;b&gt;&amp;&quot;&apos;") && !html.contains("<script>alert"));
}

#[tokio::test]
async fn there_is_a_way_back_to_the_application() {
    let with_url = |url: &str| Options {
        application_url: Some(url.into()),
        app_name: "Acme & Co".into(),
        ..options()
    };
    let sandbox = latchkey_sandbox::start(with_url("http://127.0.0.1:3000/?a=1&b=\""))
        .await
        .unwrap();
    let html = client()
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
    let html = client()
        .get(sandbox.base_url())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!html.contains("javascript:"));
}
