//! Text messages at handsets that a test controls: wait for one, read it, reply; and the addresses of the
//! app that get replies.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::number::Number;
use crate::message::{Method, TextReply, TextSender};
use crate::providers::messaging::{Arrival, InboundHooks};
use crate::serve::control::phones::{NUMBER, number};
use crate::serve::control::reply::{Refused, answer, millis, read, refused, refused_with};
use crate::serve::control::{Control, wait};
use crate::story::{PhoneAct, Recorded, SenderAddresses};
use crate::wire::contract::{Operation, Routes, Segment, complete};
use crate::wire::inbox::ShownCode;
use crate::wire::mime::{codes_of_text, links_of_text};
use crate::wire::twilio::hook_at;
use crate::world::World;

/// Most texts in one answer.
const LISTED_MAX: usize = 1_000;

/// A sender of the provider in a path.
const SENDER: Segment = Segment {
    name: "sender",
    says: "A number in E.164, whose plus sign may be missing, a short code, or a name.",
    pattern: r"^(\+?[1-9][0-9]{8,14}|[A-Za-z0-9 _&+-]{1,11})$",
    example: "15005550006",
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wait {
    /// The cursor after which the text is.
    since: Option<usize>,
    /// Its sender.
    from: Option<String>,
    /// Words in it.
    contains: Option<String>,
    /// Of waits: seconds of real time, 60 at most; 10 by default.
    timeout: Option<u64>,
}

/// A text from a handset.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewText")]
struct Sent {
    /// A number or short code of the app.
    #[schemars(regex(pattern = r"^\+?[1-9][0-9]{2,14}$"))]
    to: String,
    /// Its words.
    #[schemars(length(min = 1))]
    body: String,
}

/// The addresses of the app that get texts to a sender.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SenderHooks")]
struct Configured {
    /// The URL that gets texts.
    #[schemars(required, with = "String", url)]
    sms: Option<String>,
    /// `GET` or `POST`, the default.
    #[schemars(extend("enum" = ["GET", "POST", null]))]
    method: Option<String>,
    /// The URL that gets them if that fails.
    fallback: Option<String>,
    /// The account that owns the sender.
    account: Option<String>,
}

/// A text at a handset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Text", transform = complete)]
struct Told {
    /// Its SID in the provider's API.
    sid: Option<String>,
    /// The cursor that waits for later ones.
    cursor: usize,
    /// When it arrived, in milliseconds since the story began.
    at_ms: u64,
    /// The handset.
    to: String,
    /// Its sender.
    from: Option<String>,
    /// Its words.
    body: String,
    /// The number of segments.
    segments: Option<u16>,
    /// The URLs in it.
    links: Vec<String>,
    /// The codes in it, the most likely one first.
    codes: Vec<ShownCode>,
}

/// The texts at a handset.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Texts {
    /// The texts, the oldest first.
    texts: Vec<Told>,
    /// The cursor for later ones.
    cursor: usize,
}

/// No such text came in time.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct NoText {
    /// What was waited for, and what would help.
    error: String,
    /// How many texts the handset has got so far.
    arrived: usize,
    /// The cursor for the next attempt.
    cursor: usize,
}

/// A text that was sent.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct SentText {
    /// Its SID in the provider's API.
    sid: String,
}

/// A sender and its address.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Hooked {
    /// The sender.
    sender: String,
    /// The URL that gets texts to it.
    sms: Option<String>,
}

