//! Runs several calls of cargo, and shows how far they are.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::colours::without_colours;
use crate::tools::shown;
use crate::ui::{self, Stopwatch, words};

/// How often the line is drawn again on a terminal.
const DRAWN_EVERY: Duration = Duration::from_millis(200);
/// How often a line is printed elsewhere.
const PRINTED_EVERY: Duration = Duration::from_secs(20);

/// One call of cargo.
pub struct Job {
    name: &'static str,
    command: Command,
}

impl Job {
    pub fn new(name: &'static str, command: Command) -> Self {
        Self { name, command }
    }

    /// A call that leaves the cores to the others, and takes what they do not use.
    pub fn in_background(name: &'static str, command: &Command) -> Self {
        Self::new(name, at_low_priority(command))
    }
}

/// The same call by `nice`, which every Unix has.
fn at_low_priority(command: &Command) -> Command {
    if !cfg!(unix) {
        return with_surroundings(Command::new(command.get_program()), command);
    }
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program());
    with_surroundings(nice, command)
}

/// Adds the arguments, variables and folder of another call.
fn with_surroundings(mut to: Command, from: &Command) -> Command {
    to.args(from.get_args());
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
    to
}

/// What cargo has said so far.
#[derive(Default)]
struct Said {
    /// The newest line of progress.
    progress: Option<String>,
    /// All else that is not routine.
    log: String,
}

struct Running {
    name: &'static str,
    shown: String,
    child: Child,
    reader: JoinHandle<()>,
    said: Arc<Mutex<Said>>,
}

/// Runs calls beside each other, each to its end. The first failure stops all; what they have
/// compiled stays.
pub fn run(jobs: Vec<Job>) -> Result<()> {
    let watch = Stopwatch::start();
    let mut running = Vec::new();
    for job in jobs {
        running.push(start(job)?);
    }
    let mut line = StatusLine::default();
    while !running.is_empty() {
        thread::sleep(DRAWN_EVERY);
        let Some((ended, status)) = take_ended(&mut running)? else {
            line.show(&running, watch.elapsed());
            continue;
        };
        let _ = ended.reader.join();
        line.clear();
        let said = ended.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.log.lines().for_each(ui::plain_error);
        if !status.success() {
            stop(&mut running);
            bail!(
                "`{}` failed; what is compiled stays, and the same command goes on from there",
                ended.shown
            );
        }
        if line.was_shown {
            ui::say(&format!(
                "{}: compiled, {} after the start",
                ended.name,
                words(watch.elapsed())
            ));
        }
    }
    line.clear();
    Ok(())
}

/// The first one that is no longer running.
fn take_ended(running: &mut Vec<Running>) -> Result<Option<(Running, ExitStatus)>> {
    for (at, job) in running.iter_mut().enumerate() {
        let status = job.child.try_wait();
        if let Some(status) = status.with_context(|| format!("lost {}", job.shown))? {
            return Ok(Some((running.remove(at), status)));
        }
    }
    Ok(None)
}

fn stop(running: &mut [Running]) {
    running.iter_mut().for_each(|job| drop(job.child.kill()));
    running.iter_mut().for_each(|job| drop(job.child.wait()));
}

fn start(job: Job) -> Result<Running> {
    let Job { name, mut command } = job;
    command
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    command.env(
        "CARGO_TERM_COLOR",
        if ui::colour() { "always" } else { "never" },
    );
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let shown = shown(&command);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {shown}"))?;
    let said = Arc::new(Mutex::new(Said::default()));
    let stream = child.stderr.take();
    let heard = said.clone();
    let reader = thread::spawn(move || stream.map_or((), |stream| listen(stream, &heard)));
    Ok(Running {
        name,
        shown,
        child,
        reader,
        said,
    })
}

/// Takes cargo's output apart. Lines of progress end in a carriage return.
fn listen(mut stream: impl Read, said: &Mutex<Said>) {
    let mut rest = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        rest.extend_from_slice(buffer.get(..length).unwrap_or_default());
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            sort(
                line.trim_end(),
                &mut said.lock().unwrap_or_else(PoisonError::into_inner),
            );
        }
    }
}

/// What cargo does all the time, and nobody needs to read.
const ROUTINE: [&str; 8] = [
    "Compiling",
    "Downloading",
    "Downloaded",
    "Finished",
    "Fresh",
    "Blocking",
    "Updating",
    "Locking",
];

