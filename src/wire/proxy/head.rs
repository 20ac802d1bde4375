//! The head of a CONNECT request (RFC 9110 section 9.3.6): bytes in, the host or a refusal out.
//!
//! It reads strictly, since a proxy and a server that read the same bytes differently can be played
//! off against each other. It knows nothing of sockets, and holds at most one line.
//!
//! ```
//! use lostkey::wire::proxy::Head;
//!
//! let mut head = Head::default();
//! let (taken, verdict) = head.receive(b"CONNECT api.twilio.com:443 HTTP/1.1\r\n\r\nthe first bytes of TLS");
//! assert_eq!((taken, verdict), (39, Some(Ok("api.twilio.com".to_owned()))));
//! ```

use std::net::Ipv6Addr;

use crate::wire::proxy::{Refusal, host};
use crate::wire::token::Token;

/// Longest request line, in octets with its CRLF. A host name has at most 253.
pub const REQUEST_LINE_MAX: usize = 2_048;

/// Longest header field, in octets with its CRLF.
pub const FIELD_MAX: usize = 8_192;

/// The maximum number of header fields.
pub const FIELDS_MAX: usize = 64;

/// Longest host name (RFC 1035 section 2.3.4).
const HOST_MAX: usize = 253;

const NOT_A_METHOD: &str = "it does not begin with a method";
const BARE_LINE_FEED: &str = "a line does not end with CRLF";
const NOT_A_REQUEST_LINE: &str = "the first line is not `CONNECT host:port HTTP/1.1`";
const NOT_AN_AUTHORITY: &str = "the target of CONNECT is not `host:port`";
const NOT_A_FIELD: &str = "a header field is not `name: value`";
const HAS_A_BODY: &str = "CONNECT has no body";

/// The head of a request as it arrives.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// The host of the request line, once that line is complete.
    host: Option<String>,
    /// The number of header fields so far.
    fields: usize,
    /// What the client must show.
    token: Option<Token>,
    /// Whether it has shown it.
    is_admitted: bool,
}

impl Head {
    /// The head of a request that must show this token, if there is one, in Proxy-Authorization.
    pub fn guarded(token: Option<Token>) -> Self {
        Self { token, ..Self::default() }
    }

    /// Takes bytes up to the end of the head or the first mistake. Returns how many it took, and the
    /// host to serve or the refusal; without either it took all and needs more.
    pub fn receive(&mut self, bytes: &[u8]) -> (usize, Option<Result<String, Refusal>>) {
        let mut taken = 0;
        while taken < bytes.len() {
            let rest = &bytes[taken..];
            let line = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            // One octet over the limit is enough to know that the line is too long.
            let room = (self.line_max() + 1).saturating_sub(self.line.len()).max(1);
            let part = line.min(room);
            self.line.extend_from_slice(&rest[..part]);
            taken += part;
            if let Some(verdict) = self.judge() {
                self.line.clear();
                return (taken, Some(verdict));
            }
        }
        (taken, None)
    }

    const fn line_max(&self) -> usize {
        if self.host.is_none() { REQUEST_LINE_MAX } else { FIELD_MAX }
    }

    /// Judges the line so far.
    fn judge(&mut self) -> Option<Result<String, Refusal>> {
        // TLS, or another protocol, may never send a line feed.
        if self.host.is_none() && self.line.first().is_some_and(|first| !first.is_ascii_uppercase()) {
            return Some(Err(Refusal::Garbled(NOT_A_METHOD)));
        }
        if self.line.len() > self.line_max() {
            let what = if self.host.is_none() { "the request line" } else { "a header field" };
            return Some(Err(Refusal::TooLong(what)));
        }
        if self.line.last() != Some(&b'\n') {
            return None;
        }
        let Some(line) = self.line.strip_suffix(b"\r\n") else {
            return Some(Err(Refusal::Garbled(BARE_LINE_FEED)));
        };
        let read = match &self.host {
            None => request_line(line).map(|host| self.host = Some(host)),
            Some(host) if line.is_empty() => {
                let is_admitted = self.token.is_none() || self.is_admitted;
                return Some(if is_admitted { Ok(host.clone()) } else { Err(Refusal::NoToken) });
            }
            Some(_) => field(line).and_then(|()| {
                self.is_admitted |= self.token.as_ref().is_some_and(|token| shows(line, token));
                self.fields += 1;
                if self.fields > FIELDS_MAX {
                    Err(Refusal::TooLong("the number of header fields"))
                } else {
                    Ok(())
                }
            }),
        };
        self.line.clear();
        read.err().map(Err)
    }
}

