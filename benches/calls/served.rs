//! The side of `serve`.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use lostkey::base::number::Number;
use lostkey::base::time::Span;
use lostkey::message::{Digits, Manner, Script, ScriptAct, ScriptStep};
use lostkey::wire::form::Form;
use lostkey::{ServeClock, Server, Story};
use reqwest::{Client, header};

use crate::app::{App, Asked};
use crate::{Case, Failed, Measured, Order, measure};

const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const TOKEN: &str = "a-token-of-32-characters-or-so---";
const PHONE: &str = "+34600000099";

/// A story in which nobody has the phone that is called.
const STORY: &str = "
about: Nobody has the phone that is called.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    phone: +34 600 000 001
    devices:
      phone-app: {}
";

/// A clock so fast that whatever takes the provider some time is due at once.
const AT_ONCE: NonZeroU32 = NonZeroU32::MAX;

pub(crate) struct Side {
    case: Case,
    server: Server,
    client: Client,
}

impl Side {
    pub(crate) async fn start(case: Case, app: &Arc<App>) -> Result<Arc<Self>, Failed> {
        let mut story = Story::read(STORY, "bench.yaml").map_err(|error| error.rendered())?;
        story.phone.queue = Span::ZERO;
        story.phone.dial = Span::ZERO;
        story.phone.sentence = Span::ZERO;
        let clock = match case.order {
            Order::Call => ServeClock::Real(NonZeroU32::MIN),
            Order::Text => ServeClock::Real(AT_ONCE),
        };
        let builder = Server::builder().story(story).clock(clock).keeps_connections(case.keeps_connections);
        let server = builder.start().await?;
        let phone = Number::read(PHONE)?;
        let script = script().ok_or("these are digits")?;
        server.door().enter(|world| world.script_phone(phone, Some(script)))?;
        let client = client(case.keeps_connections)?;
        let side = Self { case, server, client };
        for worker in 0..case.workers {
            side.order(app, worker).await?;
        }
        // The first orders are not measured.
        app.measured(Duration::from_secs(1), Vec::new());
        Ok(Arc::new(side))
    }

    /// One order; returns the answer to it.
    async fn order(&self, app: &App, worker: usize) -> Result<Vec<u8>, Failed> {
        let answer = self.create(app, worker).await?;
        app.ends(worker).await?;
        Ok(answer)
    }

    async fn create(&self, app: &App, worker: usize) -> Result<Vec<u8>, Failed> {
        let url = format!("{}{}", self.server.ports().twilio, path(self.case.order));
        app.begins(worker);
        create(&self.client, &url, form(self.case.order, app, worker)).await
    }

    /// The answer to an order, and all that the app is asked because of it.
    pub(crate) async fn record(&self, app: &App) -> Result<(Vec<u8>, Vec<Asked>), Failed> {
        app.record();
        let answer = self.order(app, 0).await?;
        let recorded = app.recorded();
        let expected = match self.case.order {
            Order::Call => 6,
            Order::Text => 2,
        };
        if recorded.len() != expected {
            return Err(format!("{} webhooks came, and not {expected}", recorded.len()).into());
        }
        Ok((answer, recorded))
    }

    pub(crate) async fn measure(self: &Arc<Self>, app: &Arc<App>) -> Result<Measured, Failed> {
        measure(self.case, app, |worker| {
            let (side, app) = (Arc::clone(self), Arc::clone(app));
            async move {
                side.create(&app, worker).await?;
                app.ends(worker).await
            }
        })
        .await
    }
}

/// Answers at once, and keys in a code once it is asked for.
fn script() -> Option<Script> {
    let keys = Digits::read("042137")?;
    let press = ScriptAct::Press { keys, gap: Span::ZERO };
    let step = ScriptStep { hears: Some(Arc::from("code")), after: Span::ZERO, does: press };
    Some(Script { manner: Manner::AnswersAfter(Span::ZERO), steps: vec![step] })
}

/// The path of an order.
pub(crate) fn path(order: Order) -> String {
    let resource = match order {
        Order::Call => "Calls.json",
        Order::Text => "Messages.json",
    };
    format!("/2010-04-01/Accounts/{ACCOUNT}/{resource}")
}

/// The body of an order.
pub(crate) fn form(order: Order, app: &App, worker: usize) -> String {
    let form = Form::new()
        .with("To", PHONE)
        .with("From", "+15005550006")
        .with("StatusCallback", app.url(&App::status_path(worker)));
    let form = match order {
        Order::Call => ["initiated", "ringing", "answered", "completed"]
            .into_iter()
            .fold(form.with("Url", app.url("/voice")), |form, event| form.with("StatusCallbackEvent", event)),
        Order::Text => form.with("Body", "Your code is 042137."),
    };
    form.body()
}

/// A client of the app, which reuses connections or closes each.
pub(crate) fn client(keeps_connections: bool) -> reqwest::Result<Client> {
    let idle = if keeps_connections { usize::MAX } else { 0 };
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .build()
}

/// Sends an order; returns the answer.
pub(crate) async fn create(client: &Client, url: &str, form: String) -> Result<Vec<u8>, Failed> {
    let request = client
        .post(url)
        .basic_auth(ACCOUNT, Some(TOKEN))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    let response = request.send().await?;
    let status = response.status();
    let body = response.bytes().await?;
    if status != 201 {
        return Err(
            format!("the order was answered with {status}: {}", String::from_utf8_lossy(&body)).into()
        );
    }
    Ok(body.to_vec())
}
