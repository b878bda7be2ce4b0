//! The server binary.

mod cli;

use std::process::ExitCode;

/// Every request allocates on several threads, which mimalloc does faster than the system's
/// allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    disable_huge_pages();
    cli::run()
}

/// The allocator would get pages of 2 MB, of which a small server fills a fraction. They cost a
/// third of its memory.
#[cfg(target_os = "linux")]
fn disable_huge_pages() {
    // A failure only costs memory.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn disable_huge_pages() {}
