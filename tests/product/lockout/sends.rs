//! Strangers who spend the codes of a number, or have new ones sent so that the owner's is void
//! (S9).

use crate::lockout::*;

#[tokio::test]
async fn s9_a_stranger_spends_the_sends_of_a_number() {
    for max_failures in [20, 3] {
        let world = tenant(max_failures, |_| {}).await;
        let mut owner = owner(&world).await;
        world.advance(seconds(31)).await;
        let (begun, before) = (world.now(), codes(&world).await);
        while world.now().since(begun) < minutes(DAY - 3 * HOUR) {
            world.browser().ask(KNOWN).await.next("/code");
            world.advance(minutes(10)).await;
        }
        assert_eq!(
            codes(&world).await - before,
            10,
            "ten a day are all that strangers get sent"
        );
        // On a new phone no code comes until the day of the first of them is over …
        let mut phone = world.browser();
        phone.ask(KNOWN).await.next("/code");
        assert_eq!(codes(&world).await - before, 10);
        // … and to the browser that is known one comes at once.
        signs_in(&mut owner).await.next("/account");
        signs_in(&mut world.browser()).await.next("/account");
    }
}

#[tokio::test]
async fn s9_a_stranger_sends_again_every_30_seconds() {
    // Five an hour, ten a day.
    for (max_failures, hours, codes_sent) in [(20, 1, 5), (20, 2, 10), (3, 24, 10)] {
        let world = tenant(max_failures, |_| {}).await;
        let mut owner = owner(&world).await;
        world.advance(seconds(31)).await;
        let before = codes(&world).await;
        let mut stranger = world.browser();
        let (begun, mut has_flow, mut may_post) = (world.now(), false, world.now());
        while world.now().since(begun) < minutes(hours * HOUR) {
            let form = match has_flow {
                true => stranger.form("resend-code", &[]),
                false => stranger.form("send-code", &[("phone", KNOWN)]),
            };
            // What is refused is so at once, and moves no clock.
            let now = world.now();
            let answer = if now < may_post {
                world.call(form).await
            } else {
                stranger.send(form).await
            };
            match answer.status.as_u16() {
                200 => has_flow = true,
                409 => (has_flow, may_post) = (false, now),
                429 => may_post = now + seconds(answer.json()["retry_after"].as_u64().unwrap()),
                other => panic!("{other}: {}", answer.body),
            }
            world.advance(seconds(30)).await;
        }
        world.settled().await;
        assert_eq!(codes(&world).await - before, codes_sent, "in {hours} hours");
        signs_in(&mut owner).await.next("/account");
        // The success has given the number its codes back, to a new phone too.
        signs_in(&mut world.browser()).await.next("/account");
    }
}
