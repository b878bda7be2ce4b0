//! Sends messages to many countries from one address, which an honest user does not do (requirement
//! S2).
//!
//! Countries that are not served and premium-rate numbers never get a message (requirement S5).

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;

use crate::context::AttackContext;
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{NOT_SERVED, SERVED, client_address, phone_number};
use crate::measurement::Measurement;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(2, 5);
    let environment = context.start_environment(&[]).await?;
    let served =
        (0..rounds).flat_map(|round| SERVED.map(|(_, stem)| format!("{stem}{:02}", 10 + round)));
    let phones: Vec<String> = served.chain(NOT_SERVED.map(str::to_owned)).collect();
    for phone in &phones {
        environment.sandbox.set_user(phone, "Active").await?;
    }

    let measurement = Measurement::start(&environment).await?;
    context.add_steps(phones.len());
    for phone in &phones {
        environment
            .browser()
            .with_address(client_address(0))
            .send_code(phone)
            .await?;
        context.finish_step();
    }
    let mut finding = measurement.finish(phones.len()).await?;

    let messages = environment.sandbox.messages().await?;
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
    let not_served = messages
        .iter()
        .filter(|message| country(&message.to).is_none())
        .count();
    let hours = windows_started(Duration::from_secs(3600), finding.duration);
    let sms = finding.upstream.messages;
    finding.check_at_most(
        "countries",
        u64::try_from(reached.len())?,
        context.limits.count("guard.address_countries_daily")?,
    );
    finding.check_at_most(
        "SMS",
        sms,
        context.limits.count("guard.address_hourly")? * hours,
    );
    finding.check_none("SMS to countries that are not served", not_served);
    let mut other_user = environment.browser().with_address(client_address(1));
    finding.check_all(
        "other user in",
        usize::from(other_user.sign_in("sign-up", &phone_number(5, 0)).await?),
        1,
    );
    Ok(finding)
}
