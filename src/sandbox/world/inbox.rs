//! The messages that were "sent": the phone's memory.

use std::collections::VecDeque;

use super::MAX_MESSAGES;
use crate::sandbox::clock::Moment;

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
}

/// The last [`MAX_MESSAGES`] messages, oldest first.
#[derive(Debug, Default)]
pub struct Inbox {
    messages: VecDeque<Message>,
    sent: u64,
}

impl Inbox {
    /// Adds a message; its number is given here.
    pub fn push(&mut self, message: Message) {
        self.sent += 1;
        if self.messages.len() >= MAX_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Message { number: self.sent, ..message });
    }

    /// Messages to `to`, or all, oldest first.
    pub fn to<'a>(&'a self, to: Option<&'a str>) -> impl DoubleEndedIterator<Item = &'a Message> {
        self.messages.iter().filter(move |message| to.is_none_or(|to| message.to == to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::clock::Clock;

    #[test]
    fn the_oldest_messages_go_first() {
        let now = Clock::default().now();
        let (to, sender_id, text, code) = (String::from("+12025550123"), String::new(), String::new(), String::new());
        let message = Message { number: 0, to, sender_id, text, code, sent_at: now, expires_at: now };
        let mut inbox = Inbox::default();
        for _ in 0..MAX_MESSAGES + 5 {
            inbox.push(message.clone());
        }
        let numbers: Vec<u64> = inbox.to(Some("+12025550123")).map(|message| message.number).collect();
        assert_eq!((numbers.len(), numbers[0], numbers[MAX_MESSAGES - 1]), (10_000, 6, 10_005));
    }
}
