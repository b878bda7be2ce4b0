//! The attacks, one a file.
//!
//! Each starts a server of its own, so that no attack uses up the limits of another. It prepares
//! honest users, attacks, and checks at least one documented limit and that honest users can sign
//! in.

use anyhow::Result;
use clap::ValueEnum;

use crate::context::AttackContext;
use crate::finding::Finding;

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
mod tossing;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attack {
    /// Guesses one number's codes from many addresses, with resends and new flows
    Guessing,
    /// Sends messages to all numbers of one prefix (SMS pumping)
    Rotation,
    /// The same as `rotation`, and verifies the codes of these numbers
    Pumping,
    /// Signs in with one number again and again, so that messages are sent to it
    Repetition,
    /// Sends messages to many countries from one address
    Countries,
    /// Compares responses for known, unknown, locked, inactive and limited numbers by bytes
    Bytes,
    /// The same as `bytes`, by response times
    Times,
    /// Locks a number's owner out, by guesses and by using up the number's messages
    LockOut,
    /// Forges client addresses and identities by headers
    Spoofing,
    /// Replays flow cookies in other browsers, for other numbers, and forged ones
    Replay,
    /// Verifies codes many times concurrently
    Race,
    /// Sets cookies in a browser before its owner signs in
    Fixation,
    /// Plants cookies from a sibling host
    Tossing,
    /// Posts forged, invalid and oversized forms
    Flood,
}

impl Attack {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// Runs the attack.
    ///
    /// # Errors
    /// It could not run to its end: the server ended or did not start, or honest users could not
    /// sign in before the attack.
    pub async fn run(self, context: &AttackContext<'_>) -> Result<Finding> {
        match self {
            Self::Guessing => guessing::run(context).await,
            Self::Rotation => rotation::run(context).await,
            Self::Pumping => pumping::run(context).await,
            Self::Repetition => repetition::run(context).await,
            Self::Countries => countries::run(context).await,
            Self::Bytes => bytes::run(context).await,
            Self::Times => times::run(context).await,
            Self::LockOut => lock_out::run(context).await,
            Self::Spoofing => spoofing::run(context).await,
            Self::Replay => replay::run(context).await,
            Self::Race => race::run(context).await,
            Self::Fixation => fixation::run(context).await,
            Self::Tossing => tossing::run(context).await,
            Self::Flood => flood::run(context).await,
        }
    }
}
