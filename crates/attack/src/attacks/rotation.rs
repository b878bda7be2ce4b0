//! SMS pumping: a premium range has its numbers side by side, and each is written to once, from an
//! address of its own (requirement S4). Nobody types a code. What the limit of the prefix refuses
//! looks like a message that was sent.

use std::time::Duration;

use anyhow::Result;

use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::Stage;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let numbers = stage.of(300, 5000);
    let place = stage.open(&[]).await?;
    let siege = Siege::begin(&place).await?;
    let posts = (0..numbers).map(|line| {
        let mut browser = place.browser().at(address(line));
        async move {
            browser
                .post("sign-up", &[("phone", &number(1, line))])
                .await
        }
    });
    let refused = stage
        .crowd(posts)
        .await?
        .iter()
        .filter(|answer| !answer.is_ok())
        .count();
    let mut finding = siege.end(numbers).await?;

    let hours = windows(Duration::from_secs(3600), finding.took);
    let most = stage.promises.count("guard.prefix_hourly")? * hours;
    let reached = finding.reached;
    finding.at_most("SMS", reached.messages, most);
    finding.at_most("users created", reached.creations, most);
    finding.none("limit told", refused);
    let mut neighbour = place.browser().at(address(numbers));
    finding.all(
        "neighbour in",
        usize::from(neighbour.sign_in("sign-up", &number(2, 0)).await?),
        1,
    );
    Ok(finding)
}
