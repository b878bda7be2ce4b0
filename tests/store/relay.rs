//! A balancer on loopback that knows nothing of what passes: it sends each connection to the next
//! server of its list. It can be turned to other servers, as a name that moves is, and it can fall
//! silent, as a network that is cut does.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of the connections that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// They end.
    End,
    /// Nothing passes, and nobody is told.
    Silence,
}

/// The balancer; stops when dropped.
pub struct Relay {
    pub port: u16,
    servers: Arc<Mutex<Servers>>,
    word: watch::Sender<Word>,
}

struct Servers {
    ports: Vec<u16>,
    next: usize,
}

impl Servers {
    fn next(&mut self) -> Option<u16> {
        let port = self.ports.get(self.next % self.ports.len().max(1)).copied();
        self.next += 1;
        port
    }
}

impl Relay {
    /// In front of servers on loopback, by their ports.
    pub async fn start(ports: &[u16]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let servers = Arc::new(Mutex::new(Servers {
            ports: ports.to_vec(),
            next: 0,
        }));
        let (word, told) = watch::channel(Word::End);
        tokio::spawn(accept(listener, servers.clone(), told));
        Ok(Self {
            port,
            servers,
            word,
        })
    }

    /// To other servers from now on; connections that are there end.
    pub fn turn_to(&self, ports: &[u16]) {
        self.servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ports = ports.to_vec();
        self.word.send_replace(Word::End);
    }

    /// Nothing passes any more.
    pub fn fall_silent(&self) {
        self.word.send_replace(Word::Silence);
    }
}

async fn accept(
    listener: TcpListener,
    servers: Arc<Mutex<Servers>>,
    mut told: watch::Receiver<Word>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // The balancer was dropped.
            Err(_) = told.wait_for(|_| false) => return,
        };
        let Ok((client, _)) = accepted else { return };
        let server = servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next();
        tokio::spawn(pass(client, server, told.clone()));
    }
}

async fn pass(mut client: TcpStream, server: Option<u16>, mut told: watch::Receiver<Word>) {
    let mut silent = *told.borrow_and_update() == Word::Silence;
    let passing = async {
        let mut server =
            TcpStream::connect((Ipv4Addr::LOCALHOST, server.unwrap_or_default())).await?;
        server.set_nodelay(true)?;
        client.set_nodelay(true)?;
        copy_bidirectional(&mut client, &mut server).await
    };
    // Held until the word is another, also while nothing passes.
    let mut passing = std::pin::pin!(passing);
    loop {
        tokio::select! {
            _ = &mut passing, if !silent => return,
            word = told.changed() => {
                silent = word.is_ok() && *told.borrow_and_update() == Word::Silence;
                if !silent {
                    return;
                }
            }
        }
    }
}
