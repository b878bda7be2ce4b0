//! The messages that were "sent": the phone's memory.

use std::collections::VecDeque;

use serde::Serialize;

use crate::clock::Moment;
use crate::world::MAX_MESSAGES;

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Counts from 1, in order of sending.
    pub number: u64,
    /// The phone number, or e-mail address.
    pub to: String,
    /// Who it says it is from.
    pub sender_id: String,
    /// What it says.
    pub text: String,
    /// The code in it.
    pub code: String,
    /// When it left.
    pub sent_at: Moment,
    /// When its code ends.
    pub expires_at: Moment,
    /// What became of it at the gateway; nothing without one.
    pub delivery: Option<Delivery>,
}

/// What became of a message at the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// It has no answer yet.
    Pending,
    /// The gateway took it.
    Delivered,
    /// The gateway did not take it.
    Failed,
}

/// The last [`MAX_MESSAGES`] messages, oldest first.
#[derive(Debug, Default)]
pub struct Inbox {
    messages: VecDeque<Message>,
    sent: u64,
}

impl Inbox {
    /// Adds a message, and returns the number that it is given.
    pub fn push(&mut self, message: Message) -> u64 {
        self.sent += 1;
        if self.messages.len() >= MAX_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Message {
            number: self.sent,
            ..message
        });
        self.sent
    }

    /// Says what became of a message, if it is still there.
    pub fn mark(&mut self, number: u64, delivery: Delivery) {
        if let Some(message) = self
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.number == number)
        {
            message.delivery = Some(delivery);
        }
    }

    /// Messages to `to`, or all, oldest first.
    pub fn to<'a>(&'a self, to: Option<&'a str>) -> impl DoubleEndedIterator<Item = &'a Message> {
        self.messages
            .iter()
            .filter(move |message| to.is_none_or(|to| message.to == to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_oldest_messages_go_first() {
        let now = Clock::default().now();
        let (to, sender_id, text, code) = (
            String::from("+12025550123"),
            String::new(),
            String::new(),
            String::new(),
        );
        let message = Message {
            number: 0,
            to,
            sender_id,
            text,
            code,
            sent_at: now,
            expires_at: now,
            delivery: None,
        };
        let mut inbox = Inbox::default();
        for _ in 0..MAX_MESSAGES + 5 {
            inbox.push(message.clone());
        }
        let numbers: Vec<u64> = inbox
            .to(Some("+12025550123"))
            .map(|message| message.number)
            .collect();
        assert_eq!(
            (numbers.len(), numbers[0], numbers[MAX_MESSAGES - 1]),
            (10_000, 6, 10_005)
        );
    }
}
