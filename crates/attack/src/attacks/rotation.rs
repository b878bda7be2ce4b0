//! SMS pumping: one message to each number of a prefix, each from another address (requirement S4).
//!
//! No code is verified. A send that the limit of the prefix refuses looks like a successful one.

use std::time::Duration;

use anyhow::Result;

use crate::context::AttackContext;
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let numbers = context.scaled(300, 5000);
    let environment = context.start_environment(&[]).await?;
    let measurement = Measurement::start(&environment).await?;
    let posts = (0..numbers).map(|index| {
        let mut browser = environment.browser().with_address(client_address(index));
        async move {
            browser
                .post("sign-up", &[("phone", &phone_number(1, index))])
                .await
        }
    });
    let refused = context
        .run_all(posts)
        .await?
        .iter()
        .filter(|response| !response.is_ok())
        .count();
    let mut finding = measurement.finish(numbers).await?;

    let hours = windows_started(Duration::from_secs(3600), finding.duration);
    let limit = context.limits.count("guard.prefix_hourly")? * hours;
    let upstream = finding.upstream;
    finding.check_at_most("SMS", upstream.messages, limit);
    finding.check_at_most("users created", upstream.creations, limit);
    finding.check_none("limit disclosed", refused);
    let mut neighbour = environment.browser().with_address(client_address(numbers));
    finding.check_all(
        "neighbour in",
        usize::from(neighbour.sign_in("sign-up", &phone_number(2, 0)).await?),
        1,
    );
    Ok(finding)
}
