//! The form of a backup, written and read in one go: what it is, rows, and an end that proves that
//! nothing is missing.
//!
//! ```text
//! "latchkey backup 1\n", schema u64, moment u64 (milliseconds since the epoch)
//! 1, kind u8, id [32], version u64, end u64, owner [32] (zeros: none), bytes           a record
//! 2, name, window [16], end u64, used u32                                             a counter
//! 3, name, end u64, count u32, count times (counter, window [16], amount u32)         a reservation
//! 0, records u64, counters u64, SHA-256 of everything before it
//! ```
//!
//! Numbers are big-endian; bytes and names begin with their length (u32). Indexes are not in it:
//! they follow from the rows.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::store::redb::tables::{
    ChargedCounter, Counter, RecordHeader, SCHEMA, StoredReservation,
};
use crate::server::store::{BackupSummary, Key, RecordKind};

const NAME: &[u8] = b"latchkey backup 1\n";
const END: u8 = 0;
const RECORD: u8 = 1;
const COUNTER: u8 = 2;
const RESERVATION: u8 = 3;
/// No text of bytes is longer: what says that it is has been damaged.
const LONGEST: u32 = 1 << 24;
/// Stands for no owner; no keyed hash is all zeros.
const NOBODY: Digest = [0; 32];

/// The counters of a reservation: name, window, amount.
type Charges<'r> = Vec<(&'r [u8], &'r [u8; 16], u32)>;

/// A row.
pub(in crate::server::store::redb) enum Row {
    Record(Key, RecordHeader, Vec<u8>),
    Counter(Vec<u8>, Counter),
    Reservation(Vec<u8>, StoredReservation),
}

/// What is read is no backup, or not all of it is there.
#[derive(Debug, thiserror::Error)]
pub(in crate::server::store::redb) enum Unreadable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is no backup")]
    Foreign,
    #[error("schema {0}")]
    Schema(u64),
    #[error("{0}")]
    Damaged(&'static str),
}

