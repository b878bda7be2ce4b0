//! Which of standard input, output and error were closed when the process started.
//!
//! Rust opens `/dev/null` in the place of a closed one before `main`, so that no other file gets
//! its number. What is written there is lost without an error. So this is found out earlier, by a
//! function that the system's loader calls.

use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicU8, Ordering};

use rustix::io::Errno;

/// A bit for each descriptor that was closed.
static CLOSED: AtomicU8 = AtomicU8::new(0);

/// A descriptor that every process has.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum StandardDescriptor {
    Input = 0,
    Output = 1,
    Error = 2,
}

impl StandardDescriptor {
    const ALL: [Self; 3] = [Self::Input, Self::Output, Self::Error];

    /// Whether it was closed. Always false where the system has no such function.
    pub fn was_closed(self) -> bool {
        CLOSED.load(Ordering::Relaxed) & self.bit() != 0
    }

    /// The error that the system gives for a closed descriptor.
    ///
    /// # Errors
    /// It was closed.
    pub fn require_open(self) -> io::Result<()> {
        if self.was_closed() {
            return Err(Errno::BADF.into());
        }
        Ok(())
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "a descriptor that may be closed is borrowed, to ask the system whether it is"
)]
extern "C" fn record_closed() {
    for descriptor in StandardDescriptor::ALL {
        // SAFETY: Nothing else runs yet that could close or open it, and the call only reports.
        let borrowed = unsafe { BorrowedFd::borrow_raw(i32::from(descriptor as u8)) };
        if rustix::io::fcntl_getfd(borrowed) == Err(Errno::BADF) {
            CLOSED.fetch_or(descriptor.bit(), Ordering::Relaxed);
        }
    }
}

#[cfg(target_os = "linux")]
#[used]
#[expect(
    unsafe_code,
    reason = "the loader calls the functions in this section before main; this one makes three \
              system calls and touches one atomic"
)]
#[unsafe(link_section = ".init_array")]
static RECORD_CLOSED: extern "C" fn() = record_closed;
