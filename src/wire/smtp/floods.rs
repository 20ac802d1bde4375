//! Tests with bulk and malformed input: replies in order, few writes, bounded memory.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

use crate::wire::smtp::testing::{Shelf, codes, run};
use crate::wire::smtp::{Limits, Session, Settings, converse};

/// A pipe that counts writes.
struct Counting(DuplexStream, Arc<AtomicUsize>);

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[test]
fn what_comes_together_is_answered_together() {
    let writes = Arc::new(AtomicUsize::new(0));
    let settings = Settings::default();
    let session = Session::new(1, &settings, Shelf::default());
    run(async {
        let (mut ours, theirs) = tokio::io::duplex(1 << 20);
        // RFC 2920 section 3.1: a client may send all of these without waiting, up to DATA and
        // after the dot.
        let batch = "EHLO a.test\r\nMAIL FROM:<ana@a.test>\r\nRCPT TO:<ben@b.test>\r\n\
                     RCPT TO:<550@rcpt.test>\r\nDATA\r\nHi\r\n.\r\nNOOP\r\n";
        ours.write_all(batch.as_bytes()).await.unwrap();
        ours.shutdown().await.unwrap();
        converse(Counting(theirs, Arc::clone(&writes)), session, settings.limits.idle).await;
        let mut replies = String::new();
        ours.read_to_string(&mut replies).await.unwrap();
        assert_eq!(codes(&replies), [220, 250, 250, 250, 550, 354, 250, 250], "{replies}");
    });
    assert_eq!(writes.load(Ordering::Relaxed), 2, "the greeting, and all the rest");
}

#[test]
fn a_session_that_is_over_holds_nothing_more() {
    let mut session = Session::new(1, &Settings::default(), Shelf::default());
    let mut out = Vec::new();
    session.receive(b"HELO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<ben@b.test>\r\nQUIT\r\nNOOP\r\n");
    while session.poll_step(&mut out).is_some() {}
    session.receive(b"NOOP\r\n");
    assert_eq!(session.poll_step(&mut out), None);
    assert_eq!(session.held(), 0);
    assert!(out.ends_with(b"221 2.0.0 goodbye\r\n"));
}

/// Fragments of sessions, to be concatenated in any order.
fn any_piece() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<Vec<u8>> = [
        "EHLO a.test\r\n",
        "MAIL FROM:<>\r\n",
        "MAIL FROM:<ana@a.test> SIZE=10 BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<ben@b.test>\r\n",
        "RCPT TO:<450@rcpt.test>\r\n",
        "RCPT TO:<554@b.test>\r\n",
        "DATA\r\n",
        "DATA\n",
        "\r\n.\r\n",
        ".\r\n",
        "\n.\r\n",
        "..\r\n",
        "RSET\r\n",
        "HELP\r\n",
        "\r",
        "\n",
        "RCPT TO:<\"",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]
    .map(|piece| piece.as_bytes().to_vec())
    .to_vec();
    prop_oneof![4 => prop::sample::select(pieces), 1 => prop::collection::vec(any::<u8>(), 0..30)]
}

proptest! {
    #[test]
    fn whatever_comes_is_answered_and_never_hoarded(
        pieces in prop::collection::vec(any_piece(), 0..200),
        chunk in 1_usize..200,
    ) {
        let mut settings = Settings::default();
        let small = Limits { command_line: 100, text_line: 200, message: 500, ..settings.limits };
        settings.limits = Limits { recipients: 5, ..small };
        let shelf = Shelf::default();
        let mut session = Session::new(1, &settings, shelf.clone());
        let bytes = pieces.concat();
        let mut out = Vec::new();
        for piece in bytes.chunks(chunk) {
            session.receive(piece);
            while session.poll_step(&mut out).is_some() {}
            let held = session.held();
            prop_assert!(held <= 200 + chunk + 500 + 5 * 100, "{held} bytes held");
        }
        let text = String::from_utf8(out).unwrap();
        prop_assert!(text.is_empty() || text.ends_with("\r\n"));
        for line in text.lines() {
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            prop_assert!(code.is_some_and(|code| (200..600).contains(&code)), "{line:?}");
        }
        for mail in shelf.mails() {
            prop_assert!(mail.raw.len() <= 500);
            prop_assert!((1..=5).contains(&mail.envelope.to.len()));
        }
    }

    #[test]
    fn replies_do_not_depend_on_how_bytes_arrive(
        pieces in prop::collection::vec(any_piece(), 0..60),
        chunk in 1_usize..50,
    ) {
        let bytes = pieces.concat();
        let replies = |chunk: usize| {
            let mut session = Session::new(1, &Settings::default(), Shelf::default());
            let mut out = Vec::new();
            for piece in bytes.chunks(chunk) {
                session.receive(piece);
                while session.poll_step(&mut out).is_some() {}
            }
            out
        };
        prop_assert_eq!(replies(chunk), replies(bytes.len().max(1)));
    }
}
