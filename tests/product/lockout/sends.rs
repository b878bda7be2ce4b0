//! Attackers who exhaust the codes of a number, or have new ones sent so that the owner's becomes
//! invalid (S9).

use crate::lockout::*;

#[tokio::test]
async fn s9_exhausted_sends_do_not_lock_out_a_recognised_device() {
    for max_failures in [20, 3] {
        let app = app_with_tenant(max_failures, |_| {}).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let (start, before) = (app.now(), code_count(&app).await);
        while app.now().since(start) < minutes(DAY - 3 * HOUR) {
            app.browser().start(KNOWN_PHONE).await;
            app.advance(minutes(10)).await;
        }
        assert_eq!(
            code_count(&app).await - before,
            10,
            "unrecognised devices get ten codes a day"
        );
        // On a new phone no code arrives until a day after the first of them.
        let mut phone = app.browser();
        phone.start(KNOWN_PHONE).await;
        assert_eq!(code_count(&app).await - before, 10);
        // The recognised device receives one immediately.
        sign_in_with_new_code(&mut owner)
            .await
            .assert_next("/account");
        sign_in_with_new_code(&mut app.browser())
            .await
            .assert_next("/account");
    }
}

#[tokio::test]
async fn s9_repeated_resends_do_not_lock_out_a_recognised_device() {
    // Five an hour, ten a day.
    for (max_failures, hours, codes_sent) in [(20, 1, 5), (20, 2, 10), (3, 24, 10)] {
        let app = app_with_tenant(max_failures, |_| {}).await;
        let mut owner = owner(&app).await;
        app.advance(seconds(31)).await;
        let before = code_count(&app).await;
        let mut attacker = app.browser();
        let (start, mut has_flow, mut may_post) = (app.now(), false, app.now());
        while app.now().since(start) < minutes(hours * HOUR) {
            let form = match has_flow {
                true => attacker.form("resend-code", &[]),
                false => attacker.form("send-code", &[("phone", KNOWN_PHONE)]),
            };
            // A refusal is immediate and does not advance the clock.
            let now = app.now();
            let response = if now < may_post {
                app.call(form).await
            } else {
                attacker.send(form).await
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
        assert_eq!(
            code_count(&app).await - before,
            codes_sent,
            "in {hours} hours"
        );
        sign_in_with_new_code(&mut owner)
            .await
            .assert_next("/account");
        // The success has reset the number's codes, for a new phone too.
        sign_in_with_new_code(&mut app.browser())
            .await
            .assert_next("/account");
    }
}
