//! When answers leave, by a clock that the test moves (E1, E2).

use std::time::Duration;

use crate::enumeration::*;
use crate::support::{pause, wait_until};

#[tokio::test]
async fn e1_every_answer_to_a_send_leaves_at_the_same_moment_and_not_before() {
    let world = world().await;
    spend(&world).await;
    for door in ["send-code", "sign-up"] {
        let mut waiting = Vec::new();
        let before = world.audit.count("otp_requested");
        for case in Case::ALL {
            waiting.push(world.begin(world.browser().form(door, &[("phone", &case.phone())])));
        }
        wait_until("decisions", async || {
            world.audit.count("otp_requested") == before + Case::ALL.len()
        })
        .await;
        // The upstream calls come to their ends, each at its own time.
        world.settled().await;
        world.advance(Duration::from_millis(999)).await;
        pause(50).await;
        assert!(
            waiting.iter().all(|answer| !answer.is_finished()),
            "{door}: one left early"
        );
        world.advance(Duration::from_millis(1)).await;
        for answer in waiting {
            assert_eq!(answer.await.unwrap().took, seconds(1));
        }
        world.advance(seconds(40)).await;
    }
}

#[tokio::test]
async fn e1_a_refused_verify_leaves_at_one_of_few_moments() {
    let world = World::start().await;
    // Real milliseconds upstream; what passes meanwhile on the product's clock decides.
    for (passes, leaves) in [(1, 1500), (1500, 1500), (1501, 5000), (5001, 10_000)] {
        let phone = format!("+44740013{passes:04}");
        let (browser, _) = world.asked(&phone).await;
        let calls = world.upstream.count("otp_authenticate").await;
        world
            .upstream
            .latency("otp_authenticate", "wrong", 300)
            .await;
        let start = world.now();
        let waiting = world.begin(browser.form("verify-code", &[("code", "000000")]));
        wait_until("the call", async || {
            world.upstream.count("otp_authenticate").await > calls
        })
        .await;
        let failed = world.audit.count("authn_login_fail");
        world.advance(Duration::from_millis(passes)).await;
        wait_until("upstream's answer", async || {
            world.audit.count("authn_login_fail") > failed
        })
        .await;
        if passes < leaves {
            world
                .advance_to(start, Duration::from_millis(leaves - 1))
                .await;
            pause(30).await;
            assert!(!waiting.is_finished(), "{passes}: left early");
        }
        world.advance_to(start, Duration::from_millis(leaves)).await;
        let answer = waiting.await.unwrap();
        answer.problem(401, "code_refused");
        assert_eq!(answer.took, Duration::from_millis(leaves));
    }
}
