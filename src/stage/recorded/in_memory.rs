//! A replay in memory: what the app sent is handed to the providers without sockets.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tower::ServiceExt;

use crate::base::id::CrossingId;
use crate::message::{Answer, Crossing};
use crate::stage::memory::Jar;
use crate::stage::recorded::{Shared, mail};
use crate::story::{AppMail, AppReply, OrderBody, PageVisit, RestOrder};
use crate::wire::form::Form;
use crate::wire::reference::visits::Cookies;
use crate::wire::twilio::{answers, recorded, server, verify};
use crate::world::{Delivery, NO_ANSWER, Origin};

/// The account of a recording that names none.
const ACCOUNT: &str = "AC00000000000000000000000000000002";

/// The parts of the wire that need no socket.
pub(super) struct InMemory {
    shared: Shared,
    rest: Router,
    jar: Jar,
    cookies: Cookies,
}

/// The provider's REST API.
pub(super) fn rest(shared: &Shared) -> Router {
    let (door, accounts) = (&shared.door, &shared.accounts);
    let sends_mail = Some(Arc::clone(&shared.mailbox));
    server::router_of_replay(Arc::clone(door), Arc::clone(accounts)).merge(verify::router(
        Arc::clone(door),
        Arc::clone(accounts),
        sends_mail,
    ))
}

/// A request to the REST API as it is sent.
pub(super) struct Sent {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) kind: &'static str,
    pub(super) body: String,
}

impl Sent {
    /// The request of an order, by this account unless it names another.
    pub(super) fn of(shared: &Shared, account: Option<&str>, order: &RestOrder) -> Self {
        let order = recorded::with_sids(&shared.door.world(), order);
        let account = order.account.as_deref().or(account).unwrap_or(ACCOUNT);
        let below = ["/Calls", "/Messages"].iter().any(|known| order.path.starts_with(known));
        let path =
            if below { format!("/2010-04-01/Accounts/{account}{}", order.path) } else { order.path.clone() };
        let (kind, body) = match order.body {
            OrderBody::Json(text) => ("application/json", text),
            OrderBody::Form(fields) => {
                let form = fields.iter().fold(Form::new(), |form, (name, value)| form.with(name, value));
                ("application/x-www-form-urlencoded", form.body())
            }
        };
        // Any token will do; the one that the app showed is not in the recording.
        let authorization = format!("Basic {}", STANDARD.encode(format!("{account}:recorded")));
        Self { method: order.method, path, authorization, kind, body }
    }
}

impl InMemory {
    pub(super) fn new(shared: Shared) -> Self {
        let rest = rest(&shared);
        let mut jar = Jar::default();
        jar.begin(&shared.door.world());
        Self { shared, rest, jar, cookies: Cookies::default() }
    }

    /// Hands a crossing to the reference service or a provider.
    pub(super) fn carry(&mut self, id: CrossingId, crossing: &Crossing) -> Answer {
        if let Crossing::Cookie(theft) = crossing {
            self.jar.steal(*theft);
            return NO_ANSWER;
        }
        let delivery = self.jar.decode(crossing);
        let mut answer = NO_ANSWER;
        self.shared.door.world().hand_over(Origin::Carried(id), &delivery, &mut answer);
        if let (Crossing::Page { browser, .. }, Answer::Page(reply)) = (crossing, &answer) {
            self.jar.keep(*browser, reply.cookie);
        }
        answer
    }

    /// The meaning of a recorded answer; `None` if none has come.
    pub(super) fn ask(&self, crossing: &Crossing, reply: &AppReply) -> Option<Answer> {
        match reply {
            AppReply::Pending => None,
            reply => Some(answers::read(&mut self.shared.door.world(), crossing, reply)),
        }
    }

    pub(super) async fn order(&self, account: Option<&str>, order: &RestOrder) {
        let sent = Sent::of(&self.shared, account, order);
        let request = Request::builder()
            .method(sent.method.as_str())
            .uri(sent.path)
            .header(header::AUTHORIZATION, sent.authorization)
            .header(header::CONTENT_TYPE, sent.kind)
            .body(Body::from(sent.body));
        if let Ok(request) = request {
            let _answer = self.rest.clone().oneshot(request).await;
        }
    }

    pub(super) fn mail(&self, sent: &AppMail) {
        mail::hand_in(self.shared.mailbox.mailroom().as_mut(), sent);
    }

    pub(super) fn visit(&mut self, visit: &PageVisit) {
        let Some(request) = self.cookies.request(visit, &self.shared.story) else { return };
        let delivery = Delivery::Page(request);
        let answer = self.shared.door.enter(|world| {
            let origin = world.origin_of(&delivery);
            world.deliver(origin, &delivery)
        });
        if let Some(Answer::Page(reply)) = answer {
            self.cookies.keep(visit.browser, reply.cookie);
        }
    }
}
