//! Tickets: how a session reaches an application on another host, once and within half a minute.
//!
//! A ticket travels in one URL, so it is good for nothing by itself: it opens the one origin that
//! it was made for, in the one browser that holds the nonce, for as long as the session behind it
//! lives, and whoever shows it takes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, Origin, TicketRefusal, hex};
use crate::server::crypto::derived_keys::{Digest, equal};
use crate::server::crypto::opaque_token::{ShortToken, Token};
use crate::server::session::application_session::token_at;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, RecordKind, ReservationId, ReservationOutcome,
    StoreError,
};

/// How long a ticket can be used.
pub const LIFETIME: Duration = Duration::from_secs(30);
/// How long it is known afterwards where it would have led: the person who comes late begins again
/// from there.
const AFTERLIFE: Duration = Duration::from_secs(300);
/// Tickets of one user in [`WINDOW`]: a browser that opens with many tabs stays below, a loop does
/// not fill the store.
pub const MOST: u32 = 120;
/// The window of [`MOST`].
pub const WINDOW: Duration = Duration::from_secs(60);

/// What the seal of a ticket is bound to.
const CONTEXT: &[u8] = b"latchkey ticket v1";

/// What a ticket is to be made for.
#[derive(Clone, Copy, Debug)]
pub struct TicketRequest<'a> {
    /// The application (RFC 6454, as browsers write it).
    pub origin: &'a str,
    /// Hash of the nonce that the browser holds on its host.
    pub nonce: Digest,
    /// The page to go to there: a checked path.
    pub to: &'a str,
}

/// What became of a request for a ticket.
#[derive(Debug)]
pub enum Issued {
    /// It is the application's to use.
    Ticket(ShortToken),
    /// The user has asked for too many; there may be another then.
    TooMany(Timestamp),
}

/// What a ticket opened.
#[derive(Debug)]
pub enum Redemption {
    /// The application's session.
    Entered {
        /// Its token.
        token: Token,
        /// Its parent.
        live: ActiveSession,
        /// The page to go to.
        to: String,
    },
    /// Nothing.
    Refused {
        /// Why.
        reason: TicketRefusal,
        /// The page to go to, where the ticket was one for this application.
        to: Option<String>,
    },
}

/// A ticket. It rests sealed.
#[derive(Serialize, Deserialize)]
struct Ticket {
    origin: String,
    nonce: Digest,
    to: String,
    /// Where the session lies.
    parent: Digest,
    /// Tickets from before this was written were removed when they could be used no longer.
    #[serde(default = "as_long_as_it_is_there")]
    usable_until: Timestamp,
    /// The token of the application's session, hidden: the store and `secrets.key` together do not
    /// tell it, without the ticket.
    hidden: Digest,
}

impl Sessions {
    /// Makes a ticket for a session, whose token it is. It opens nothing after [`LIFETIME`].
    ///
    /// # Errors
    /// The store's; there is no ticket then.
    pub async fn issue_ticket(
        &self,
        live: &ActiveSession,
        session: &Token,
        errand: TicketRequest<'_>,
    ) -> Result<Issued, StoreError> {
        let now = self.clock.now();
        let charge = Charge {
            key: "tickets".to_owned(),
            amount: 1,
            limit: MOST,
            window: WINDOW,
            renews: false,
        };
        let reservation = ReservationId(self.random.bytes());
        let reserved = self
            .store
            .reserve(reservation, &Group::Identifier(live.owner), &[charge], now)
            .await?;
        if let ReservationOutcome::Refused { retry_at, .. } = reserved {
            return Ok(Issued::TooMany(retry_at));
        }
        let ticket = ShortToken::new(&self.random);
        let record = Ticket {
            origin: errand.origin.to_owned(),
            nonce: errand.nonce,
            to: errand.to.to_owned(),
            parent: live.key.id,
            usable_until: now + LIFETIME,
            hidden: hide(&ticket, token_at(errand.origin, session)),
        };
        let key = key(&ticket);
        let sealed = self.keys.seal_record(CONTEXT, &key.id, &record)?;
        match self
            .store
            .put(
                key,
                None,
                Precondition::Absent,
                sealed,
                now + LIFETIME + AFTERLIFE,
                now,
            )
            .await?
        {
            PutOutcome::Stored(_) => Ok(Issued::Ticket(ticket)),
            PutOutcome::Conflict => Err(StoreError::Corrupt(
                "a new ticket met an old one".to_owned(),
            )),
        }
    }

    /// Takes a ticket at an application: whatever it opens or does not open, nobody uses it again.
    /// `nonce` is what the browser holds there.
    ///
    /// # Errors
    /// The store's. The ticket may be gone; another one does no harm.
    pub async fn enter(
        &self,
        ticket: &ShortToken,
        origin: &str,
        nonce: Option<&ShortToken>,
        from: &Origin,
    ) -> Result<Redemption, StoreError> {
        let entry = self.redeem(ticket, origin, nonce, from).await?;
        let event = match &entry {
            Redemption::Entered { live, .. } => Event::ApplicationEntered {
                session: live.session.id.clone(),
                user: hex(&live.owner),
                application: origin.to_owned(),
            },
            Redemption::Refused { reason, .. } => Event::TicketRefused {
                application: origin.to_owned(),
                reason: *reason,
            },
        };
        self.audit.emit(from, &event);
        Ok(entry)
    }

    async fn redeem(
        &self,
        ticket: &ShortToken,
        origin: &str,
        nonce: Option<&ShortToken>,
        from: &Origin,
    ) -> Result<Redemption, StoreError> {
        let key = key(ticket);
        let now = self.clock.now();
        let taken = self.store.take(key, now).await?;
        let record: Option<Ticket> =
            taken.and_then(|record| self.keys.open_record(CONTEXT, &key.id, &record.bytes));
        let Some(Ticket {
            origin: made_for,
            nonce: expected,
            to,
            parent,
            usable_until,
            hidden,
        }) = record
        else {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::Unknown,
                to: None,
            });
        };
        if made_for != origin {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::OtherApplication,
                to: None,
            });
        }
        // First of all: the nonce is not kept for long either.
        if now >= usable_until {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::Expired,
                to: Some(to),
            });
        }
        let Some(nonce) = nonce else {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::NoNonce,
                to: Some(to),
            });
        };
        if !equal(&nonce.hash(), &expected) {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::OtherBrowser,
                to: Some(to),
            });
        }
        let live = match self.find_by_id(parent).await? {
            Some(live) => self.check(live, from).await?,
            None => None,
        };
        let Some(live) = live else {
            return Ok(Redemption::Refused {
                reason: TicketRefusal::Ended,
                to: Some(to),
            });
        };
        let token = Token::from(hide(ticket, hidden));
        self.begin_application(&token, origin, &live).await?;
        Ok(Redemption::Entered { token, live, to })
    }
}

fn as_long_as_it_is_there() -> Timestamp {
    Timestamp::from_millis(u64::MAX)
}

/// Hides a token behind what follows from the ticket, and brings it back.
fn hide(ticket: &ShortToken, mut token: Digest) -> Digest {
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
