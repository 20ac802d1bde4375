//! What apps send to the provider and the mailbox: messaging TwiML, forms, queries, gateways, connection overrides.

use std::sync::{Arc, Mutex, OnceLock};

use lostkey::Story;
use lostkey::message::{Hook, Method, Papers, Place, Retries, UrlId, timeout_of_fragment};
use lostkey::providers::messaging::twiml;
use lostkey::story::{FieldPath, Gateway, GatewayAnswer};
use lostkey::wire::form::Form;
use lostkey::wire::inbox::{Inbox, InboxLimits, Query, Receipt};
use lostkey::wire::twilio::accounts::{Accounts, Credentials};
use lostkey::wire::twilio::hook_at;
use lostkey::wire::twilio::rest::{RestRequest, RestResponse, respond};
use lostkey::wire::{Clock, Door, gateway};
use lostkey::world::{Carry, World};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

/// The crossings that leave by a door.
pub(crate) type Carries = UnboundedReceiver<Carry>;

/// The account of the requests, and what it shows: `AC` and zeros, and any password.
const ACCOUNT: &str = "AC00000000000000000000000000000002";
pub(crate) const SHOWN: &str = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMjp4";

/// How many calls and texts there are to list.
const RESOURCES: usize = 3;

/// A door, and the crossings that leave by it. Nobody carries them; dropped, they would end the play.
pub(crate) fn door() -> (Door, Carries) {
    static STORY: OnceLock<Option<Arc<Story>>> = OnceLock::new();
    let story = STORY.get_or_init(|| {
        let text = include_str!("../../src/serve/default.yaml");
        Story::read(text, "default.yaml").ok().map(Arc::new)
    });
    let story = Arc::clone(story.as_ref().unwrap());
    Door::for_guests(World::new(story, 1), Clock::Manual)
}

/// Reads messaging TwiML, which has replies within their limits, or a code of Twilio's debugger.
pub(crate) fn texts(text: &str) -> Result<bool, String> {
    let own = Place::Url(UrlId(0));
    match twiml::read(text, &mut |_: &str, method: Method| Some(Hook { method, ..Hook::post(own) })) {
        Ok(replies) => {
            let fits = |body: &str| body.chars().count() <= twiml::TEXT_MAX;
            if replies.messages.iter().all(|reply| fits(&reply.body) && reply.media.len() <= 10) {
                Ok(true)
            } else {
                Err(format!("a reply is beyond its limit:\n{replies:?}"))
            }
        }
        Err(11_000..15_000) => Ok(false),
        Err(code) => Err(format!("{code} is no code of the debugger")),
    }
}

/// A request to the provider, whose answer must be one that Twilio could give.
fn ask(door: &Door, accounts: &Accounts, request: &RestRequest<'_>) -> Result<RestResponse, String> {
    let answer = respond(door, accounts, request).ok_or("the connection is closed")?;
    let body = answer.body.clone().unwrap_or_default();
    let told = match answer.status {
        200 | 201 => body["uri"].is_string(),
        204 => body.is_null(),
        400..=499 => body["code"].is_u64() && body["message"].is_string() && body["status"] == answer.status,
        _ => false,
    };
    if told {
        Ok(answer)
    } else {
        Err(format!("{} {} is answered by {} with {body}", request.method, request.path, answer.status))
    }
}

fn request<'a>(method: &'a str, path: &'a str, query: &'a str, body: &'a [u8]) -> RestRequest<'a> {
    RestRequest { method, path, query, authorization: Some(SHOWN), body }
}

/// Reads a form, which reads back as it is written, and orders a call and a text with it, and what is below them.
pub(crate) fn forms(input: &[u8]) -> Result<bool, String> {
    let form = Form::read(input);
    if Form::read(form.body().as_bytes()) != form {
        return Err(format!("it reads back as another form:\n{}", form.body()));
    }
    let ((door, _carries), accounts) = (door(), Accounts::new(Credentials::Any));
    let mut taken = false;
    for what in ["Calls", "Messages"] {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}/{what}.json");
        let created = ask(&door, &accounts, &request("POST", &path, "", input))?;
        if let (201, Some(body)) = (created.status, created.body) {
            taken = true;
            let uri = body["uri"].as_str().unwrap_or_default();
            for method in ["POST", "GET"] {
                ask(&door, &accounts, &request(method, uri, "", input))?;
            }
            let below = body["subresource_uris"].as_object().into_iter().flatten();
            let below = below.filter_map(|(_, uri)| uri.as_str().map(str::to_owned));
            for uri in below.chain([uri.replace(".json", "/Feedback.json")]) {
                for method in ["POST", "GET"] {
                    ask(&door, &accounts, &request(method, &uri, "", input))?;
                }
            }
        }
    }
    Ok(taken)
}