pub(super) fn routes() -> Routes<Control> {
    let bad = "it is not a phone number in E.164, for example `+34600000001`";
    Routes::new()
        .on(
            Operation::get("/phones/{number}/texts", "The texts at a handset that match, the first 1,000")
                .segment(NUMBER)
                .query::<Wait>()
                .answers::<Texts>(200, "The texts.")
                .refuses(400, bad),
            list,
        )
        .on(
            Operation::get("/phones/{number}/texts/wait", "Waits for a text")
                .segment(NUMBER)
                .query::<Wait>()
                .answers::<Told>(200, "The text.")
                .refuses(400, bad)
                .answers::<NoText>(408, "There was no such text in time."),
            wait,
        )
        .on(
            Operation::post("/phones/{number}/texts", "The handset sends a text, for example STOP")
                .segment(NUMBER)
                .body::<Sent>(json!({ "to": "+15005550006", "body": "STOP" }))
                .answers::<SentText>(201, "The text is on its way.")
                .refuses(400, "`body` is empty; a text has at least one character")
                .refuses(409, "the sender receives no texts, or there are too many"),
            send,
        )
        .on(
            Operation::put("/senders/{sender}", "Sets the addresses of the app that get texts to a sender")
                .segment(SENDER)
                .body::<Configured>(json!({ "sms": "http://localhost:3000/sms", "method": "POST" }))
                .answers::<Hooked>(200, "The sender.")
                .refuses(400, "send the address of your app: {\"sms\": \"http://localhost:3000/sms\"}"),
            configure,
        )
        .on(
            Operation::delete("/senders/{sender}", "No address gets texts to this sender any more")
                .segment(SENDER)
                .answers::<Hooked>(200, "The sender.")
                .refuses(400, "it is not a number in E.164, a short code, or an alphanumeric sender"),
            unconfigure,
        )
}

