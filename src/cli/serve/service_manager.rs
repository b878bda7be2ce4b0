//! Tells systemd when the server is ready, that it still works, and that it stops (`sd_notify(3)`,
//! for `Type=notify` and `WatchdogSec=`). Without `NOTIFY_SOCKET` nobody is told.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use latchkey::server::system::clock::Clock;

/// How long a message may wait until the service manager has read others.
const LONGEST_SEND: Duration = Duration::from_secs(1);

/// The service manager, if there is one.
#[derive(Debug)]
pub struct ServiceManager {
    socket: Option<UnixDatagram>,
    /// How often it must be told that the process works.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// The one that started this process. What cannot be reached is logged, and never an error: the
    /// server works without it.
    pub fn of_this_process() -> Self {
        let socket = std::env::var_os("NOTIFY_SOCKET").and_then(|name| {
            let connected = connect(&name);
            connected
                .inspect_err(|error| tracing::warn!(%error, "NOTIFY_SOCKET cannot be reached"))
                .ok()
        });
        let watchdog = watchdog_interval(
            std::env::var_os("WATCHDOG_USEC").as_deref(),
            std::env::var_os("WATCHDOG_PID").as_deref(),
            std::process::id(),
        );
        Self { socket, watchdog }
    }

    /// Requests are accepted.
    pub fn notify_ready(&self, origin: &str) {
        self.notify(&format!("READY=1\nSTATUS=serving {origin}/"));
    }

    /// The server was told to stop. It drains before it ends.
    pub fn notify_stopping(&self) {
        self.notify("STOPPING=1\nSTATUS=stopping");
    }

    /// Says for as long as the process runs that its tasks are run. Returns at once without a
    /// watchdog.
    pub async fn feed_watchdog(&self, clock: &Clock) {
        let Some(interval) = self.watchdog else {
            return;
        };
        loop {
            self.notify("WATCHDOG=1");
            clock.sleep(interval).await;
        }
    }

    fn notify(&self, state: &str) {
        if let Some(socket) = &self.socket
            && let Err(error) = socket.send(state.as_bytes())
        {
            tracing::warn!(%error, "the service manager could not be told: {}", first_line(state));
        }
    }
}

fn first_line(state: &str) -> &str {
    state.lines().next().unwrap_or_default()
}

/// Connects to a path, or to an abstract address, which begins with `@`.
fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let address = match name.as_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            SocketAddr::from_abstract_name(name)?
        }
        _ => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    socket.set_write_timeout(Some(LONGEST_SEND))?;
    Ok(socket)
}

/// Half of the time within which the watchdog must hear from this process, as
/// `sd_watchdog_enabled(3)` advises. None if it watches no process or another one.
fn watchdog_interval(
    microseconds: Option<&OsStr>,
    watched: Option<&OsStr>,
    own: u32,
) -> Option<Duration> {
    let number = |text: &OsStr| text.to_str()?.parse::<u64>().ok();
    let is_watched = watched.is_none_or(|watched| number(watched) == Some(u64::from(own)));
    let microseconds = number(microseconds?).filter(|number| *number > 0 && is_watched)?;
    Some(Duration::from_micros(microseconds) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_told_twice_as_often_as_it_must_be_if_it_watches_this_process() {
        for (microseconds, watched, interval) in [
            (Some("30000000"), None, Some(15_000)),
            (Some("30000000"), Some("42"), Some(15_000)),
            (Some("30000000"), Some("43"), None),
            (Some("30000000"), Some(""), None),
            (Some("0"), None, None),
            (Some("soon"), None, None),
            (Some("-1"), Some("42"), None),
            (None, Some("42"), None),
        ] {
            let found =
                watchdog_interval(microseconds.map(OsStr::new), watched.map(OsStr::new), 42);
            let interval = interval.map(Duration::from_millis);
            assert_eq!(found, interval, "{microseconds:?} {watched:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_abstract_address_is_reached() {
        use std::os::linux::net::SocketAddrExt;
        let name = format!("latchkey-test-notify-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        let told = ServiceManager {
            socket: Some(connect(OsStr::new(&format!("@{name}"))).unwrap()),
            watchdog: None,
        };
        told.notify_ready("https://id.example.com");
        let mut state = [0; 100];
        let length = manager.recv(&mut state).unwrap();
        let state = String::from_utf8_lossy(&state[..length]);
        assert_eq!(state, "READY=1\nSTATUS=serving https://id.example.com/");
    }

    #[test]
    fn a_socket_that_does_not_exist_is_an_error() {
        for name in ["/nowhere/notify", "", "@"] {
            assert!(connect(OsStr::new(name)).is_err(), "{name}");
        }
    }
}
