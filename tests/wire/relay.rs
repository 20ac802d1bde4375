//! A TCP relay that records the traffic, and can alter it or drop the connection.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Maps the bytes that a client sends to the bytes to forward; `None` drops the connection.
type Change = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send;

/// A relay in front of one server.
pub(crate) struct Relay {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
    answers: Arc<Mutex<Vec<u8>>>,
    _task: JoinSet<()>,
}

impl Relay {
    /// Relays to `server`; `change` is applied to each chunk from clients.
    pub(crate) async fn start(
        server: SocketAddr,
        change: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let change: Arc<Mutex<Box<Change>>> = Arc::new(Mutex::new(Box::new(change)));
        let mut task = JoinSet::new();
        let logs = (Arc::clone(&seen), Arc::clone(&answers));
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(relay(client, server, logs.clone(), Arc::clone(&change)));
            }
        });
        Self { address, seen, answers, _task: task }
    }

    /// The relay's address.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The bytes that clients have sent, as text.
    pub(crate) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    /// The bytes that the server has sent, as text.
    pub(crate) fn answers(&self) -> String {
        String::from_utf8_lossy(&self.answers.lock().unwrap()).into_owned()
    }
}

/// The recorded bytes of clients and of the server.
type Logs = (Arc<Mutex<Vec<u8>>>, Arc<Mutex<Vec<u8>>>);

async fn relay(
    mut client: TcpStream,
    server: SocketAddr,
    (seen, answers): Logs,
    change: Arc<Mutex<Box<Change>>>,
) {
    // If the server is down, drop the client's connection.
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            biased;
            read = server.read(&mut from_server) => match read {
                Ok(count) if count > 0 => {
                    answers.lock().unwrap().extend_from_slice(&from_server[..count]);
                    if client.write_all(&from_server[..count]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
            read = client.read(&mut from_client) => match read {
                Ok(count) if count > 0 => {
                    seen.lock().unwrap().extend_from_slice(&from_client[..count]);
                    let changed = (change.lock().unwrap())(&from_client[..count]);
                    let Some(bytes) = changed else { return };
                    if server.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}
