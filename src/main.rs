//! The server binary: command line, settings, start and stop.

mod cli;

use std::process::ExitCode;

/// Every request allocates a little on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    refuse_huge_pages();
    cli::run()
}

/// The allocator asks for pages of 2 MB, of which a small server fills a fraction: they would cost
/// a third of its memory.
#[cfg(target_os = "linux")]
fn refuse_huge_pages() {
    // Where it is not possible, only memory is lost.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn refuse_huge_pages() {}
