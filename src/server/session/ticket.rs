//! Tickets: one-time tokens that sign a session in to an application on another host.
//!
//! A ticket travels in a URL, so it is useless by itself. It can be redeemed once, within half a
//! minute, and only while its session is active. It is bound to the origin that it was issued to,
//! and to the browser that holds the nonce.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, EventSource, TicketRefusal};
use crate::server::crypto::hash::{Digest, constant_time_eq};
use crate::server::crypto::opaque_token::{ShortToken, Token};
use crate::server::session::application_session::application_token;
use crate::server::session::{ActionLimit, ActiveSession, Sessions};
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, StoreError};

/// How long a ticket can be used.
pub const TICKET_LIFETIME: Duration = Duration::from_secs(30);
/// How long an expired ticket is kept, so that a late person can start again with the same page.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(300);
/// Tickets of one user in `TICKET_WINDOW`. A browser that restores many tabs stays below, and a
/// loop does not fill the store.
pub const MAX_TICKETS: u32 = 120;
const TICKET_WINDOW: Duration = Duration::from_secs(60);

/// The associated data of encrypted tickets.
const CONTEXT: &[u8] = b"latchkey ticket v1";

/// What a ticket is requested for.
#[derive(Clone, Copy, Debug)]
pub struct TicketRequest<'a> {
    /// The application (RFC 6454, as browsers write it).
    pub origin: &'a str,
    /// Hash of the nonce that the browser holds for the application's host.
    pub nonce: Digest,
    /// The validated path of the page to go to.
    pub to: &'a str,
}

/// The result of a request for a ticket.
#[derive(Debug)]
pub enum IssueOutcome {
    /// The ticket.
    Issued(ShortToken),
    /// The user has requested too many. The next one is possible at this time.
    LimitExceeded(Timestamp),
}

/// The result of redeeming a ticket.
#[derive(Debug)]
pub enum Redemption {
    /// The browser is signed in to the application.
    SignedIn {
        /// The token of the application's session.
        token: Token,
        /// The parent session.
        session: ActiveSession,
        /// The page to go to.
        to: String,
    },
    /// The ticket is refused.
    Refused {
        /// Why.
        reason: TicketRefusal,
        /// The page to go to, if the ticket was issued to this application.
        to: Option<String>,
    },
}

/// A ticket. It is stored encrypted.
#[derive(Serialize, Deserialize)]
struct Ticket {
    origin: String,
    nonce: Digest,
    to: String,
    /// The id of the session.
    parent: Digest,
    /// Tickets without this field expire with their record.
    #[serde(default = "end_of_time")]
    usable_until: Timestamp,
    /// The token of the application's session, masked: without the ticket, the store and
    /// `secrets.key` do not disclose it.
    #[serde(rename = "hidden")]
    masked_token: Digest,
}

impl Sessions {
    /// Issues a ticket for a session with this token. It cannot be redeemed after
    /// [`TICKET_LIFETIME`].
    ///
    /// # Errors
    /// The store's; there is no ticket then.
    pub async fn issue_ticket(
        &self,
        session: &ActiveSession,
        session_token: &Token,
        request: TicketRequest<'_>,
    ) -> Result<IssueOutcome, StoreError> {
        let now = self.clock.now();
        let limit = self
            .count_action(session.owner, "tickets", MAX_TICKETS, TICKET_WINDOW)
            .await?;
        if let ActionLimit::ExceededUntil(retry_at) = limit {
            return Ok(IssueOutcome::LimitExceeded(retry_at));
        }
        let ticket = ShortToken::new(&self.random);
        let record = Ticket {
            origin: request.origin.to_owned(),
            nonce: request.nonce,
            to: request.to.to_owned(),
            parent: session.key.id,
            usable_until: now + TICKET_LIFETIME,
            masked_token: mask(&ticket, application_token(request.origin, session_token)),
        };
        let key = key(&ticket);
        let sealed = self.keys.encrypt_record(CONTEXT, &key.id, &record)?;
        match self
            .store
            .put(
                key,
                None,
                Precondition::Absent,
                sealed,
                now + TICKET_LIFETIME + KEPT_AFTER_EXPIRY,
                now,
            )
            .await?
        {
            PutOutcome::Stored(_) => Ok(IssueOutcome::Issued(ticket)),
            PutOutcome::Conflict => Err(StoreError::Corrupt(
                "a new ticket met an old one".to_owned(),
            )),
        }
    }

    /// Redeems a ticket at an application. It is used up in any case. `nonce` is the one that the
    /// browser sent.
    ///
    /// # Errors
    /// The store's; the ticket may be used up.
    pub async fn redeem_ticket(
        &self,
        ticket: &ShortToken,
        origin: &str,
        nonce: Option<&ShortToken>,
        from: &EventSource,
    ) -> Result<Redemption, StoreError> {
        let redemption = self.take_ticket(ticket, origin, nonce, from).await?;
        let event = match &redemption {
            Redemption::SignedIn { session, .. } => Event::ApplicationEntered {
                session: session.record.id.clone(),
                user: session.record.pseudonym.clone(),
                application: origin.to_owned(),
            },
            Redemption::Refused { reason, .. } => Event::TicketRefused {
                application: origin.to_owned(),
                reason: *reason,
            },
        };
        self.audit.emit(from, &event);
        Ok(redemption)
    }

    async fn take_ticket(
        &self,
        ticket: &ShortToken,
        origin: &str,
        nonce: Option<&ShortToken>,
        from: &EventSource,
    ) -> Result<Redemption, StoreError> {
        let key = key(ticket);
        let now = self.clock.now();
        let taken = self.store.take(key, now).await?;
        let record: Option<Ticket> =
            taken.and_then(|record| self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes));
        let refused = |reason, to| Ok(Redemption::Refused { reason, to });
        let Some(ticket_record) = record else {
            return refused(TicketRefusal::Unknown, None);
        };
        let Ticket {
            origin: issued_to,
            nonce: expected,
            to,
            parent,
            usable_until,
            masked_token,
        } = ticket_record;
        if issued_to != origin {
            return refused(TicketRefusal::OtherApplication, None);
        }
        // Before the nonce is checked, because the browser does not keep the nonce for long either.
        if now >= usable_until {
            return refused(TicketRefusal::Expired, Some(to));
        }
        let Some(nonce) = nonce else {
            return refused(TicketRefusal::NoNonce, Some(to));
        };
        if !constant_time_eq(&nonce.hash(), &expected) {
            return refused(TicketRefusal::OtherBrowser, Some(to));
        }
        let session = match self.find_by_id(parent).await? {
            Some(session) => self.check_upstream(session, from).await?,
            None => None,
        };
        let Some(session) = session else {
            return refused(TicketRefusal::Ended, Some(to));
        };
        let token = Token::from(mask(ticket, masked_token));
        self.create_application_session(&token, origin, &session)
            .await?;
        Ok(Redemption::SignedIn { token, session, to })
    }
}

fn end_of_time() -> Timestamp {
    Timestamp::from_millis(u64::MAX)
}

/// Masks a token by a value derived from the ticket, or removes the mask.
fn mask(ticket: &ShortToken, mut token: Digest) -> Digest {
    let mask = ticket.derive(b"latchkey ticket mask v1");
    token
        .iter_mut()
        .zip(mask)
        .for_each(|(byte, mask)| *byte ^= mask);
    token
}

fn key(ticket: &ShortToken) -> Key {
    Key {
        kind: RecordKind::Ticket,
        id: ticket.hash(),
    }
}
