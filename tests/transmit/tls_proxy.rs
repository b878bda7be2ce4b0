//! Between client and stub: certificates, a server that ends TLS, one that speaks HTTP/2, and a
//! proxy.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Response, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};

/// Somebody who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// What a server shows, and proves to be its own.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    pub pem: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for a name, valid from the first of January of one year to that of another.
    pub fn certify(&self, name: &str, from: i32, to: i32) -> Identity {
        let (params, key) = request(name, from, to);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            pem: certificate.pem(),
        }
    }

    /// A file that holds its own certificate.
    pub fn file(&self) -> NamedTempFile {
        pem_file(&self.pem)
    }
}

impl Identity {
    /// A certificate that nobody else signed.
    pub fn self_signed(name: &str) -> Self {
        let (params, key) = request(name, 2020, 2100);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            pem: certificate.pem(),
        }
    }
}

fn request(name: &str, from: i32, to: i32) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    (params, KeyPair::generate().unwrap())
}

pub fn pem_file(pem: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    file
}

/// A server of ours; it ends when dropped.
pub struct Server {
    pub port: u16,
    /// Connections whose handshake succeeded.
    pub connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start<F>(serve: impl Fn(TcpStream, Arc<AtomicUsize>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, connections) = (
            listener.local_addr().unwrap().port(),
            Arc::new(AtomicUsize::new(0)),
        );
        let counted = connections.clone();
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream, counted.clone()));
            }
        });
        Self {
            port,
            connections,
            task,
        }
    }

    /// Ends TLS and passes everything on to `behind`, an address.
    pub async fn ends_tls(
        identity: &Identity,
        versions: &[&'static SupportedProtocolVersion],
        behind: &str,
    ) -> Self {
        let (acceptor, behind) = (
            acceptor(identity, versions, &[b"http/1.1"]),
            behind.to_owned(),
        );
        Self::start(move |stream, connections| {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                connections.fetch_add(1, Ordering::SeqCst);
                let mut behind = TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut behind).await;
            }
        })
        .await
    }

    /// Speaks HTTP/2 over TLS, and answers as `answer` says.
    pub async fn http2(
        identity: &Identity,
        answer: impl FnMut(&str) -> Frames + Send + 'static,
    ) -> Self {
        let acceptor = acceptor(identity, tokio_rustls::rustls::ALL_VERSIONS, &[b"h2"]);
        let answer = Arc::new(Mutex::new(answer));
        Self::start(move |stream, connections| {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            async move {
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                connections.fetch_add(1, Ordering::SeqCst);
                speak_http2(stream, move |path| (answer.lock().unwrap())(path)).await;
            }
        })
        .await
    }

    /// A proxy that opens tunnels for those who bring this `Proxy-Authorization`; `heard` gets what
    /// it was asked and told.
    pub async fn proxy(authorization: Option<&'static str>, heard: Arc<Mutex<Vec<u8>>>) -> Self {
        Self::start(move |mut stream, connections| {
            let heard = heard.clone();
            async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                heard.lock().unwrap().extend_from_slice(&head);
                let text = String::from_utf8(head).unwrap();
                let shown = text.lines().find_map(|line| {
                    line.split_once(": ")
                        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
                });
                if shown.map(|(_, value)| value) != authorization {
                    let _ = stream
                        .write_all(b"HTTP/1.1 407 Who are you?\r\ncontent-length: 0\r\n\r\n")
                        .await;
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let target = text
                    .strip_prefix("CONNECT ")
                    .unwrap()
                    .split(' ')
                    .next()
                    .unwrap();
                let behind = TcpStream::connect(target).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                overhear(stream, behind, heard).await;
            }
        })
        .await
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&[u8]],
) -> TlsAcceptor {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.clone()));
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth();
    let mut config = builder
        .with_single_cert(identity.chain.clone(), key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// What is done with a request over HTTP/2.
pub enum Frames {
    /// A JSON answer.
    Answer(u16, String),
    /// `RST_STREAM`.
    Reset(h2::Reason),
    /// `GOAWAY` in the middle of the request, and the connection closes.
    GoAway,
    /// An answer, and `GOAWAY` behind it: no further request is taken on this connection.
    LastAnswer(String),
}

async fn speak_http2(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut answer: impl FnMut(&str) -> Frames,
) {
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let reply = |respond: &mut h2::server::SendResponse<Bytes>, status: u16, body: String| {
            let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
            let response = response
                .header("content-type", "application/json")
                .body(())
                .unwrap();
            let mut body_stream = respond.send_response(response, false).unwrap();
            body_stream.send_data(body.into(), true).unwrap();
        };
        match answer(request.uri().path()) {
            Frames::Answer(status, body) => reply(&mut respond, status, body),
            Frames::Reset(reason) => respond.send_reset(reason),
            Frames::GoAway => connection.abrupt_shutdown(h2::Reason::NO_ERROR),
            Frames::LastAnswer(body) => {
                reply(&mut respond, 200, body);
                connection.graceful_shutdown();
            }
        }
    }
}

/// Passes bytes both ways and notes those of the client.
async fn overhear(client: TcpStream, behind: TcpStream, heard: Arc<Mutex<Vec<u8>>>) {
    let ((mut from, mut back), (mut answers, mut to)) = (client.into_split(), behind.into_split());
    let up = async {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            heard.lock().unwrap().extend_from_slice(&buffer[..length]);
            if to.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = up => {}, _ = tokio::io::copy(&mut answers, &mut back) => {} }
}
