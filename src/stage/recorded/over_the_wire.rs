//! A replay over real protocols: the app's orders and emails are sent, and a server answers its webhooks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::base::id::CrossingId;
use crate::message::{Answer, Crossing};
use crate::stage::courier::{Courier, EndpointOverrides, name};
use crate::stage::recorded::app::App;
use crate::stage::recorded::in_memory::{Sent, rest};
use crate::stage::recorded::{Shared, mail};
use crate::story::{AppMail, AppReply, PageVisit, RestOrder};
use crate::wire::error::WATCHDOG;
use crate::wire::http_client::{REAL_TIMEOUT, direct_client};
use crate::wire::http_server::HttpServer;
use crate::wire::reference::paths;
use crate::wire::reference::visits::Cookies;
use crate::wire::servers::Servers;
use crate::wire::smtp::{Limits, Settings, SmtpSink};
use crate::wire::{WireError, loopback};

/// The servers of the providers and of the app, and the clients.
pub(super) struct OverTheWire {
    shared: Shared,
    servers: Servers,
    courier: Courier,
    app: App,
    rest: HttpServer,
    smtp: SmtpSink,
    client: Client,
    cookies: Cookies,
}

impl OverTheWire {
    pub(super) async fn start(shared: Shared) -> Result<Self, WireError> {
        loopback::check().await?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (door, story) = (&shared.door, &shared.story);
        let servers = Servers::open_with(door, story, any, Arc::clone(&shared.accounts)).await?;
        let mut courier = Courier::new(Arc::clone(door), Arc::clone(story), &servers)?;
        let app = App::start()?;
        courier.detour(&EndpointOverrides { app: Some(app.address()), ..EndpointOverrides::default() })?;
        let rest = HttpServer::open(rest(&shared))?;
        let settings = Settings { limits: Limits::MAILBOX, ..Settings::default() };
        let smtp = shared.mailbox.serve(TcpListener::bind(any).await?, settings)?;
        let client = direct_client(REAL_TIMEOUT).build()?;
        Ok(Self { shared, servers, courier, app, rest, smtp, client, cookies: Cookies::default() })
    }

    /// Sends a crossing to the reference service or a provider.
    pub(super) async fn carry(&self, id: CrossingId, crossing: &Crossing) -> Result<Answer, WireError> {
        let answer = self.watched(name(crossing), self.courier.carry(id, crossing)).await?;
        if matches!(answer, Answer::Lost(_)) {
            loopback::check().await?;
        }
        Ok(answer)
    }

    /// Sends a webhook to the app, whose answer is given; `None` if none has come.
    pub(super) async fn ask(
        &self,
        id: CrossingId,
        crossing: &Crossing,
        reply: &AppReply,
    ) -> Result<Option<Answer>, WireError> {
        match reply {
            AppReply::Pending => Ok(None),
            AppReply::Lost(lost) => Ok(Some(Answer::Lost(*lost))),
            AppReply::Answered { .. } => {
                self.app.answers(reply);
                self.watched(name(crossing), self.courier.carry(id, crossing)).await.map(Some)
            }
        }
    }

    pub(super) async fn order(&self, account: Option<&str>, order: &RestOrder) -> Result<(), WireError> {
        let sent = Sent::of(&self.shared, account, order);
        let url = format!("http://{}{}", self.rest.address(), sent.path);
        let method = sent.method.parse::<Method>().unwrap_or(Method::POST);
        let request = self
            .client
            .request(method, url)
            .header(AUTHORIZATION, sent.authorization)
            .header(CONTENT_TYPE, sent.kind)
            .body(sent.body);
        let asked = async {
            // A fault may close the connection.
            let _either_way = request.send().await;
            Ok(())
        };
        self.watched("an order of the app", asked).await
    }

    pub(super) async fn mail(&self, sent: &AppMail) -> Result<(), WireError> {
        let server = self.smtp.local_addr();
        let sending = async { mail::send(server, sent).await.map_err(WireError::SetUp) };
        self.watched("an email of the app", sending).await
    }

    pub(super) async fn visit(&mut self, visit: &PageVisit) -> Result<(), WireError> {
        self.courier.follow_console().await?;
        let url = format!("http://{}{}", self.servers.addresses().console, visit.path);
        let method = visit.method.parse::<Method>().unwrap_or(Method::GET);
        let mut request = self.client.request(method.clone(), url).header("Host", paths::HOST);
        if let Some(cookie) = self.cookies.header(visit.browser) {
            request = request.header(COOKIE, cookie);
        }
        if method == Method::POST {
            let kind = "application/x-www-form-urlencoded";
            request = request.header(CONTENT_TYPE, kind).body(self.cookies.form(visit).body());
        }
        let asked = async { Ok(request.send().await.ok()) };
        let response = self.watched("a request of a browser", asked).await?;
        let set = response.as_ref().and_then(|response| response.headers().get(SET_COOKIE));
        if let Some(set) = set.and_then(|value| value.to_str().ok()) {
            self.cookies.keep_header(visit.browser, set);
        }
        Ok(())
    }

    /// Waits for something at most as long as the watchdog allows.
    async fn watched<T>(
        &self,
        what: &'static str,
        done: impl Future<Output = Result<T, WireError>>,
    ) -> Result<T, WireError> {
        let done = timeout(WATCHDOG, done).await.map_err(|_| WireError::Watchdog(what))?;
        if self.shared.door.is_poisoned() {
            return Err(WireError::Panicked(what));
        }
        done
    }
}
