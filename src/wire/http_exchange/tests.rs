//! The client against scripted servers.

use std::future::pending;
use std::time::Duration;

use axum::http::header;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;

const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A server of scripted connections; tells when it has closed one.
struct Scripted {
    peer: Peer,
    closed: mpsc::UnboundedReceiver<()>,
    _server: JoinSet<()>,
}

/// Answers the requests of each connection by its script, and closes it after the last one.
async fn scripted(connections: &[&'static [&'static str]]) -> Scripted {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = Peer::At(listener.local_addr().unwrap());
    let (closes, closed) = mpsc::unbounded_channel();
    let mut server = JoinSet::new();
    let connections = connections.to_vec();
    server.spawn(async move {
        for answers in connections {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            drop(stream);
            closes.send(()).unwrap();
        }
        drop(listener);
        pending::<()>().await;
    });
    Scripted { peer, closed, _server: server }
}

fn get() -> Request<Full<Bytes>> {
    let request = Request::get("/x").header(header::HOST, "app.test");
    request.body(Full::new(Bytes::new())).unwrap()
}

/// Sends a request; returns status and body.
async fn ask(client: &HttpExchange, peer: &Peer) -> Result<(u16, String), NotAnswered> {
    let sent = timeout(Duration::from_secs(30), client.send(peer, get(), 100)).await.unwrap();
    sent.map(|answered| (answered.status.as_u16(), String::from_utf8(answered.body).unwrap()))
}

#[tokio::test]
async fn each_request_has_its_connection_unless_they_are_kept() {
    let server = scripted(&[&[HELLO], &[EMPTY]]).await;
    let closing = HttpExchange::new(false);
    assert_eq!(ask(&closing, &server.peer).await, Ok((200, "hello".to_owned())));
    assert_eq!(ask(&closing, &server.peer).await, Ok((204, String::new())));
    assert!(closing.idle().is_empty());

    let server = scripted(&[&[HELLO, EMPTY, HELLO]]).await;
    let keeping = HttpExchange::new(true);
    for (http, body) in [(200, "hello"), (204, ""), (200, "hello")] {
        assert_eq!(ask(&keeping, &server.peer).await, Ok((http, body.to_owned())));
    }
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_replaced() {
    let mut server = scripted(&[&[HELLO], &[EMPTY]]).await;
    let client = HttpExchange::new(true);
    assert_eq!(ask(&client, &server.peer).await, Ok((200, "hello".to_owned())));
    server.closed.recv().await.unwrap();
    assert_eq!(ask(&client, &server.peer).await, Ok((204, String::new())));
}

#[tokio::test]
async fn an_answer_ends_where_it_says_or_with_its_connection() {
    const CHUNKED: &str =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
    const BY_CLOSE: &str = "HTTP/1.0 200 OK\r\n\r\nhello";
    for answer in [&[CHUNKED], &[BY_CLOSE]] as [&'static [&'static str]; 2] {
        let server = scripted(&[answer]).await;
        let client = HttpExchange::new(true);
        assert_eq!(ask(&client, &server.peer).await, Ok((200, "hello".to_owned())));
    }
}

#[tokio::test]
async fn a_long_answer_is_not_read_to_its_end() {
    const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n\
        0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789!";
    let server = scripted(&[&[LONG], &[HELLO]]).await;
    let client = HttpExchange::new(true);
    let (http, body) = ask(&client, &server.peer).await.unwrap();
    assert!(http == 200 && body.ends_with("9!"), "{body}");
    // The rest of the answer is not taken for the next one.
    assert!(client.idle().is_empty());
    assert_eq!(ask(&client, &server.peer).await, Ok((200, "hello".to_owned())));
}

#[tokio::test]
async fn no_answer_is_told_from_no_connection() {
    const CUT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    for answer in [&[""], &["SSH-2.0-OpenSSH_9.9\r\n"], &[CUT]] as [&'static [&'static str]; 3] {
        let server = scripted(&[answer]).await;
        assert_eq!(ask(&HttpExchange::new(false), &server.peer).await, Err(NotAnswered::Cut), "{answer:?}");
    }
    let mut server = scripted(&[&[]]).await;
    assert_eq!(ask(&HttpExchange::new(false), &server.peer).await, Err(NotAnswered::Cut));
    server.closed.recv().await.unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = Peer::At(nobody.local_addr().unwrap());
    drop(nobody);
    assert_eq!(ask(&HttpExchange::new(false), &peer).await, Err(NotAnswered::NotConnected));
    let unknown = Peer::Named("nobody.invalid".into(), 80);
    assert_eq!(ask(&HttpExchange::new(false), &unknown).await, Err(NotAnswered::NotConnected));
}

#[tokio::test]
async fn idle_connections_have_a_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = Peer::At(listener.local_addr().unwrap());
    let client = HttpExchange::new(true);
    for _ in 0..=IDLE_MAX {
        let stream = connect(&peer).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        client.keep(&peer, Some(Line { sender, connection: Box::new(connection) }));
        listener.accept().await.unwrap();
    }
    assert_eq!(client.idle().len(), IDLE_MAX);
}
