//! The messages that the simulated phone received.

use std::collections::VecDeque;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::state::channel::Channel;
use crate::state::limits::MAX_MESSAGES;

#[derive(Clone, Debug)]
pub struct Message {
    /// Counts from 1, in order of sending.
    pub number: u64,
    /// How it was sent: by SMS or by e-mail.
    pub channel: Channel,
    /// The phone number or e-mail address.
    pub to: String,
    /// The sender that the message shows.
    pub sender_id: String,
    pub text: String,
    /// The code in the text.
    pub code: String,
    pub sent_at: Timestamp,
    /// When the code expires.
    pub expires_at: Timestamp,
    /// Delivery by the SMS gateway; `None` without a gateway.
    pub delivery: Option<DeliveryStatus>,
}

/// The state of a delivery by the SMS gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// The gateway has not responded yet.
    Pending,
    /// The gateway accepted the message.
    Delivered,
    /// The gateway did not accept the message.
    Failed,
}

/// The last [`MAX_MESSAGES`] messages, oldest first.
#[derive(Debug, Default)]
pub struct Inbox {
    messages: VecDeque<Message>,
    last_number: u64,
}

impl Inbox {
    /// Adds a message and returns its number.
    pub fn push(&mut self, message: Message) -> u64 {
        self.last_number += 1;
        if self.messages.len() >= MAX_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Message {
            number: self.last_number,
            ..message
        });
        self.last_number
    }

    /// Sets the delivery status of a message, if the inbox still has it.
    pub fn set_delivery(&mut self, number: u64, delivery: DeliveryStatus) {
        if let Some(message) = self
            .messages
            .iter_mut()
            .rev()
            .find(|message| message.number == number)
        {
            message.delivery = Some(delivery);
        }
    }

    /// Messages to one recipient, or all, oldest first.
    pub fn messages_to<'a>(
        &'a self,
        recipient: Option<&'a str>,
    ) -> impl DoubleEndedIterator<Item = &'a Message> {
        self.messages
            .iter()
            .filter(move |message| recipient.is_none_or(|to| message.to == to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_oldest_messages_are_removed_first() {
        let now = Clock::default().now();
        let (to, sender_id, text, code) = (
            String::from("+12025550123"),
            String::new(),
            String::new(),
            String::new(),
        );
        let message = Message {
            number: 0,
            channel: Channel::Sms,
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
            .messages_to(Some("+12025550123"))
            .map(|message| message.number)
            .collect();
        assert_eq!(
            (numbers.len(), numbers[0], numbers[MAX_MESSAGES - 1]),
            (10_000, 6, 10_005)
        );
    }
}
