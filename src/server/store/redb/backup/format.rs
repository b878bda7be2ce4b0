//! The format of a backup: a header, rows, an end with a checksum, and an authentication code.
//! Written and read sequentially.
//!
//! ```text
//! "latchkey backup 1\n", schema u64, taken at u64 (milliseconds since the epoch)
//! 1, kind u8, id [32], version u64, end u64, owner [32] (zeros: none), bytes           a record
//! 2, name, window [16], end u64, used u32                                             a counter
//! 3, name, end u64, count u32, count times (counter, window [16], amount u32)         a
//! reservation
//! 0, records u64, counters u64, SHA-256 of everything before it
//! "hmac 1\n", fingerprint of the secret key [16], HMAC-SHA256 of everything before it
//! ```
//!
//! The key of the HMAC is derived from `secrets.key` (`crypto/backup_keys.rs`). Earlier versions
//! wrote no such code: their backups end with the checksum.
//!
//! Numbers are big-endian; bytes and names start with their length (u32). Indexes are left out:
//! they are rebuilt from the rows.

use std::io::{self, Read, Write};
use std::mem;

use aws_lc_rs::digest::{Context, SHA256};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::backup_keys::{BackupAuthenticator, BackupKeys};
use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hash::Digest;
use crate::server::store::backup::BackupAuthentication;
use crate::server::store::redb::tables::{
    ChargedCounter, Counter, RecordHeader, SCHEMA, StoredReservation,
};
use crate::server::store::{BackupSummary, Key, RecordKind};

const MAGIC: &[u8] = b"latchkey backup 1\n";
/// What every version begins with.
const FAMILY: &[u8] = b"latchkey backup ";
const CODE_MAGIC: &[u8; 7] = b"hmac 1\n";
const END: u8 = 0;
const RECORD: u8 = 1;
const COUNTER: u8 = 2;
const RESERVATION: u8 = 3;
/// A longer length prefix is taken as damage.
const MAX_LENGTH: u32 = 1 << 24;
/// Represents no owner; no keyed hash is all zeros.
const NO_OWNER: Digest = [0; 32];

/// The counters of a reservation: name, window, amount.
type Charges<'r> = Vec<(&'r [u8], &'r [u8; 16], u32)>;

/// Whether a file begins as a backup does, of any version of the format.
pub(in crate::server::store::redb) fn is_backup(file: impl Read) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(FAMILY.len() as u64).read_to_end(&mut start)?;
    Ok(start == FAMILY)
}

/// A row of a backup.
pub(in crate::server::store::redb) enum BackupRow {
    Record(Key, RecordHeader, Vec<u8>),
    Counter(Vec<u8>, Counter),
    Reservation(Vec<u8>, StoredReservation),
}

/// The file is no backup, or is incomplete.
#[derive(Debug, thiserror::Error)]
pub(in crate::server::store::redb) enum BackupFormatError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is no backup")]
    Foreign,
    #[error("schema {0}")]
    Schema(u64),
    #[error("{0}")]
    Damaged(&'static str),
}

/// Writes a backup and counts its rows.
pub(super) struct BackupWriter<W> {
    output: W,
    hash: Context,
    authenticator: BackupAuthenticator,
    summary: BackupSummary,
    taken_at: Timestamp,
}

impl<W: Write> BackupWriter<W> {
    pub(super) fn begin(
        output: W,
        authenticator: BackupAuthenticator,
        taken_at: Timestamp,
    ) -> io::Result<Self> {
        let summary = BackupSummary {
            taken_at,
            sessions: 0,
            records: 0,
            counters: 0,
            bytes: 0,
        };
        let mut writer = Self {
            output,
            hash: Context::new(&SHA256),
            authenticator,
            summary,
            taken_at,
        };
        writer.write(MAGIC)?;
        writer.write(&SCHEMA.to_be_bytes())?;
        writer.write(&taken_at.as_millis().to_be_bytes())?;
        Ok(writer)
    }

    pub(super) fn record(
        &mut self,
        (kind, id): (u8, &Digest),
        (version, end, owner, bytes): (u64, u64, Option<&Digest>, &[u8]),
    ) -> io::Result<()> {
        self.summary.records += 1;
        let is_live = self.taken_at < Timestamp::from_millis(end);
        self.summary.sessions += u64::from(kind == RecordKind::Session.number() && is_live);
        self.write(&[RECORD, kind])?;
        self.write(id)?;
        self.write(&version.to_be_bytes())?;
        self.write(&end.to_be_bytes())?;
        self.write(owner.unwrap_or(&NO_OWNER))?;
        self.write_bytes(bytes)
    }

