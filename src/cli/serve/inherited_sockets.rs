//! Listening sockets that the service manager has opened and hands over (`sd_listen_fds(3)`).
//!
//! They stay open while the server restarts. The system then keeps new connections until the next
//! process accepts them, so that none is refused.

use std::io;
use std::net::TcpListener;

use listenfd::ListenFd;

/// The names of the listeners, as in `FileDescriptorName=` of a socket unit.
const NAMES: [&str; 3] = ["public", "operations", "gateway"];
/// The one that gets a socket which is alone and has another name: by default systemd gives a
/// socket the name of its unit.
const DEFAULT_NAME: &str = "public";

/// What the unit of a socket that cannot be used has to say.
const UNIT_HINT: &str = "set ListenStream= of its unit to a TCP address, and Accept=no, so that \
                         the server accepts the connections itself";

/// The sockets that nobody has taken yet, by the names of their listeners.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<(&'static str, TcpListener)>);

impl InheritedSockets {
    /// Those of this process. The error says which of them cannot be used.
    pub fn of_this_process() -> Result<Self, String> {
        // What is not UTF-8 is no number and no name.
        let variable = |name| {
            let value = std::env::var_os(name)?;
            Some(value.to_string_lossy().into_owned())
        };
        // Of another process, which has started this one without removing the variables.
        if variable("LISTEN_PID") != Some(std::process::id().to_string()) {
            return Ok(Self::default());
        }
        // All are read first: the crate forgets them, takes what is no number for none, and any
        // number for true.
        let count = count(variable("LISTEN_FDS").as_deref())?;
        let names = assign(count, variable("LISTEN_FDNAMES").as_deref())?;
        require_first_descriptor(variable("LISTEN_FDS_FIRST_FD").as_deref())?;
        let mut sockets = ListenFd::from_env();
        let mut taken = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            let unusable =
                |reason: &str| format!("the inherited socket {name} {reason}: {UNIT_HINT}");
            let socket = sockets.take_tcp_listener(index);
            let socket = socket
                .map_err(|error| unusable(&format!("cannot be used ({error})")))?
                .ok_or_else(|| unusable("is missing"))?;
            let is_listening = is_listening(&socket)
                .map_err(|error| unusable(&format!("cannot be examined ({error})")))?;
            if !is_listening {
                return Err(unusable("does not listen"));
            }
            taken.push((name, socket));
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

/// Whether a socket accepts connections. One that is only bound or connected does not.
#[cfg(not(target_vendor = "apple"))]
fn is_listening(socket: &TcpListener) -> io::Result<bool> {
    Ok(rustix::net::sockopt::socket_acceptconn(socket)?)
}

/// Apple's systems do not tell it.
#[cfg(target_vendor = "apple")]
fn is_listening(_: &TcpListener) -> io::Result<bool> {
    Ok(true)
}

/// How many sockets there are; `given` is `LISTEN_FDS`.
fn count(given: Option<&str>) -> Result<usize, String> {
    let Some(given) = given else {
        return Ok(0);
    };
    let count = given.parse().ok().filter(|count| *count <= NAMES.len());
    count.ok_or_else(|| {
        format!(
            "LISTEN_FDS is `{}`, and must be a number from 0 to {}: one socket for each listener",
            given.escape_debug(),
            NAMES.len()
        )
    })
}

/// Refuses a first descriptor besides the one of `sd_listen_fds(3)`. The crate would add to it.
fn require_first_descriptor(given: Option<&str>) -> Result<(), String> {
    match given {
        None | Some("3") => Ok(()),
        Some(given) => Err(format!(
            "LISTEN_FDS_FIRST_FD is `{}`, but the first inherited socket has to be descriptor 3",
            given.escape_debug()
        )),
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
    fn only_numbers_of_sockets_that_there_are_listeners_for_are_accepted() {
        assert_eq!(count(None), Ok(0));
        for (given, expected) in [("0", 0), ("1", 1), ("3", 3)] {
            assert_eq!(count(Some(given)), Ok(expected));
        }
        for given in [
            "",
            " 1",
            "abc",
            "-1",
            "4",
            "1.0",
            "2000000000",
            "18446744073709551615",
        ] {
            let error = count(Some(given)).unwrap_err();
            assert!(error.contains(&format!("`{given}`")), "{error}");
        }
    }

    #[test]
    fn the_first_socket_has_the_descriptor_of_the_protocol() {
        for (given, is_accepted) in [
            (None, true),
            (Some("3"), true),
            (Some("4"), false),
            (Some("2147483647"), false),
            (Some("x"), false),
        ] {
            let accepted = require_first_descriptor(given);
            assert_eq!(accepted.is_ok(), is_accepted, "{given:?}");
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
