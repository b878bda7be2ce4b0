//! Attackers who exhaust the codes of a number, or have new ones sent so that the owner's becomes
//! invalid (S9).

use crate::lockout::*;

#[tokio::test]
async fn s9_a_stranger_spends_the_sends_of_a_number() {
    for max_failures in [20, 3] {
        let app = tenant(max_failures, |_| {}).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let (begun, before) = (app.now(), codes(&app).await);
        while app.now().since(begun) < minutes(DAY - 3 * HOUR) {
            app.browser()
                .request_code(KNOWN_PHONE)
                .await
                .assert_next("/code");
            app.advance(minutes(10)).await;
        }
        assert_eq!(
            codes(&app).await - before,
            10,
            "ten a day are all that strangers get sent"
        );
        // On a new phone no code arrives until a day after the first of them.
        let mut phone = app.browser();
        phone.request_code(KNOWN_PHONE).await.assert_next("/code");
        assert_eq!(codes(&app).await - before, 10);
        // The recognised device receives one immediately.
        signs_in(&mut owner).await.assert_next("/account");
        signs_in(&mut app.browser()).await.assert_next("/account");
    }
}

#[tokio::test]
async fn s9_a_stranger_sends_again_every_30_seconds() {
    // Five an hour, ten a day.
    for (max_failures, hours, codes_sent) in [(20, 1, 5), (20, 2, 10), (3, 24, 10)] {
        let app = tenant(max_failures, |_| {}).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let before = codes(&app).await;
        let mut stranger = app.browser();
        let (begun, mut has_flow, mut may_post) = (app.now(), false, app.now());
        while app.now().since(begun) < minutes(hours * HOUR) {
            let form = match has_flow {
                true => stranger.form("resend-code", &[]),
                false => stranger.form("send-code", &[("phone", KNOWN_PHONE)]),
            };
            // A refusal is immediate and does not advance the clock.
            let now = app.now();
            let response = if now < may_post {
                app.call(form).await
            } else {
                stranger.send(form).await
            };
            match response.status.as_u16() {
                200 => has_flow = true,
                409 => (has_flow, may_post) = (false, now),
                429 => may_post = now + seconds(response.json()["retry_after"].as_u64().unwrap()),
                other => panic!("{other}: {}", response.body),
            }
            app.advance(seconds(30)).await;
        }
        app.wait_for_sends().await;
        assert_eq!(codes(&app).await - before, codes_sent, "in {hours} hours");
        signs_in(&mut owner).await.assert_next("/account");
        // The success has reset the number's codes, for a new phone too.
        signs_in(&mut app.browser()).await.assert_next("/account");
    }
}