    pub(super) fn counter(
        &mut self,
        name: &[u8],
        (window, end, used): (&[u8; 16], u64, u32),
    ) -> io::Result<()> {
        self.summary.counters += 1;
        self.write(&[COUNTER])?;
        self.write_bytes(name)?;
        self.write(window)?;
        self.write(&end.to_be_bytes())?;
        self.write(&used.to_be_bytes())
    }

    pub(super) fn reservation(
        &mut self,
        name: &[u8],
        (end, charged): (u64, Charges<'_>),
    ) -> io::Result<()> {
        self.write(&[RESERVATION])?;
        self.write_bytes(name)?;
        self.write(&end.to_be_bytes())?;
        self.write_length(charged.len())?;
        for (counter, window, amount) in charged {
            self.write_bytes(counter)?;
            self.write(window)?;
            self.write(&amount.to_be_bytes())?;
        }
        Ok(())
    }

    /// Writes the end, and returns the output.
    pub(super) fn end(mut self) -> io::Result<(W, BackupSummary)> {
        self.write(&[END])?;
        self.write(&self.summary.records.to_be_bytes())?;
        self.write(&self.summary.counters.to_be_bytes())?;
        let hash = self.hash.clone().finish();
        self.write(hash.as_ref())?;
        self.write(CODE_MAGIC)?;
        let fingerprint = self.authenticator.fingerprint().clone();
        self.write(fingerprint.as_str().as_bytes())?;
        self.output.write_all(&self.authenticator.finish())?;
        self.output.flush()?;
        Ok((self.output, self.summary))
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_length(bytes.len())?;
        self.write(bytes)
    }

    fn write_length(&mut self, length: usize) -> io::Result<()> {
        let length = u32::try_from(length)
            .ok()
            .filter(|length| *length <= MAX_LENGTH);
        self.write(&length.ok_or(io::ErrorKind::InvalidData)?.to_be_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.authenticator.update(bytes);
        self.output.write_all(bytes)
    }
}

/// Reads a backup. It is complete only when [`BackupReader::next`] has returned none.
pub(in crate::server::store::redb) struct BackupReader<R> {
    input: R,
    hash: Context,
    /// One for each key, until the end says whose the backup is.
    authenticators: Vec<BackupAuthenticator>,
    authentication: BackupAuthentication,
    summary: BackupSummary,
}

impl<R: Read> BackupReader<R> {
    pub(in crate::server::store::redb) fn begin(
        input: R,
        keys: &BackupKeys,
    ) -> Result<Self, BackupFormatError> {
        let summary = BackupSummary {
            taken_at: Timestamp::default(),
            sessions: 0,
            records: 0,
            counters: 0,
            bytes: 0,
        };
        let mut reader = Self {
            input,
            hash: Context::new(&SHA256),
            authenticators: keys.readers(),
            authentication: BackupAuthentication::Missing,
            summary,
        };
        let mut name = [0; MAGIC.len()];
        reader.read_exact(&mut name).map_err(|error| match error {
            BackupFormatError::Damaged(_) => BackupFormatError::Foreign,
            other => other,
        })?;
        if name != MAGIC {
            return Err(BackupFormatError::Foreign);
        }
        match reader.read_u64()? {
            SCHEMA => {}
            other => return Err(BackupFormatError::Schema(other)),
        }
        reader.summary.taken_at = Timestamp::from_millis(reader.read_u64()?);
        Ok(reader)
    }

    /// The next row; none at a valid end.
    pub(in crate::server::store::redb) fn next(
        &mut self,
    ) -> Result<Option<BackupRow>, BackupFormatError> {
        let [tag] = self.read_array()?;
        match tag {
            RECORD => self.record().map(Some),
            COUNTER => self.counter().map(Some),
            RESERVATION => self.reservation().map(Some),
            END => self.end().map(|()| None),
            _ => Err(BackupFormatError::Damaged("it holds something else")),
        }
    }

    /// What was read so far.
    pub(in crate::server::store::redb) fn summary(&self) -> BackupSummary {
        self.summary
    }

    /// Whether the backup is authentic, once it was read to its end.
    pub(in crate::server::store::redb) fn authentication(&self) -> BackupAuthentication {
        self.authentication.clone()
    }

    fn record(&mut self) -> Result<BackupRow, BackupFormatError> {
        let [kind] = self.read_array()?;
        let kind = RecordKind::from_repr(kind).ok_or(BackupFormatError::Damaged(
            "it holds a record of another kind",
        ))?;
        let key = Key {
            kind,
            id: self.read_array()?,
        };
        let version = self.read_u64()?;
        let expires_at = Timestamp::from_millis(self.read_u64()?);
        let owner = Some(self.read_array()?).filter(|owner| *owner != NO_OWNER);
        let is_live = self.summary.taken_at < expires_at;
        self.summary.records += 1;
        self.summary.sessions += u64::from(kind == RecordKind::Session && is_live);
        Ok(BackupRow::Record(
            key,
            RecordHeader {
                version,
                expires_at,
                owner,
            },
            self.read_bytes()?,
        ))
    }

    fn counter(&mut self) -> Result<BackupRow, BackupFormatError> {
        self.summary.counters += 1;
        let name = self.read_bytes()?;
        let window = self.read_array()?;
        let ends_at = Timestamp::from_millis(self.read_u64()?);
        let used = u32::from_be_bytes(self.read_array()?);
        Ok(BackupRow::Counter(
            name,
            Counter {
                window,
                ends_at,
                used,
            },
        ))
    }

    fn reservation(&mut self) -> Result<BackupRow, BackupFormatError> {
        let name = self.read_bytes()?;
        let expires_at = Timestamp::from_millis(self.read_u64()?);
        let mut charged = Vec::new();
        for _ in 0..self.read_length()? {
            let counter = self.read_bytes()?;
            let window = self.read_array()?;
            charged.push(ChargedCounter {
                counter,
                window,
                amount: u32::from_be_bytes(self.read_array()?),
            });
        }
        Ok(BackupRow::Reservation(
            name,
            StoredReservation {
                expires_at,
                charged,
            },
        ))
    }

    fn end(&mut self) -> Result<(), BackupFormatError> {
        let counted = (self.read_u64()?, self.read_u64()?);
        let hash = self.hash.clone().finish();
        let stored_hash: Digest = self.read_array()?;
        if hash.as_ref() != stored_hash || counted != (self.summary.records, self.summary.counters)
        {
            return Err(BackupFormatError::Damaged("its checksum does not fit"));
        }
        self.authentication = self.authenticate()?;
        Ok(())
    }

    /// Reads the code at the end, if there is one, and verifies it.
    fn authenticate(&mut self) -> Result<BackupAuthentication, BackupFormatError> {
        let trailing = BackupFormatError::Damaged("something follows its end");
        let mut first = [0];
        if self.input.read(&mut first)? == 0 {
            return Ok(BackupAuthentication::Missing);
        }
        self.update(&first);
        let rest: [u8; CODE_MAGIC.len() - 1] = self.read_array()?;
        if first.iter().chain(&rest).ne(CODE_MAGIC) {
            return Err(trailing);
        }
        let fingerprint = Fingerprint::parse(&self.read_array()?).ok_or(
            BackupFormatError::Damaged("its authentication code names no key"),
        )?;
        let authenticators = mem::take(&mut self.authenticators);
        let code: Digest = self.read_array()?;
        if self.input.read(&mut [0])? != 0 {
            return Err(trailing);
        }
        let mut own = authenticators.into_iter();
        let Some(own) = own.find(|own| *own.fingerprint() == fingerprint) else {
            return Ok(BackupAuthentication::OtherKey(fingerprint));
        };
        if own.verifies(&code) {
            Ok(BackupAuthentication::Authentic)
        } else {
            Err(BackupFormatError::Damaged(
                "its authentication code does not fit",
            ))
        }
    }

    fn read_bytes(&mut self) -> Result<Vec<u8>, BackupFormatError> {
        let mut text = vec![0; self.read_length()?];
        self.read_exact(&mut text)?;
        Ok(text)
    }

    fn read_length(&mut self) -> Result<usize, BackupFormatError> {
        let length = u32::from_be_bytes(self.read_array()?);
        let too_long = || BackupFormatError::Damaged("something in it is too long");
        usize::try_from(length)
            .ok()
            .filter(|_| length <= MAX_LENGTH)
            .ok_or_else(too_long)
    }

    fn read_u64(&mut self) -> Result<u64, BackupFormatError> {
        Ok(u64::from_be_bytes(self.read_array()?))
    }

    fn read_array<const N: usize>(&mut self) -> Result<[u8; N], BackupFormatError> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> Result<(), BackupFormatError> {
        self.input
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => BackupFormatError::Damaged("it ends too early"),
                _ => error.into(),
            })?;
        self.update(bytes);
        Ok(())
    }

    fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        for authenticator in &mut self.authenticators {
            authenticator.update(bytes);
        }
    }
}
