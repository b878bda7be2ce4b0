//! Listening sockets that the service manager has opened and hands over (`sd_listen_fds(3)`).
//!
//! They stay open while the server restarts. The system then keeps new connections until the next
//! process accepts them, so that none is refused.

use std::net::TcpListener;

use listenfd::ListenFd;

/// The names of the listeners, as in `FileDescriptorName=` of a socket unit.
const NAMES: [&str; 3] = ["public", "operations", "gateway"];
/// The one that gets a socket which is alone and has another name: by default systemd gives a
/// socket the name of its unit.
const DEFAULT_NAME: &str = "public";

/// The sockets that nobody has taken yet, by the names of their listeners.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<(&'static str, TcpListener)>);

impl InheritedSockets {
    /// Those of this process. The error says which of them cannot be used.
    pub fn of_this_process() -> Result<Self, String> {
        let variable = |name| std::env::var(name).ok();
        // Of another process, which has started this one without removing the variables.
        if variable("LISTEN_PID") != Some(std::process::id().to_string()) {
            return Ok(Self::default());
        }
        // It is read first, because the crate forgets the variables that it has read.
        let names = variable("LISTEN_FDNAMES");
        let mut sockets = ListenFd::from_env();
        let names = assign(sockets.len(), names.as_deref())?;
        let mut taken = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            let socket = sockets.take_tcp_listener(index);
            let socket = socket.map_err(|error| format!("the inherited socket {name}: {error}"))?;
            taken.extend(socket.map(|socket| (name, socket)));
        }
        Ok(Self(taken))
    }

    /// The socket of a listener, if it is inherited.
    pub fn take(&mut self, name: &str) -> Option<TcpListener> {
        let index = self.0.iter().position(|(of, _)| *of == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// Refuses sockets of listeners that are off: clients would wait there for ever.
    pub fn require_all_taken(&self) -> Result<(), String> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(format!(
                "a socket named {name} is inherited, and the settings switch this listener off"
            )),
        }
    }
}

/// Which listener each of `count` sockets belongs to; `names` is `LISTEN_FDNAMES`.
fn assign(count: usize, names: Option<&str>) -> Result<Vec<&'static str>, String> {
    let given: Vec<&str> = names.map_or(Vec::new(), |names| names.split(':').collect());
    let known = |given: &str| NAMES.into_iter().find(|name| *name == given);
    if count == 1 {
        let name = given.first().copied().and_then(known);
        return Ok(vec![name.unwrap_or(DEFAULT_NAME)]);
    }
    let mut assigned = Vec::new();
    for index in 0..count {
        let given = given.get(index).copied().unwrap_or_default();
        let name = known(given).ok_or_else(|| {
            let names = NAMES.join(", ");
            format!(
                "of {count} inherited sockets one is named `{given}`: set FileDescriptorName= of \
                 its unit to one of {names}"
            )
        })?;
        if assigned.contains(&name) {
            return Err(format!("two inherited sockets are named {name}"));
        }
        assigned.push(name);
    }
    Ok(assigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_go_to_the_listeners_that_they_are_named_for() {
        for (count, names, assigned) in [
            (0, None, Ok(&[][..])),
            (0, Some(""), Ok(&[])),
            (1, None, Ok(&["public"])),
            (1, Some("latchkey.socket"), Ok(&["public"])),
            (1, Some("unknown"), Ok(&["public"])),
            (1, Some("operations"), Ok(&["operations"])),
            (2, Some("operations:public"), Ok(&["operations", "public"])),
            (
                3,
                Some("gateway:public:operations"),
                Ok(&["gateway", "public", "operations"]),
            ),
            (2, Some("public:public"), Err("two")),
            (2, Some("public:latchkey.socket"), Err("latchkey.socket")),
            (2, Some("public"), Err("``")),
            (2, None, Err("``")),
        ] {
            match (assign(count, names), assigned) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{count} {names:?}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, expected) => panic!("{count} {names:?}: {found:?} and not {expected:?}"),
            }
        }
    }

    #[test]
    fn a_socket_is_taken_once_and_one_that_nobody_takes_is_refused() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sockets = InheritedSockets(vec![("gateway", socket)]);
        assert!(sockets.take("public").is_none());
        assert!(sockets.require_all_taken().unwrap_err().contains("gateway"));
        assert!(sockets.take("gateway").is_some() && sockets.take("gateway").is_none());
        assert_eq!(sockets.require_all_taken(), Ok(()));
    }
}