/// `GET /phones/{number}/texts?since=`: the texts at the handset, oldest first.
async fn list(
    State(control): State<Control>,
    Path(text): Path<String>,
    asked: Result<Query<Wait>, QueryRejection>,
) -> Result<Response, Refused> {
    let number = number(&text)?;
    let asked = query(asked)?;
    let body = control.door.enter(|world| {
        let since = asked.since.unwrap_or(0);
        let found = matching(world, number, since, &asked)
            .take(LISTED_MAX)
            .map(|(at, arrival)| told(world, at, arrival));
        Texts { texts: found.collect(), cursor: world.arrivals().len() }
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /phones/{number}/texts/wait?since=&from=&contains=&timeout=`: waits for a text that arrives after the
/// cursor, in real time; without one, for the next text that arrives.
async fn wait(
    State(control): State<Control>,
    Path(text): Path<String>,
    asked: Result<Query<Wait>, QueryRejection>,
) -> Result<Response, Refused> {
    let number = number(&text)?;
    let asked = query(asked)?;
    let since = asked.since.unwrap_or_else(|| control.door.enter(|world| world.arrivals().len()));
    let find = |world: &mut World| {
        let (at, arrival) = matching(world, number, since, &asked).next()?;
        Some(told(world, at, arrival))
    };
    let most = wait::most(asked.timeout);
    if let Some(text) = wait::until(&control, most, find).await {
        return Ok(answer(StatusCode::OK, &text));
    }
    let says = wait::in_vain(&control, &format!("text to {number}"), most);
    let arrived = control.door.world().arrivals().iter().filter(|arrival| arrival.number == number).count();
    let body = NoText { error: says, arrived, cursor: since };
    Err(refused_with(StatusCode::REQUEST_TIMEOUT, json!(body)))
}

/// `POST /phones/{number}/texts` with `{"to": "+15005550006", "body": "STOP"}`: the handset sends a text.
async fn send(
    State(control): State<Control>,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let handset = number(&text)?;
    let asked: Sent = read(&body)?;
    let to = sender(&asked.to)?;
    if to.is_name() {
        let says = format!("`{to}` is an alphanumeric sender, which receives no texts");
        return Err(refused(StatusCode::CONFLICT, says));
    }
    if asked.body.is_empty() {
        return Err(refused(StatusCode::BAD_REQUEST, "`body` is empty; a text has at least one character"));
    }
    let reply = control.door.enter(|world| {
        control.door.note(world, |_| {
            let (to, body) = (to.clone(), asked.body.clone());
            Recorded::Phone(handset, PhoneAct::Texts { to, body })
        });
        let reply = world.send_text_by_hand(handset, to, &asked.body);
        let sid = match reply {
            Some(TextReply::Created(id)) => world.text(id).map(|text| text.sid().to_string()),
            Some(TextReply::Refused { .. } | TextReply::Failed { .. }) | None => None,
        };
        sid.ok_or_else(|| {
            refused(StatusCode::CONFLICT, "too many texts; POST /control/v1/reset removes them")
        })
    })?;
    Ok(answer(StatusCode::CREATED, &SentText { sid: reply }))
}

/// `PUT /senders/{number}` with `{"sms": URL, "method": "POST", "fallback": URL, "account": "AC…"}`: the
/// addresses of the app that get texts to this sender, as its owner sets them at Twilio.
async fn configure(
    State(control): State<Control>,
    Path(text): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let sender = sender(&text)?;
    let asked: Configured = read(&body)?;
    let Some(url) = asked.sms else {
        let says = "send the address of your app: {\"sms\": \"http://localhost:3000/sms\"}";
        return Err(refused(StatusCode::BAD_REQUEST, says));
    };
    let named = asked.method.as_deref().map_or(Some(Method::Post), Method::named);
    let Some(method) = named else {
        return Err(refused(StatusCode::BAD_REQUEST, "`method` is GET or POST"));
    };
    if let Some(account) = &asked.account {
        control.accounts.give_sender(&sender, account);
    }
    control.door.enter(|world| {
        let mut hook = |url: &str| {
            let hook = hook_at(url, method, world.papers_mut());
            hook.ok_or_else(|| {
                let says = format!("`{url}` is not an absolute HTTP or HTTPS address");
                refused(StatusCode::BAD_REQUEST, says)
            })
        };
        let hooks =
            InboundHooks { hook: hook(&url)?, fallback: asked.fallback.as_deref().map(hook).transpose()? };
        control.door.note(world, |_| {
            let fallback = asked.fallback.clone();
            Recorded::Sender(sender.clone(), Some(SenderAddresses { url: url.clone(), method, fallback }))
        });
        world.configure_sender(sender.clone(), Some(hooks));
        Ok(answer(StatusCode::OK, &Hooked { sender: sender.as_str().to_owned(), sms: Some(url) }))
    })
}

/// `DELETE /senders/{number}`: no address gets texts to this sender any more.
async fn unconfigure(
    State(control): State<Control>,
    Path(text): Path<String>,
    _drained: Bytes,
) -> Result<Response, Refused> {
    let sender = sender(&text)?;
    control.door.enter(|world| {
        control.door.note(world, |_| Recorded::Sender(sender.clone(), None));
        world.configure_sender(sender.clone(), None);
    });
    Ok(answer(StatusCode::OK, &Hooked { sender: sender.as_str().to_owned(), sms: None }))
}

fn query(asked: Result<Query<Wait>, QueryRejection>) -> Result<Wait, Refused> {
    let Query(asked) = asked.map_err(|rejection| refused(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    Ok(asked)
}

/// Reads a sender of the provider; the plus sign may be missing.
fn sender(text: &str) -> Result<TextSender, Refused> {
    let digits = text.len() > 8 && text.bytes().all(|b| b.is_ascii_digit());
    let read = TextSender::read(&if digits { format!("+{text}") } else { text.to_owned() });
    read.ok_or_else(|| {
        let says = format!("`{text}` is not a number in E.164, a short code, or an alphanumeric sender");
        refused(StatusCode::BAD_REQUEST, says)
    })
}

/// The texts at a handset from the cursor on, each with its place.
fn matching<'a>(
    world: &'a World,
    number: Number,
    since: usize,
    asked: &'a Wait,
) -> impl Iterator<Item = (usize, &'a Arrival)> {
    let words = asked.contains.as_ref().map(|words| words.to_lowercase());
    let arrivals = world.arrivals().iter().enumerate().skip(since);
    arrivals.filter(move |(_, arrival)| {
        let from = world.text(arrival.text).and_then(|text| text.sender());
        arrival.number == number
            && asked.from.as_deref().is_none_or(|wanted| from.is_some_and(|from| from.as_str() == wanted))
            && words.as_ref().is_none_or(|words| arrival.body.to_lowercase().contains(words))
    })
}

/// A text at a handset, with the cursor that waits for later ones.
fn told(world: &World, at: usize, arrival: &Arrival) -> Told {
    let text = world.text(arrival.text);
    let codes = codes_of_text(&arrival.body).into_iter();
    Told {
        sid: text.map(|text| text.sid().to_string()),
        cursor: at + 1,
        at_ms: millis(arrival.at),
        to: arrival.number.to_string(),
        from: text.and_then(|text| text.sender()).map(ToString::to_string),
        body: arrival.body.to_string(),
        segments: text.map(|text| text.segments()),
        links: links_of_text(&arrival.body),
        codes: codes.map(|found| ShownCode { code: found.code, reason: found.why.label() }).collect(),
    }
}
