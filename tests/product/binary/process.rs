//! Child processes of the binary, their environment, and a browser that talks to them over the
//! network.

mod environment;
mod network_browser;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub use self::environment::TestEnvironment;
pub use self::network_browser::NetworkBrowser;
use crate::support::wait_until;

/// Runs a command to its end.
pub fn run_command(
    env: &TestEnvironment,
    arguments: &[&str],
    variables: &[(String, String)],
    input: &str,
) -> Output {
    let mut command = env.command(arguments, variables);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A running child process, which is killed when it is dropped.
pub struct ChildProcess {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl ChildProcess {
    /// Starts a server and waits until it is up.
    pub async fn start_server(env: &TestEnvironment, arguments: &[&str]) -> Self {
        Self::start_server_with(env, arguments, &[]).await
    }

    pub async fn start_server_with(
        env: &TestEnvironment,
        arguments: &[&str],
        variables: &[(String, String)],
    ) -> Self {
        let process = Self::spawn(env, arguments, variables);
        env.wait_until_up().await;
        process
    }

    /// Starts a sandbox alone and waits until it is up.
    pub async fn start_sandbox(env: &TestEnvironment) -> Self {
        let process = Self::spawn(env, &["sandbox"], &[]);
        wait_until("the sandbox", async || {
            env.get_sandbox("/control/calls").await.is_some()
        })
        .await;
        process
    }

    pub fn spawn(
        env: &TestEnvironment,
        arguments: &[&str],
        variables: &[(String, String)],
    ) -> Self {
        Self::spawn_command(
            env,
            arguments.first().unwrap_or(&"none"),
            &mut env.command(arguments, variables),
        )
    }

    /// Runs a given command; `name` is used for the files of its output.
    pub fn spawn_command(env: &TestEnvironment, name: &str, command: &mut Command) -> Self {
        Self::spawn_with_input(env, name, command, Stdio::null())
    }

    /// The same with something to read.
    pub fn spawn_with_input(
        env: &TestEnvironment,
        name: &str,
        command: &mut Command,
        input: Stdio,
    ) -> Self {
        let (stdout, stderr) = (
            env.folder.path().join(format!("{name}.out")),
            env.folder.path().join(format!("{name}.err")),
        );
        let file = |path: &PathBuf| Stdio::from(File::create(path).unwrap());
        command.stdin(input);
        command.stdout(file(&stdout)).stderr(file(&stderr));
        Self {
            child: command.spawn().unwrap(),
            stdout,
            stderr,
        }
    }

    /// Starts a server with outputs of the caller's own; `None` stands for a file.
    pub fn spawn_server_with_outputs(
        env: &TestEnvironment,
        variables: &[(String, String)],
        [out, err]: [Option<Stdio>; 2],
    ) -> Self {
        let [stdout, stderr] = ["serve.out", "serve.err"].map(|name| env.folder.path().join(name));
        let file = |path: &PathBuf| Stdio::from(File::create(path).unwrap());
        // The command closes its copies of the outputs when it is dropped.
        let mut command = env.command(&["serve", "--sandbox"], variables);
        command.stdin(Stdio::null());
        command.stdout(out.unwrap_or_else(|| file(&stdout)));
        command.stderr(err.unwrap_or_else(|| file(&stderr)));
        Self {
            child: command.spawn().unwrap(),
            stdout,
            stderr,
        }
    }

    /// The exit code, once the process has ended.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child
            .try_wait()
            .unwrap()
            .and_then(|status| status.code())
    }

    pub fn stdout(&self) -> String {
        std::fs::read_to_string(&self.stdout).unwrap()
    }

    pub fn stderr(&self) -> String {
        std::fs::read_to_string(&self.stderr).unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn send_signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end. Returns the exit code, or `None` if a signal ended it.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    pub fn terminate(&mut self) -> Option<i32> {
        self.send_signal("TERM");
        self.wait()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