/// A provider, its accounts, and the crossings that nobody carries.
type Full = (Door, Accounts, Mutex<Carries>);

/// A provider with some calls and texts, which no list changes.
fn full_of_resources() -> Result<&'static Full, String> {
    static FULL: OnceLock<Result<Full, String>> = OnceLock::new();
    let fill = || {
        let ((door, carries), accounts) = (door(), Accounts::new(Credentials::Any));
        let order = b"To=%2B34600000001&From=%2B15005550006&Twiml=%3CResponse/%3E&Body=x";
        for what in ["Calls", "Messages"].repeat(RESOURCES) {
            let path = format!("/2010-04-01/Accounts/{ACCOUNT}/{what}.json");
            ask(&door, &accounts, &request("POST", &path, "", order))?;
        }
        Ok((door, accounts, Mutex::new(carries)))
    };
    FULL.get_or_init(fill).as_ref().map_err(Clone::clone)
}

/// Asks for lists with a query, follows their pages, and searches an inbox for it; returns whether all take it.
pub(crate) fn queries(text: &str) -> Result<bool, String> {
    let (door, accounts, _) = full_of_resources()?;
    let mut taken = searched(text);
    for (what, key) in [("Calls", "calls"), ("Messages", "messages")] {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}/{what}.json");
        let mut answer = ask(door, accounts, &request("GET", &path, text, b""))?;
        for _ in 0..=RESOURCES {
            if answer.status != 200 {
                taken = false;
                break;
            }
            let body = answer.body.unwrap_or_default();
            if body[key].as_array().is_none_or(|page| page.len() > RESOURCES) {
                return Err(format!("it is no page: {body}"));
            }
            for name in ["first_page_uri", "previous_page_uri", "uri"] {
                let Some(uri) = body[name].as_str() else { continue };
                followed(door, accounts, uri)?;
            }
            let Some(next) = body["next_page_uri"].as_str() else { break };
            answer = followed(door, accounts, next)?;
        }
    }
    Ok(taken)
}

/// Requests an address that a page names, which must be one.
fn followed(door: &Door, accounts: &Accounts, uri: &str) -> Result<RestResponse, String> {
    let (path, query) = uri.split_once('?').ok_or("an address without a query")?;
    let answer = ask(door, accounts, &request("GET", path, query, b""))?;
    if answer.status == 200 { Ok(answer) } else { Err(format!("{uri} is refused: {:?}", answer.body)) }
}

fn searched(text: &str) -> bool {
    let Ok(query) = Query::parse(text) else { return false };
    let inbox = Inbox::new(InboxLimits::default(), 1);
    let raw = "Subject: Your code\r\nX-Tags: a b\r\n\r\n123456\r\n".into();
    inbox.add(Receipt { raw, to: vec!["ana@a.test".to_owned()], ..Receipt::default() });
    inbox.search(&query).len() <= 1
}

/// Posts a body to a gateway, as JSON and as a form.
pub(crate) fn gateways(input: &[u8]) -> Result<bool, String> {
    let path = |text| FieldPath::read(text).ok_or("a path that is none");
    let gateway = Gateway {
        path: "/sms".to_owned(),
        to: path("to.0.phone")?,
        text: path("text")?,
        from: Some(path("from")?),
        answer: GatewayAnswer::default(),
    };
    let mut taken = false;
    for is_json in [true, false] {
        let (door, _carries) = door();
        let answer = gateway::respond(&door, &gateway, "POST", is_json, input).ok_or("no answer")?;
        let body: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
        let texts = door.world().texts().len();
        match (answer.status, texts) {
            (200, 1) if body["id"].is_string() => taken = true,
            (400..=499, 0) if body["error"].is_string() => {}
            (status, texts) => return Err(format!("{status} with {texts} texts: {body}")),
        }
    }
    Ok(taken)
}

/// Reads the fragment of a URL. Whatever it is, the URL and its time-out stay usable.
pub(crate) fn overrides(text: &str) -> Result<bool, String> {
    let retries = Retries::of_fragment(Some(text));
    let limit = timeout_of_fragment(Some(text)).map(|limit| limit.as_millis());
    if limit.is_some_and(|limit| !(100..=15_000).contains(&limit)) {
        return Err(format!("a time-out of {limit:?} ms"));
    }
    let mut papers = Papers::default();
    let hook = hook_at(&format!("http://a.test/hook#{text}"), Method::Post, &mut papers);
    match hook.map(|hook| hook.at) {
        Some(Place::Url(id)) if papers.url(id).is_some_and(|url| url.starts_with("http://a.test/hook")) => {}
        None if text.len() > 1_000 => {}
        other => return Err(format!("the hook is {other:?}")),
    }
    Ok(limit.is_some() || retries != Retries::USUAL)
}