/// Whether this field shows the token.
fn shows(line: &[u8], token: &Token) -> bool {
    let field = str::from_utf8(line).ok().and_then(|line| line.split_once(':'));
    let value = field.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    value.is_some_and(|(_, value)| token.is_in_basic(value.trim()) || token.is_bearer(value.trim()))
}

/// The host that this request line asks for, if it is served.
fn request_line(line: &[u8]) -> Result<String, Refusal> {
    let line = str::from_utf8(line).ok().filter(|line| line.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let parts: Vec<&str> = line.unwrap_or_default().split(' ').collect();
    let [method, target, "HTTP/1.1" | "HTTP/1.0"] = parts[..] else {
        return Err(Refusal::Garbled(NOT_A_REQUEST_LINE));
    };
    if method.is_empty() || target.is_empty() || !method.bytes().all(is_token) {
        return Err(Refusal::Garbled(NOT_A_REQUEST_LINE));
    }
    if method != "CONNECT" {
        return Err(plain_host(target).map_or(Refusal::NotConnect, Refusal::PlainHttp));
    }
    let (host, port) = authority(target).ok_or(Refusal::Garbled(NOT_AN_AUTHORITY))?;
    match port {
        _ if !host::is_served(&host) && host::is_twilios(&host) => Err(Refusal::NotOffered(host)),
        _ if !host::is_served(&host) => Err(Refusal::OtherHost(host)),
        host::PORT => Ok(host),
        port => Err(Refusal::OtherPort(port)),
    }
}

/// The host of an `http` URL.
fn plain_host(target: &str) -> Option<String> {
    let (scheme, rest) = target.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().filter(|_| scheme.eq_ignore_ascii_case("http"))?;
    let place = authority.rsplit('@').next()?;
    let bare = place.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    host_name(bare.map_or(place, |(host, _)| host))
}

/// The host and port of an authority.
fn authority(target: &str) -> Option<(String, u16)> {
    let (host, port) = target.rsplit_once(':')?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    let port = port.parse().ok().filter(|_| is_port)?;
    Some((host_name(host)?, port))
}

/// A host name or address in lower case.
fn host_name(host: &str) -> Option<String> {
    let is_address = || host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_name = (1..=HOST_MAX).contains(&host.len()) && host.bytes().all(inner);
    (is_name || is_address().is_some()).then(|| host.to_ascii_lowercase())
}

/// Checks a header field, whose content has no meaning to the proxy.
fn field(line: &[u8]) -> Result<(), Refusal> {
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Refusal::Garbled(NOT_A_FIELD))?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_text = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    // A continued line begins with white space, and fails here too (RFC 9112 section 5.2).
    if name.is_empty() || !name.iter().copied().all(is_token) || !value.iter().all(is_text) {
        return Err(Refusal::Garbled(NOT_A_FIELD));
    }
    let is_body = name.eq_ignore_ascii_case(b"transfer-encoding")
        || (name.eq_ignore_ascii_case(b"content-length") && value.trim_ascii() != b"0");
    if is_body { Err(Refusal::Garbled(HAS_A_BODY)) } else { Ok(()) }
}

