//! One address writes to many countries: whoever lives somewhere does not (requirement S2).
//! Countries that are not served, and numbers that cost more than a message, are never written to
//! (requirement S5).

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;

use crate::finding::Finding;
use crate::numbers::{NOT_SERVED, SERVED, address, number};
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::Stage;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(2, 5);
    let place = stage.open(&[]).await?;
    let served =
        (0..rounds).flat_map(|round| SERVED.map(|(_, stem)| format!("{stem}{:02}", 10 + round)));
    let phones: Vec<String> = served.chain(NOT_SERVED.map(str::to_owned)).collect();
    for phone in &phones {
        place.sandbox.user(phone, "Active").await?;
    }

    let siege = Siege::begin(&place).await?;
    stage.expect(phones.len());
    for phone in &phones {
        place.browser().at(address(0)).ask(phone).await?;
        stage.step();
    }
    let mut finding = siege.end(phones.len()).await?;

    let messages = place.sandbox.inbox().await?;
    let country = |phone: &str| {
        SERVED
            .iter()
            .find(|(_, stem)| phone.starts_with(stem))
            .map(|(country, _)| *country)
    };
    let reached: BTreeSet<_> = messages
        .iter()
        .filter_map(|message| country(&message.to))
        .collect();
    let elsewhere = messages
        .iter()
        .filter(|message| country(&message.to).is_none())
        .count();
    let hours = windows(Duration::from_secs(3600), finding.took);
    let sms = finding.reached.messages;
    finding.at_most(
        "countries",
        u64::try_from(reached.len())?,
        stage.promises.count("guard.address_countries_daily")?,
    );
    finding.at_most(
        "SMS",
        sms,
        stage.promises.count("guard.address_hourly")? * hours,
    );
    finding.none("SMS to countries that are not served", elsewhere);
    let mut somebody = place.browser().at(address(1));
    finding.all(
        "somebody else in",
        usize::from(somebody.sign_in("sign-up", &number(5, 0)).await?),
        1,
    );
    Ok(finding)
}
