//! Requests to the verification provider: method, path, query and form.

use lostkey::wire::Door;
use lostkey::wire::twilio::accounts::{Accounts, Credentials};
use lostkey::wire::twilio::rest::{RestRequest, RestResponse};
use lostkey::wire::twilio::verify::{VerifyRequest, respond};
use serde_json::Value;

use crate::provider::{Carries, SHOWN, door};

/// What addresses in answers begin with.
const ORIGIN: &str = "http://verify.test";

/// A verification that is pending.
const STARTS: &[u8] = b"To=%2B34600000001&Channel=sms";
const SERVICE: &str = "/v2/Services/VA00000000000000000000000000000007";

/// The most pages that a list can have: there are few services and attempts.
const PAGES_MAX: usize = 4;

/// A provider and its answers.
struct Provider {
    door: Door,
    _carries: Carries,
    accounts: Accounts,
}

impl Provider {
    /// A provider with one pending verification.
    fn start() -> Result<Self, String> {
        let (door, carries) = door();
        let provider = Self { door, _carries: carries, accounts: Accounts::new(Credentials::Any) };
        match provider.ask("POST", &format!("{SERVICE}/Verifications"), "", STARTS)?.status {
            201 => Ok(provider),
            status => Err(format!("a usual start is refused with {status}")),
        }
    }

    /// A request, whose answer must be one that Twilio could give.
    fn ask(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Result<RestResponse, String> {
        let rest = RestRequest { method, path, query, authorization: Some(SHOWN), body };
        let request = VerifyRequest { rest, origin: ORIGIN, sends_emails: true };
        let answer = respond(&self.door, &self.accounts, &request);
        let (has_letter, wait) = (answer.letter.is_some(), answer.retry_after);
        let answer = answer.response.ok_or("the connection is closed")?;
        let body = answer.body.clone().unwrap_or_default();
        let told = match answer.status {
            200 | 201 => body["sid"].is_string() || body["meta"]["key"].is_string(),
            204 => body.is_null(),
            400..=429 => {
                body["code"].is_u64() && body["message"].is_string() && body["status"] == answer.status
            }
            _ => false,
        };
        if !told || (has_letter && answer.status != 201) || (wait.is_some() && answer.status != 429) {
            return Err(format!("{method} {path}: {} with {body}, wait {wait:?}", answer.status));
        }
        Ok(answer)
    }

    /// Requests an address of an answer.
    fn follow(&self, url: &str) -> Result<RestResponse, String> {
        let rest = url.strip_prefix(ORIGIN).ok_or_else(|| format!("{url} is of another host"))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        self.ask("GET", path, query, b"")
    }

    /// Follows the pages of a list, each of which must be one.
    fn turn_pages(&self, first: &Value) -> Result<(), String> {
        let mut page = first.clone();
        for _ in 0..PAGES_MAX {
            let meta = page["meta"].clone();
            let shown = page[meta["key"].as_str().unwrap_or_default()].as_array().map(Vec::len);
            if shown.is_none_or(|shown| Some(shown as u64) > meta["page_size"].as_u64()) {
                return Err(format!("it is no page: {page}"));
            }
            for name in ["url", "first_page_url", "previous_page_url"] {
                let Some(url) = meta[name].as_str() else { continue };
                if self.follow(url)?.status != 200 {
                    return Err(format!("{name} of {page} is refused"));
                }
            }
            let Some(next) = meta["next_page_url"].as_str() else { return Ok(()) };
            page = self.follow(next)?.body.unwrap_or_default();
        }
        Err(format!("the list does not end: {first}"))
    }
}

/// Makes a request; returns whether it is accepted.
pub(crate) fn requests(input: &[u8]) -> Result<bool, String> {
    let provider = Provider::start()?;
    let (head, form) = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &b""[..]),
    };
    let head = String::from_utf8_lossy(head);
    let (method, address) = head.split_once(' ').unwrap_or(("POST", &head));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let texts = provider.door.world().texts().len();
    let answer = provider.ask(method, path, query, form)?;
    let body = answer.body.unwrap_or_default();
    if answer.status >= 400 {
        let after = provider.door.world().texts().len();
        return if after == texts { Ok(false) } else { Err(format!("refused and sent: {body}")) };
    }
    if body["meta"].is_object() {
        provider.turn_pages(&body)?;
    } else if let Some(url) = body["url"].as_str() {
        let (is_closed, found) =
            (body["status"] == "approved" || body["status"] == "canceled", provider.follow(url)?);
        if found.status != if is_closed { 404 } else { 200 } {
            return Err(format!("{url} of {body} is answered with {}", found.status));
        }
    }
    Ok(true)
}
