//! Runs a program, passes on what it prints as it comes, and keeps it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context, Result};

use crate::colours::without_colours;
use crate::tools::shown;
use crate::ui;

/// Whether it succeeded, and every line of both outputs, free of colours.
pub fn run(command: &mut Command) -> Result<(bool, Vec<String>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let (keep, kept) = channel();
    let out = child
        .stdout
        .take()
        .map(|stream| pass_on(stream, ui::plain, keep.clone()));
    let err = child
        .stderr
        .take()
        .map(|stream| pass_on(stream, ui::plain_error, keep));
    let lines = kept.iter().collect();
    for thread in [out, err].into_iter().flatten() {
        let _ = thread.join();
    }
    let status = child
        .wait()
        .with_context(|| format!("lost {}", shown(command)))?;
    Ok((status.success(), lines))
}

fn pass_on(
    stream: impl Read + Send + 'static,
    print: fn(&str),
    keep: Sender<String>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            print(&line);
            if keep.send(without_colours(&line)).is_err() {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn both_outputs_and_the_status_come_back() {
        let (ok, mut lines) =
            run(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap();
        lines.sort();
        assert!(!ok);
        assert_eq!(lines, ["err", "out"]);
    }
}
