//! The attacks, one a file. Each opens a place of its own, so that no budget is spent for another,
//! prepares who is honest there, attacks, and says what had to hold: at least one bound that the
//! documentation promises, and that honest people are served.

use anyhow::Result;
use clap::ValueEnum;

use crate::finding::Finding;
use crate::stage::Stage;

mod bytes;
mod countries;
mod fixation;
mod flood;
mod guessing;
mod lock_out;
mod pumping;
mod race;
mod repetition;
mod replay;
mod rotation;
mod spoofing;
mod times;

/// An attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attack {
    /// Guesses one number's codes from many addresses, with resends and new flows
    Guessing,
    /// Has messages sent to all numbers of one prefix (SMS pumping)
    Rotation,
    /// The same by somebody who owns the numbers and types the codes
    Pumping,
    /// Has messages sent to one number of the attacker's own, over and over, and types the codes
    Repetition,
    /// Has messages sent to many countries from one address
    Countries,
    /// Tells known, unknown, locked, inactive and limited numbers apart by the bytes of answers
    Bytes,
    /// The same by the time that answers take
    Times,
    /// Shuts a number's owner out, by guesses and by spending the number's messages
    LockOut,
    /// Claims to be elsewhere, or somebody, by headers
    Spoofing,
    /// Shows flow cookies again, elsewhere, for another number, or forged
    Replay,
    /// Types codes many times at once
    Race,
    /// Plants cookies in a browser before its owner signs in
    Fixation,
    /// Posts forged, broken and enormous forms
    Flood,
}

impl Attack {
    /// As on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// Plays it.
    ///
    /// # Errors
    /// It came to no end: the server is gone or does not start, or honest people were not served
    /// before it began.
    pub async fn play(self, stage: &Stage<'_>) -> Result<Finding> {
        match self {
            Self::Guessing => guessing::play(stage).await,
            Self::Rotation => rotation::play(stage).await,
            Self::Pumping => pumping::play(stage).await,
            Self::Repetition => repetition::play(stage).await,
            Self::Countries => countries::play(stage).await,
            Self::Bytes => bytes::play(stage).await,
            Self::Times => times::play(stage).await,
            Self::LockOut => lock_out::play(stage).await,
            Self::Spoofing => spoofing::play(stage).await,
            Self::Replay => replay::play(stage).await,
            Self::Race => race::play(stage).await,
            Self::Fixation => fixation::play(stage).await,
            Self::Flood => flood::play(stage).await,
        }
    }
}
