//! The voice provider of the reference stages, served by wiremock, so that Rust users can mount their own
//! mocks in front.
//!
//! Closing a connection without an answer takes two mocks in wiremock: one matches the requests to close
//! and fails, the other answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::wire::door::Door;
use crate::wire::twilio::accounts::Accounts;
use crate::wire::twilio::rest::{RestRequest, RestResponse, respond};

/// Lowest precedence, so that a user's mock with any other priority is tried first.
const LAST: u8 = u8::MAX;

/// The provider's server.
#[derive(Debug)]
pub struct VoiceApi {
    server: MockServer,
}

impl VoiceApi {
    /// Starts the provider on a free loopback port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(door: Arc<Door>, accounts: Arc<Accounts>) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let server = MockServer::builder().listener(listener).disable_request_recording().start().await;
        let answer = Arc::new(Mutex::new(None));
        let asked = Asked { door, accounts, answer: Arc::clone(&answer) };
        let closes = |_: &Request| io::Error::from(io::ErrorKind::ConnectionAborted);
        Mock::given(asked).respond_with_err(closes).with_priority(LAST - 1).mount(&server).await;
        Mock::given(matchers::any())
            .respond_with(Answered { answer })
            .with_priority(LAST)
            .mount(&server)
            .await;
        Ok(Self { server })
    }

    /// The provider's address.
    pub fn address(&self) -> SocketAddr {
        *self.server.address()
    }

    /// The server, for mounting mocks in front of the built-in ones.
    pub const fn server(&self) -> &MockServer {
        &self.server
    }
}

/// Computes the answer, and matches if the connection must be closed.
struct Asked {
    door: Arc<Door>,
    accounts: Arc<Accounts>,
    answer: Arc<Mutex<Option<RestResponse>>>,
}

impl Match for Asked {
    fn matches(&self, request: &Request) -> bool {
        let authorization = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        let seen = RestRequest {
            method: request.method.as_str(),
            path: request.url.path(),
            query: request.url.query().unwrap_or_default(),
            authorization,
            body: &request.body,
        };
        let response = respond(&self.door, &self.accounts, &seen);
        let closes = response.is_none();
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = response;
        closes
    }
}

/// Returns the computed answer.
struct Answered {
    answer: Arc<Mutex<Option<RestResponse>>>,
}

impl Respond for Answered {
    fn respond(&self, _request: &Request) -> ResponseTemplate {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(RestResponse { status, body, .. }) = answer else { return ResponseTemplate::new(500) };
        let template = ResponseTemplate::new(status);
        match body {
            Some(body) => template.set_body_json(body),
            None => template,
        }
    }
}
