//! Why the proxy serves a request no tunnel, and the answer that says so.
//!
//! Clients hide the body of such an answer and show its reason phrase (`Tunnel connection failed:
//! 403 …` in Python), so the phrase already says what to do.

use crate::wire::proxy::host;

/// Why a request gets no tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are not the head of a request; the text says why.
    Garbled(&'static str),
    /// A line is too long, or there are too many header fields; the text says which.
    TooLong(&'static str),
    /// The head did not arrive in time.
    Slow,
    /// The request is for this host by plain HTTP, without TLS.
    PlainHttp(String),
    /// The request is not CONNECT: it takes the proxy for a web site, or asks it to begin TLS itself.
    NotConnect,
    /// The host is not one that the proxy serves.
    OtherHost(String),
    /// The host is one of Twilio's whose requests lostkey does not answer.
    NotOffered(String),
    /// The host is served, but not at this port.
    OtherPort(u16),
    /// The request does not show the token of the server.
    NoToken,
    /// Too many connections are open.
    Busy,
    /// The server that answers for the hosts does not accept a connection.
    Unavailable,
}

impl Refusal {
    /// The status code of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Garbled(_) | Self::NotConnect => 400,
            Self::TooLong(_) => 431,
            Self::Slow => 408,
            Self::PlainHttp(_) | Self::OtherHost(_) | Self::NotOffered(_) | Self::OtherPort(_) => 403,
            Self::NoToken => 407,
            Self::Busy => 503,
            Self::Unavailable => 502,
        }
    }

    /// The reason phrase of the answer.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Garbled(why) => format!("Bad request: {why}"),
            Self::TooLong(what) => format!("Too large: {what}"),
            Self::Slow => "The request took too long to arrive".to_owned(),
            Self::PlainHttp(host) => {
                format!("lostkey's proxy serves HTTPS only; add {host} to NO_PROXY")
            }
            Self::NotConnect => "lostkey's proxy serves CONNECT only".to_owned(),
            Self::OtherHost(host) => {
                format!("lostkey's proxy serves Twilio's hosts only; add {host} to NO_PROXY")
            }
            Self::NotOffered(host) => {
                format!("lostkey does not offer {host}, but {}", host::plain().join(" and "))
            }
            Self::OtherPort(port) => format!("lostkey's proxy serves port 443 only, not {port}"),
            Self::NoToken => {
                "lostkey's proxy needs the token: HTTPS_PROXY=http://lostkey:TOKEN@host:port".to_owned()
            }
            Self::Busy => "Too many connections; try again later".to_owned(),
            Self::Unavailable => "lostkey's REST server does not accept a connection".to_owned(),
        }
    }

    /// The whole answer.
    #[must_use]
    pub fn response(&self) -> String {
        let (status, reason, body) = (self.status(), self.reason(), self.body());
        // Java's clients show credentials only when they are asked for them.
        let challenge = match self {
            Self::NoToken => "Proxy-Authenticate: Basic realm=\"lostkey\"\r\n",
            _ => "",
        };
        format!(
            "HTTP/1.1 {status} {reason}\r\n{challenge}Content-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    fn body(&self) -> String {
        let products = host::plain().join(", ");
        let help = match self {
            Self::PlainHttp(host) | Self::OtherHost(host) => {
                format!("To reach {host} without this proxy, add it to the environment variable NO_PROXY.\n")
            }
            Self::NotOffered(host) => format!(
                "Nothing here answers requests to {host}; without this proxy they reach the real Twilio.\n"
            ),
            Self::NotConnect => {
                "A client that uses an HTTPS proxy sends CONNECT, and then begins TLS with the host.\n"
                    .to_owned()
            }
            Self::Garbled(_)
            | Self::TooLong(_)
            | Self::Slow
            | Self::OtherPort(_)
            | Self::NoToken
            | Self::Busy
            | Self::Unavailable => String::new(),
        };
        format!(
            "{}.\n{help}This proxy serves {products}, each also with an edge and a region \
             (api.dublin.ie1.twilio.com), by CONNECT to port {}.\n",
            self.reason(),
            host::PORT
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_served_and_how_to_exempt_others() {
        let response = Refusal::OtherHost("hooks.example.com".to_owned()).response();
        insta::assert_snapshot!(response.replace('\r', ""), @r#"
        HTTP/1.1 403 lostkey's proxy serves Twilio's hosts only; add hooks.example.com to NO_PROXY
        Content-Type: text/plain; charset=utf-8
        Content-Length: 313
        Connection: close

        lostkey's proxy serves Twilio's hosts only; add hooks.example.com to NO_PROXY.
        To reach hooks.example.com without this proxy, add it to the environment variable NO_PROXY.
        This proxy serves api.twilio.com, verify.twilio.com, each also with an edge and a region (api.dublin.ie1.twilio.com), by CONNECT to port 443.
        "#);
    }

    #[test]
    fn a_refusal_of_another_host_of_twilios_says_what_is_offered() {
        let response = Refusal::NotOffered("lookups.twilio.com".to_owned()).response();
        insta::assert_snapshot!(response.replace('\r', ""), @r"
        HTTP/1.1 403 lostkey does not offer lookups.twilio.com, but api.twilio.com and verify.twilio.com
        Content-Type: text/plain; charset=utf-8
        Content-Length: 327
        Connection: close

        lostkey does not offer lookups.twilio.com, but api.twilio.com and verify.twilio.com.
        Nothing here answers requests to lookups.twilio.com; without this proxy they reach the real Twilio.
        This proxy serves api.twilio.com, verify.twilio.com, each also with an edge and a region (api.dublin.ie1.twilio.com), by CONNECT to port 443.
        ");
    }

    #[test]
    fn an_answer_is_a_head_and_as_many_bytes_as_it_says() {
        for refusal in [
            Refusal::Garbled("no method"),
            Refusal::TooLong("the request line"),
            Refusal::Slow,
            Refusal::PlainHttp("a.test".to_owned()),
            Refusal::NotConnect,
            Refusal::OtherHost("a.test".to_owned()),
            Refusal::NotOffered("lookups.twilio.com".to_owned()),
            Refusal::OtherPort(80),
            Refusal::NoToken,
            Refusal::Busy,
            Refusal::Unavailable,
        ] {
            let response = refusal.response();
            let (head, body) = response.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {} ", refusal.status())), "{head}");
            assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
            assert!(body.contains("api.twilio.com, verify.twilio.com"), "{body}");
        }
    }
}
