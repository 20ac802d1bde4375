//! The support desk's HTTP API: the service submits tickets, and the desk requests MFA resets.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use reqwest::Client;

use crate::message::{Answer, ResetReply, ResetRequest, TicketForm, TicketReply};
use crate::story::Story;
use crate::wire::descriptors::TooFew;
use crate::wire::door::Door;
use crate::wire::form::{FORM_MAX, Form};
use crate::wire::http_client::{REAL_TIMEOUT, direct_client};
use crate::wire::reference::server::{deliver, hang_up, plain};
use crate::wire::reference::{fields, paths};
use crate::world::Delivery;

/// Path for submitting tickets.
const TICKETS: &str = "/api/tickets";

/// The desk's routes.
pub fn router(door: Arc<Door>) -> Router {
    Router::new().route(TICKETS, post(ticket)).layer(DefaultBodyLimit::max(FORM_MAX)).with_state(door)
}

async fn ticket(State(door): State<Arc<Door>>, body: Bytes) -> Response {
    let story = Arc::clone(door.world().story());
    let form = fields::read_ticket(&Form::read(&body), &story);
    match deliver(&door, Delivery::Ticket(form)) {
        Some(Answer::Ticket(TicketReply::Taken)) => plain(StatusCode::CREATED, "taken"),
        Some(Answer::Ticket(TicketReply::Failed)) => plain(StatusCode::SERVICE_UNAVAILABLE, "try again"),
        Some(_) | None => hang_up(),
    }
}

/// Clients for both directions: service to desk, and desk to service.
#[derive(Debug)]
pub struct DeskClient {
    client: Client,
    desk: SocketAddr,
    story: Arc<Story>,
}

impl DeskClient {
    /// Creates clients for the desk at `desk` and the service at `console`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn new(desk: SocketAddr, console: SocketAddr, story: Arc<Story>) -> reqwest::Result<Self> {
        let client = direct_client(REAL_TIMEOUT).resolve(paths::HOST, console).build()?;
        Ok(Self { client, desk, story })
    }

    /// Submits a ticket; `None` if no answer arrives.
    ///
    /// # Errors
    /// [`TooFew`] if the process may not open another socket.
    pub async fn hand_in(&self, ticket: &TicketForm) -> Result<Option<TicketReply>, TooFew> {
        let form = fields::write_ticket(ticket, &self.story);
        let status = self.post(&format!("http://{}{TICKETS}", self.desk), &form, None).await?;
        let reply = |status| {
            if status == StatusCode::CREATED { TicketReply::Taken } else { TicketReply::Failed }
        };
        Ok(status.map(reply))
    }

    /// Requests an MFA reset from the service; `None` if no answer arrives.
    ///
    /// # Errors
    /// [`TooFew`] if the process may not open another socket.
    pub async fn reset(&self, request: &ResetRequest) -> Result<Option<ResetReply>, TooFew> {
        let mut form = Form::new()
            .with("ticket", request.ticket.0.to_string())
            .with("account-number", format!("{:012}", request.account_number))
            .with("problem", request.problem.label());
        if let Some(password) = request.password {
            form = form.with("password", fields::password_text(password, &self.story));
        }
        let url = format!("{}{}", paths::ORIGIN, paths::RESET);
        let credential = match request.credential {
            crate::message::Authenticity::Valid => Some(paths::DESK_CREDENTIAL),
            crate::message::Authenticity::Wrong => Some("a credential made up"),
            crate::message::Authenticity::Missing => None,
        };
        let status = self.post(&url, &form, credential).await?;
        Ok(status.map(|status| match status.as_u16() {
            200..=299 => ResetReply::Done,
            404 => ResetReply::Unknown,
            _ => ResetReply::Refused,
        }))
    }

    async fn post(
        &self,
        url: &str,
        form: &Form,
        credential: Option<&str>,
    ) -> Result<Option<StatusCode>, TooFew> {
        let kind = "application/x-www-form-urlencoded";
        let mut request = self.client.post(url).header(header::CONTENT_TYPE, kind).body(form.body());
        if let Some(credential) = credential {
            request = request.bearer_auth(credential);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return TooFew::of(&error).map_or(Ok(None), Err),
        };
        let status = response.status();
        // Read the whole body, so that a connection cut half-way counts as a lost answer.
        Ok(response.bytes().await.is_ok().then_some(status))
    }
}