fn sort(line: &str, said: &mut Said) {
    let plain = without_colours(line);
    let plain = plain.trim();
    match plain
        .split_once(['[', ' '])
        .map_or(plain, |(first, _)| first)
    {
        "" => {}
        "Building" => said.progress = counted(plain).or(said.progress.take()),
        "Downloading" => said.progress = Some("downloading".to_owned()),
        "Blocking" => said.progress = Some("waiting for another cargo".to_owned()),
        first if ROUTINE.contains(&first) => {}
        _ => said.log += &format!("{line}\n"),
    }
}

/// `Building [====>   ] 12/345: one, two` gives `12 of 345`.
fn counted(line: &str) -> Option<String> {
    let (_, behind) = line.split_once(']')?;
    let (done, all) = behind
        .split([':', ' '])
        .find_map(|word| word.split_once('/'))?;
    let number = |text: &str| text.parse::<u32>().ok();
    Some(format!("{} of {}", number(done)?, number(all)?))
}

/// The line that says how far all are: drawn over itself on a terminal, printed now and then
/// elsewhere.
#[derive(Default)]
struct StatusLine {
    was_shown: bool,
    printed: Duration,
    is_drawn: bool,
}

impl StatusLine {
    fn show(&mut self, running: &[Running], elapsed: Duration) {
        let parts = running.iter().filter_map(|job| {
            let said = job.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.progress
                .as_ref()
                .map(|progress| format!("{} {progress}", job.name))
        });
        let parts: Vec<_> = parts.collect();
        // A call that finds everything compiled is over before there is anything to show.
        if parts.is_empty() || elapsed < Duration::from_secs(1) {
            return;
        }
        let line = format!("{}, {}", parts.join(" · "), words(elapsed));
        if ui::is_terminal() {
            ui::draw(&line);
            self.is_drawn = true;
        } else if !self.was_shown || elapsed >= self.printed + PRINTED_EVERY {
            ui::say(&line);
            self.printed = elapsed;
        }
        self.was_shown = true;
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            ui::draw("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_what_cargo_draws() {
        assert_eq!(
            counted("Building [=====>      ] 12/345: serde, syn").as_deref(),
            Some("12 of 345")
        );
        assert_eq!(
            counted("Building [=====>      ] 7/9").as_deref(),
            Some("7 of 9")
        );
        assert_eq!(counted("Building"), None);
    }

    #[cfg(unix)]
    #[test]
    fn all_calls_run_and_a_failure_stops_the_others() {
        let folder = std::env::temp_dir();
        let file = |name| folder.join(format!("xtask-{}-{name}", std::process::id()));
        let job = |line: &str, file: &std::path::Path| {
            let mut command = Command::new("sh");
            command.args(["-c", line]).env("FILE", file);
            Job::new("a job", command)
        };
        let (one, two, late) = (file("one"), file("two"), file("late"));
        let writes = ": > \"$FILE\"";
        run(vec![job(writes, &one), job(writes, &two)]).unwrap();
        assert!(one.is_file() && two.is_file());
        let slow = job("sleep 30; : > \"$FILE\"", &late);
        assert!(run(vec![slow, job("exit 1", &late)]).is_err());
        assert!(!late.exists());
        for file in [one, two] {
            std::fs::remove_file(file).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_call_in_the_background_has_the_same_arguments_variables_and_folder() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo $(nice) $MARK $PWD"])
            .env("MARK", "here")
            .current_dir("/");
        let own = Command::new("nice").output().unwrap().stdout;
        let own: i32 = String::from_utf8_lossy(&own).trim().parse().unwrap();
        let said = at_low_priority(&command).output().unwrap().stdout;
        assert_eq!(
            String::from_utf8_lossy(&said).trim(),
            format!("{} here /", (own + 10).min(19))
        );
    }

    #[test]
    fn only_what_is_not_routine_is_kept_for_the_developer() {
        let said = Mutex::new(Said::default());
        let output = "   Compiling serde v1.0.0\n    Building [> ] 1/3: serde\r\n\
             \u{1b}[31merror\u{1b}[0m: no such thing\n";
        listen(output.as_bytes(), &said);
        let said = said.into_inner().unwrap();
        assert_eq!(said.progress.as_deref(), Some("1 of 3"));
        assert_eq!(said.log, "\u{1b}[31merror\u{1b}[0m: no such thing\n");
    }
}