/// Whether the byte may be part of a method or of a field's name (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The verdict on `input` when it arrives in chunks, and the length of a good head.
    fn judged(input: &[u8], chunk: usize) -> (usize, Option<Result<String, Refusal>>) {
        let mut head = Head::default();
        let mut all = 0;
        for bytes in input.chunks(chunk) {
            let (taken, verdict) = head.receive(bytes);
            all += taken;
            assert!(head.line.len() <= FIELD_MAX + 1);
            match verdict {
                Some(Ok(host)) => return (all, Some(Ok(host))),
                // How much is taken of a bad head depends on how it arrives.
                Some(Err(refusal)) => return (0, Some(Err(refusal))),
                None => {}
            }
            assert_eq!(taken, bytes.len());
        }
        (all, None)
    }

    fn verdict(input: &str) -> Option<Result<String, Refusal>> {
        judged(input.as_bytes(), usize::MAX).1
    }

    #[test]
    fn a_guarded_head_shows_the_token() {
        let token = Token::new("0123456789abcdef").unwrap();
        let judge = |fields: &str| {
            let head = format!("CONNECT api.twilio.com:443 HTTP/1.1\r\n{fields}\r\n");
            Head::guarded(Some(token.clone())).receive(head.as_bytes()).1
        };
        // "x:0123456789abcdef" and "x:0123456789abcdee".
        for (fields, is_good) in [
            ("Proxy-Authorization: Basic eDowMTIzNDU2Nzg5YWJjZGVm\r\n", true),
            ("proxy-authorization:basic eDowMTIzNDU2Nzg5YWJjZGVm\r\nA: b\r\n", true),
            ("Proxy-Authorization: Bearer 0123456789abcdef\r\n", true),
            ("Proxy-Authorization: Basic eDowMTIzNDU2Nzg5YWJjZGVl\r\n", false),
            ("Authorization: Bearer 0123456789abcdef\r\n", false),
            ("", false),
        ] {
            let expected = if is_good { Ok("api.twilio.com".to_owned()) } else { Err(Refusal::NoToken) };
            assert_eq!(judge(fields), Some(expected), "{fields}");
        }
    }

    #[test]
    fn clients_heads_are_understood() {
        for (head, host) in [
            ("CONNECT api.twilio.com:443 HTTP/1.0\r\n\r\n", "api.twilio.com"),
            (
                "CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\
                 User-Agent: Go-http-client/1.1\r\n\r\n",
                "api.twilio.com",
            ),
            ("CONNECT API.Twilio.com:443 HTTP/1.1\r\nProxy-Connection: Keep-Alive\r\n\r\n", "api.twilio.com"),
            (
                "CONNECT verify.dublin.ie1.twilio.com:443 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                "verify.dublin.ie1.twilio.com",
            ),
        ] {
            assert_eq!(verdict(head), Some(Ok(host.to_owned())), "{head}");
        }
    }

    #[test]
    fn bad_heads_are_refused_for_what_is_wrong() {
        let host = |host: &str| Refusal::OtherHost(host.to_owned());
        let offered = |host: &str| Refusal::NotOffered(host.to_owned());
        let plain = |host: &str| Refusal::PlainHttp(host.to_owned());
        let (line, target) = (Refusal::Garbled(NOT_A_REQUEST_LINE), Refusal::Garbled(NOT_AN_AUTHORITY));
        for (head, refusal) in [
            ("\x16\x03\x01\x02", Refusal::Garbled(NOT_A_METHOD)),
            ("\r\nCONNECT api.twilio.com:443 HTTP/1.1\r\n\r\n", Refusal::Garbled(NOT_A_METHOD)),
            ("connect api.twilio.com:443 HTTP/1.1\r\n", Refusal::Garbled(NOT_A_METHOD)),
            ("CONNECT api.twilio.com:443 HTTP/1.1\n", Refusal::Garbled(BARE_LINE_FEED)),
            ("CONNECT\r\n", line.clone()),
            ("CONNECT api.twilio.com:443\r\n", line.clone()),
            ("CONNECT  api.twilio.com:443 HTTP/1.1\r\n", line.clone()),
            ("CONNECT api.twilio.com:443 HTTP/1.1 \r\n", line.clone()),
            ("CONNECT api.twilio.com:443 HTTP/2\r\n", line.clone()),
            ("CONNECT api.twilio.com:443\tHTTP/1.1\r\n", line.clone()),
            ("CONNECT api.twilio.com:443\r HTTP/1.1\r\n", line.clone()),
            ("CONNECT api.twílio.com:443 HTTP/1.1\r\n", line.clone()),
            ("C(O)NNECT api.twilio.com:443 HTTP/1.1\r\n", line),
            ("CONNECT api.twilio.com HTTP/1.1\r\n", target.clone()),
            ("CONNECT api.twilio.com: HTTP/1.1\r\n", target.clone()),
            ("CONNECT :443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT api.twilio.com:0443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT api.twilio.com:+443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT api.twilio.com:65536 HTTP/1.1\r\n", target.clone()),
            ("CONNECT a@api.twilio.com:443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT https://api.twilio.com:443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT [::g]:443 HTTP/1.1\r\n", target.clone()),
            ("CONNECT ::1:443 HTTP/1.1\r\n", target),
            ("CONNECT api.twilio.com:80 HTTP/1.1\r\n", Refusal::OtherPort(80)),
            ("CONNECT pypi.org:443 HTTP/1.1\r\n", host("pypi.org")),
            ("CONNECT Lookups.twilio.com:443 HTTP/1.1\r\n", offered("lookups.twilio.com")),
            ("CONNECT events.ie1.twilio.com:80 HTTP/1.1\r\n", offered("events.ie1.twilio.com")),
            ("CONNECT api.twilio.com.:443 HTTP/1.1\r\n", host("api.twilio.com.")),
            ("CONNECT [::1]:443 HTTP/1.1\r\n", host("[::1]")),
            ("GET http://app.test/ HTTP/1.1\r\n", plain("app.test")),
            ("POST http://u:p@App.test:5000?q=1 HTTP/1.1\r\n", plain("app.test")),
            ("GET HTTP://[::1]:80/ HTTP/1.1\r\n", plain("[::1]")),
            ("GET http://\"/ HTTP/1.1\r\n", Refusal::NotConnect),
            ("GET https://api.twilio.com/ HTTP/1.1\r\n", Refusal::NotConnect),
            ("GET / HTTP/1.1\r\n", Refusal::NotConnect),
            ("OPTIONS * HTTP/1.1\r\n", Refusal::NotConnect),
        ] {
            assert_eq!(verdict(head), Some(Err(refusal)), "{head:?}");
        }
    }

    #[test]
    fn bad_header_fields_are_refused() {
        for (fields, why) in [
            ("Host\r\n", NOT_A_FIELD),
            (": a\r\n", NOT_A_FIELD),
            ("Host : a\r\n", NOT_A_FIELD),
            ("A: b\r\n continued\r\n", NOT_A_FIELD),
            ("A: b\0\r\n", NOT_A_FIELD),
            ("A: b\rc\r\n", NOT_A_FIELD),
            ("A: b\n", BARE_LINE_FEED),
            ("A: b\r\n\n", BARE_LINE_FEED),
            ("Content-Length: 5\r\n", HAS_A_BODY),
            ("transfer-encoding: chunked\r\n", HAS_A_BODY),
        ] {
            let head = format!("CONNECT api.twilio.com:443 HTTP/1.1\r\n{fields}");
            assert_eq!(verdict(&head), Some(Err(Refusal::Garbled(why))), "{fields:?}");
        }
    }

    #[test]
    fn limits_hold_to_the_octet() {
        let fits = |text: &str| matches!(verdict(text), None | Some(Err(Refusal::NotConnect) | Ok(_)));
        let line = |len: usize| format!("GET /{} HTTP/1.1\r\n", "a".repeat(len - 16));
        assert!(fits(&line(REQUEST_LINE_MAX)));
        assert!(!fits(&line(REQUEST_LINE_MAX + 1)));
        let head = "CONNECT api.twilio.com:443 HTTP/1.1\r\n";
        let field = |len: usize| format!("{head}A: {}\r\n", "b".repeat(len - 5));
        assert!(fits(&field(FIELD_MAX)));
        assert!(!fits(&field(FIELD_MAX + 1)));
        let fields = |count: usize| format!("{head}{}\r\n", "A: b\r\n".repeat(count));
        assert!(fits(&fields(FIELDS_MAX)));
        assert!(!fits(&fields(FIELDS_MAX + 1)));
        let endless = Head::default().receive(&[b'A'; 100_000]);
        assert_eq!(endless, (REQUEST_LINE_MAX + 1, Some(Err(Refusal::TooLong("the request line")))));
    }

    #[test]
    fn bytes_after_the_head_are_left() {
        let input = b"CONNECT api.twilio.com:443 HTTP/1.1\r\nA: b\r\n\r\n\x16\x03\x01";
        for chunk in [1, 2, 7, 1_000] {
            assert_eq!(judged(input, chunk), (input.len() - 3, Some(Ok("api.twilio.com".to_owned()))));
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(input in prop::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..20) {
            prop_assert_eq!(judged(&input, chunk), judged(&input, 300));
        }

        #[test]
        fn a_verdict_does_not_depend_on_how_bytes_arrive(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "CONNECT", " ", "api.twilio.com:443", "HTTP/1.1", "\r\n", "\n", "\r", "Host: a", ":", "\0",
                    "CONNECT api.twilio.com:443 HTTP/1.1\r\n", "é",
                ]),
                0..12,
            ),
            chunk in 1_usize..9,
        ) {
            let input = parts.concat();
            prop_assert_eq!(judged(input.as_bytes(), chunk), judged(input.as_bytes(), 1_000));
        }
    }
}
