//! A TCP load balancer on loopback that distributes connections round robin. It can be redirected
//! to other servers, as a DNS name that changes, and it can stall, as a network that is cut.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenConnections {
    /// They are closed.
    Close,
    /// They stay open, and no bytes pass.
    Stall,
}

/// The load balancer, which stops when it is dropped.
pub struct TcpRelay {
    pub port: u16,
    servers: Arc<Mutex<ServerList>>,
    open_connections: watch::Sender<OpenConnections>,
}

struct ServerList {
    ports: Vec<u16>,
    next: usize,
}

impl ServerList {
    fn next(&mut self) -> Option<u16> {
        let port = self.ports.get(self.next % self.ports.len().max(1)).copied();
        self.next += 1;
        port
    }
}

impl TcpRelay {
    /// Starts a load balancer for servers on loopback, given by their ports.
    pub async fn start(ports: &[u16]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let servers = Arc::new(Mutex::new(ServerList {
            ports: ports.to_vec(),
            next: 0,
        }));
        let (open_connections, changes) = watch::channel(OpenConnections::Close);
        tokio::spawn(accept(listener, servers.clone(), changes));
        Ok(Self {
            port,
            servers,
            open_connections,
        })
    }

    /// Redirects new connections to other servers, and closes open ones.
    pub fn redirect_to(&self, ports: &[u16]) {
        self.servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ports = ports.to_vec();
        self.open_connections.send_replace(OpenConnections::Close);
    }

    /// Stops copying bytes, and keeps connections open.
    pub fn stall(&self) {
        self.open_connections.send_replace(OpenConnections::Stall);
    }
}

async fn accept(
    listener: TcpListener,
    servers: Arc<Mutex<ServerList>>,
    mut changes: watch::Receiver<OpenConnections>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // The relay was dropped.
            Err(_) = changes.wait_for(|_| false) => return,
        };
        let Ok((client, _)) = accepted else { return };
        let server = servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next();
        tokio::spawn(relay(client, server, changes.clone()));
    }
}

async fn relay(
    mut client: TcpStream,
    server: Option<u16>,
    mut changes: watch::Receiver<OpenConnections>,
) {
    let mut stalled = *changes.borrow_and_update() == OpenConnections::Stall;
    let copying = async {
        let mut server =
            TcpStream::connect((Ipv4Addr::LOCALHOST, server.unwrap_or_default())).await?;
        server.set_nodelay(true)?;
        client.set_nodelay(true)?;
        copy_bidirectional(&mut client, &mut server).await
    };
    // The connection is held until the state changes, also while no bytes pass.
    let mut copying = std::pin::pin!(copying);
    loop {
        tokio::select! {
            _ = &mut copying, if !stalled => return,
            open_connections = changes.changed() => {
                stalled = open_connections.is_ok()
                    && *changes.borrow_and_update() == OpenConnections::Stall;
                if !stalled {
                    return;
                }
            }
        }
    }
}