/// Writes a backup, and counts what is in it.
pub(super) struct Writer<W> {
    out: W,
    hash: Context,
    contents: BackupSummary,
    taken_at: Timestamp,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, taken_at: Timestamp) -> io::Result<Self> {
        let contents = BackupSummary {
            taken_at,
            sessions: 0,
            records: 0,
            counters: 0,
            bytes: 0,
        };
        let mut writer = Self {
            out,
            hash: Context::new(&SHA256),
            contents,
            taken_at,
        };
        writer.put(NAME)?;
        writer.put(&SCHEMA.to_be_bytes())?;
        writer.put(&taken_at.as_millis().to_be_bytes())?;
        Ok(writer)
    }

    pub(super) fn record(
        &mut self,
        (kind, id): (u8, &Digest),
        (version, end, owner, bytes): (u64, u64, Option<&Digest>, &[u8]),
    ) -> io::Result<()> {
        self.contents.records += 1;
        let lives = self.taken_at < Timestamp::from_millis(end);
        self.contents.sessions += u64::from(kind == RecordKind::Session.number() && lives);
        self.put(&[RECORD, kind])?;
        self.put(id)?;
        self.put(&version.to_be_bytes())?;
        self.put(&end.to_be_bytes())?;
        self.put(owner.unwrap_or(&NOBODY))?;
        self.text(bytes)
    }

    pub(super) fn counter(
        &mut self,
        name: &[u8],
        (window, end, used): (&[u8; 16], u64, u32),
    ) -> io::Result<()> {
        self.contents.counters += 1;
        self.put(&[COUNTER])?;
        self.text(name)?;
        self.put(window)?;
        self.put(&end.to_be_bytes())?;
        self.put(&used.to_be_bytes())
    }

    pub(super) fn reservation(
        &mut self,
        name: &[u8],
        (end, charged): (u64, Charges<'_>),
    ) -> io::Result<()> {
        self.put(&[RESERVATION])?;
        self.text(name)?;
        self.put(&end.to_be_bytes())?;
        self.length(charged.len())?;
        for (counter, window, amount) in charged {
            self.text(counter)?;
            self.put(window)?;
            self.put(&amount.to_be_bytes())?;
        }
        Ok(())
    }

    /// Gives back where it was written to.
    pub(super) fn end(mut self) -> io::Result<(W, BackupSummary)> {
        self.put(&[END])?;
        self.put(&self.contents.records.to_be_bytes())?;
        self.put(&self.contents.counters.to_be_bytes())?;
        self.out.write_all(self.hash.finish().as_ref())?;
        self.out.flush()?;
        Ok((self.out, self.contents))
    }

    fn text(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length(bytes.len())?;
        self.put(bytes)
    }

    fn length(&mut self, length: usize) -> io::Result<()> {
        let length = u32::try_from(length)
            .ok()
            .filter(|length| *length <= LONGEST);
        self.put(&length.ok_or(io::ErrorKind::InvalidData)?.to_be_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }
}

/// Reads a backup. Only what [`Reader::next`] has said the end of is whole.
pub(in crate::server::store::redb) struct Reader<R> {
    from: R,
    hash: Context,
    contents: BackupSummary,
}

impl<R: Read> Reader<R> {
    pub(in crate::server::store::redb) fn begin(from: R) -> Result<Self, Unreadable> {
        let contents = BackupSummary {
            taken_at: Timestamp::default(),
            sessions: 0,
            records: 0,
            counters: 0,
            bytes: 0,
        };
        let mut reader = Self {
            from,
            hash: Context::new(&SHA256),
            contents,
        };
        let mut name = [0; NAME.len()];
        reader.fill(&mut name).map_err(|error| match error {
            Unreadable::Damaged(_) => Unreadable::Foreign,
            other => other,
        })?;
        if name != NAME {
            return Err(Unreadable::Foreign);
        }
        match reader.number()? {
            SCHEMA => {}
            other => return Err(Unreadable::Schema(other)),
        }
        reader.contents.taken_at = Timestamp::from_millis(reader.number()?);
        Ok(reader)
    }

    /// The next row; none at the end, when everything was there.
    pub(in crate::server::store::redb) fn next(&mut self) -> Result<Option<Row>, Unreadable> {
        let [tag] = self.bytes()?;
        match tag {
            RECORD => self.record().map(Some),
            COUNTER => self.counter().map(Some),
            RESERVATION => self.reservation().map(Some),
            END => self.end().map(|()| None),
            _ => Err(Unreadable::Damaged("it holds something else")),
        }
    }

    /// What was read so far.
    pub(in crate::server::store::redb) fn contents(&self) -> BackupSummary {
        self.contents
    }

    fn record(&mut self) -> Result<Row, Unreadable> {
        let [kind] = self.bytes()?;
        let kind = RecordKind::from_number(kind)
            .ok_or(Unreadable::Damaged("it holds a record of another kind"))?;
        let key = Key {
            kind,
            id: self.bytes()?,
        };
        let version = self.number()?;
        let expires_at = Timestamp::from_millis(self.number()?);
        let owner = Some(self.bytes()?).filter(|owner| *owner != NOBODY);
        let lives = self.contents.taken_at < expires_at;
        self.contents.records += 1;
        self.contents.sessions += u64::from(kind == RecordKind::Session && lives);
        Ok(Row::Record(
            key,
            RecordHeader {
                version,
                expires_at,
                owner,
            },
            self.text()?,
        ))
    }

    fn counter(&mut self) -> Result<Row, Unreadable> {
        self.contents.counters += 1;
        let name = self.text()?;
        let window = self.bytes()?;
        let ends_at = Timestamp::from_millis(self.number()?);
        let used = u32::from_be_bytes(self.bytes()?);
        Ok(Row::Counter(
            name,
            Counter {
                window,
                ends_at,
                used,
            },
        ))
    }

    fn reservation(&mut self) -> Result<Row, Unreadable> {
        let name = self.text()?;
        let expires_at = Timestamp::from_millis(self.number()?);
        let mut charged = Vec::new();
        for _ in 0..self.length()? {
            let counter = self.text()?;
            let window = self.bytes()?;
            charged.push(ChargedCounter {
                counter,
                window,
                amount: u32::from_be_bytes(self.bytes()?),
            });
        }
        Ok(Row::Reservation(
            name,
            StoredReservation {
                expires_at,
                charged,
            },
        ))
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        let counted = (self.number()?, self.number()?);
        let hash = self.hash.clone().finish();
        let said: Digest = self.bytes()?;
        if hash.as_ref() != said || counted != (self.contents.records, self.contents.counters) {
            return Err(Unreadable::Damaged("its checksum does not fit"));
        }
        match self.from.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(Unreadable::Damaged("something follows its end")),
        }
    }

    fn text(&mut self) -> Result<Vec<u8>, Unreadable> {
        let mut text = vec![0; self.length()?];
        self.fill(&mut text)?;
        Ok(text)
    }

    fn length(&mut self) -> Result<usize, Unreadable> {
        let length = u32::from_be_bytes(self.bytes()?);
        let too_long = || Unreadable::Damaged("something in it is too long");
        usize::try_from(length)
            .ok()
            .filter(|_| length <= LONGEST)
            .ok_or_else(too_long)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        Ok(u64::from_be_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Unreadable> {
        self.from
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Unreadable::Damaged("it ends too early"),
                _ => error.into(),
            })?;
        self.hash.update(bytes);
        Ok(())
    }
}
