//! Parses call orders and call updates, as Twilio's REST API accepts them (TW-order).

use crate::base::number::Number;
use crate::base::time::Span;
use crate::message::{Body, CallCreate, CallUpdate, Events, Hook, Method, Opening, Papers};
use crate::providers::phone::twiml;
use crate::wire::form::Form;
use crate::wire::twilio::address;

/// Longest ring timeout, in seconds (TW-order).
const RING_MAX: u64 = 600;

/// Default ring timeout, in seconds.
const RING_USUAL: u64 = 60;

/// Twilio's code for an invalid `Url`, `FallbackUrl` or `StatusCallback`.
const INVALID_URL: u32 = 21_205;
/// Twilio's code for an invalid parameter. Its dictionary has none for a `Twiml` that is too long.
const INVALID_PARAMETER: u32 = 20_001;
/// Longest `Twiml`, in characters (TW-order).
const TWIML_MAX: usize = 4_000;
/// Twilio's code for a temporary failure: no more documents can be kept.
const UNAVAILABLE: u32 = 20_503;
/// Twilio's code for a time that is not a number.
const INVALID_TIMEOUT: u32 = 21_208;
/// Twilio's code for a status that cannot be set.
const INVALID_STATE: u32 = 21_220;

/// Parses an order.
///
/// # Errors
/// Twilio's error code.
pub(super) fn order(form: &Form, papers: &mut Papers) -> Result<CallCreate, u32> {
    let to = Number::read(form.get("To").ok_or(21_201_u32)?).map_err(|_| 21_211_u32)?;
    let from = Number::read(form.get("From").ok_or(21_213_u32)?).map_err(|_| 21_212_u32)?;
    let fallback = hook(form, "FallbackUrl", "FallbackMethod", papers)?;
    let status = hook(form, "StatusCallback", "StatusCallbackMethod", papers)?;
    let rings = seconds(form, "Timeout")?.unwrap_or(RING_USUAL).min(RING_MAX);
    let time_limit = seconds(form, "TimeLimit")?.map(Span::from_secs);
    let machine_detection = match form.get("MachineDetection") {
        None => false,
        Some("Enable" | "DetectMessageEnd") => true,
        Some(_) => return Err(21_234),
    };
    if let Some(code) = magic(to, from) {
        return Err(code);
    }
    // Last, because the papers keep a document until its call takes it.
    let opening = opening(form, papers)?.ok_or(INVALID_URL)?;
    Ok(CallCreate {
        to,
        from,
        opening,
        fallback,
        status: status.map(|hook| (hook, events(form))),
        time_limit,
        ring_timeout: Span::from_secs(rings),
        machine_detection,
    })
}

/// The refusal that Twilio has for its magic numbers, which are nobody's (TW-order).
fn magic(to: Number, from: Number) -> Option<u32> {
    const FIRST: u64 = 15_005_550_001;
    let to = (0..4).find(|nth| to == Number::international(FIRST + nth));
    let code = match to {
        Some(0) => 21_217,
        Some(1) => 21_214,
        Some(2) => 21_215,
        Some(_) => 21_216,
        None if from == Number::international(FIRST) => 21_212,
        None => return None,
    };
    Some(code)
}

/// Parses an update of a call.
///
/// # Errors
/// Twilio's error code.
pub(super) fn update(form: &Form, papers: &mut Papers) -> Result<CallUpdate, u32> {
    match form.get("Status") {
        Some("canceled") => return Ok(CallUpdate::Cancel),
        Some("completed") => return Ok(CallUpdate::Complete),
        Some(_) => return Err(INVALID_STATE),
        None => {}
    }
    Ok(match opening(form, papers)?.ok_or(INVALID_URL)? {
        Opening::Fetch(hook) => CallUpdate::Redirect(hook),
        Opening::Document(document) => CallUpdate::Document(document),
    })
}

/// Reads `Url`, or else `Twiml`: if both are given, Twilio ignores the document.
fn opening(form: &Form, papers: &mut Papers) -> Result<Option<Opening>, u32> {
    if let Some(hook) = hook(form, "Url", "Method", papers)? {
        return Ok(Some(Opening::Fetch(hook)));
    }
    let Some(text) = form.get("Twiml") else { return Ok(None) };
    if text.chars().count() > TWIML_MAX {
        return Err(INVALID_PARAMETER);
    }
    // An inline document has no address, so it cannot contain relative ones (TW-twiml).
    let mut resolve = |address: &str, method: Method| address::hook_at(address, method, papers);
    let body = match twiml::read(text, twiml::Dialect::Lenient, &mut resolve) {
        Ok(reading) => Body::Document(reading.document),
        // As with a fetched document, the call fails, not the order.
        Err(error) => Body::NotTwiml(error.code()),
    };
    papers.keep(body).map(|document| Some(Opening::Document(document))).ok_or(UNAVAILABLE)
}

pub(super) fn hook(form: &Form, url: &str, method: &str, papers: &mut Papers) -> Result<Option<Hook>, u32> {
    let method = form.get(method).map_or(Some(Method::Post), Method::named).ok_or(21_209_u32)?;
    let Some(url) = form.get(url) else { return Ok(None) };
    address::hook_at(url, method, papers).map(Some).ok_or(INVALID_URL)
}

/// The listed events, or only the end of the call if none is listed. Unknown names are ignored.
fn events(form: &Form) -> Events {
    let mut named = form.fields().iter().filter(|(name, _)| name == "StatusCallbackEvent").peekable();
    if named.peek().is_none() {
        return Events::COMPLETED;
    }
    named.fold(Events::NONE, |events, (_, name)| events.with(name).unwrap_or(events))
}

fn seconds(form: &Form, name: &str) -> Result<Option<u64>, u32> {
    form.get(name).map(str::parse).transpose().map_err(|_| INVALID_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{DOCUMENTS_MAX, Place, URL_LEN_MAX};

    fn form(fields: &str) -> Form {
        Form::read(fields.as_bytes())
    }

    fn usual() -> String {
        "To=%2B34600000001&From=%2B15005550006".to_owned()
    }

    #[test]
    fn an_order_has_twilios_defaults() {
        let mut papers = Papers::default();
        let read = order(&form(&(usual() + "&Url=http://app.test/call")), &mut papers).unwrap();
        let url = papers.url_id("http://app.test/call");
        assert_eq!(
            read,
            CallCreate {
                to: Number::read("+34600000001").unwrap(),
                from: Number::read("+15005550006").unwrap(),
                opening: Opening::Fetch(Hook::post(Place::Url(url))),
                fallback: None,
                status: None,
                time_limit: None,
                ring_timeout: Span::from_secs(60),
                machine_detection: false,
            }
        );
    }

    #[test]
    fn an_order_says_all_that_twilio_takes() {
        let mut papers = Papers::default();
        let fields = "&Url=http://app.test/call?token%3D1&Method=GET&FallbackUrl=http://app.test/sorry\
                      &FallbackMethod=GET&StatusCallback=http://app.test/status&StatusCallbackEvent=ringing\
                      &StatusCallbackEvent=completed&StatusCallbackEvent=unheard-of&Timeout=700&TimeLimit=90\
                      &MachineDetection=Enable";
        let read = order(&form(&(usual() + fields)), &mut papers).unwrap();
        let get = |hook: Hook, papers: &Papers| (hook.method, address::url_of(hook, papers).unwrap());
        let Opening::Fetch(opening) = read.opening else { panic!("{read:?}") };
        assert_eq!(get(opening, &papers), (Method::Get, "http://app.test/call?token=1".to_owned()));
        assert_eq!(get(read.fallback.unwrap(), &papers), (Method::Get, "http://app.test/sorry".to_owned()));
        let (hook, events) = read.status.unwrap();
        assert_eq!(get(hook, &papers), (Method::Post, "http://app.test/status".to_owned()));
        assert_eq!(events.names().collect::<Vec<_>>(), ["ringing", "completed"]);
        assert_eq!((read.ring_timeout, read.time_limit), (Span::from_secs(600), Some(Span::from_secs(90))));
        assert!(read.machine_detection);
        assert!(!format!("{read:?}").contains("token"), "an order shows no address");
    }

    #[test]
    fn a_callback_without_events_hears_of_the_end() {
        let fields = usual() + "&Url=http://app.test/&StatusCallback=http://app.test/status";
        let read = order(&form(&fields), &mut Papers::default()).unwrap();
        assert_eq!(read.status.unwrap().1, Events::COMPLETED);
    }

    #[test]
    fn a_document_can_come_along() {
        let mut papers = Papers::default();
        for (twiml, verbs) in [
            ("<Response><Hangup/></Response>", Ok(1)),
            ("<Response><Play>a.mp3</Play><Gather action='http://app.test/x'/></Response>", Ok(2)),
            ("<Response><Gather action='/x'/></Response>", Err(12_200)),
            ("<Response><Jump/></Response>", Err(12_200)),
            ("Hello", Err(12_100)),
        ] {
            let fields = form(&usual()).with("Twiml", twiml);
            let read = order(&fields, &mut papers).unwrap();
            let Opening::Document(id) = read.opening else { panic!("{read:?}") };
            let told = match &papers.take_document(id).unwrap() {
                Body::Document(document) => Ok(document.verbs.len()),
                Body::NotTwiml(code) => Err(*code),
                Body::Empty => panic!("{twiml} is empty"),
            };
            assert_eq!(told, verbs, "{twiml}");
        }
        let long = |chars: usize| "é".repeat(chars - 32);
        for (chars, code) in [(4_000, None), (4_001, Some(20_001))] {
            let twiml = format!("<Response><Say>{}</Say></Response>", long(chars));
            assert_eq!(twiml.chars().count(), chars);
            let fields = form(&usual()).with("Twiml", twiml);
            assert_eq!(order(&fields, &mut papers).err(), code);
        }
        let both = form(&usual()).with("Twiml", "<Response/>").with("Url", "http://app.test/");
        assert!(matches!(order(&both, &mut papers).unwrap().opening, Opening::Fetch(_)));
    }

    #[test]
    fn what_makes_no_order_has_twilios_code() {
        let url = "&Url=http://app.test/";
        for (fields, code) in [
            (format!("From=%2B15005550006{url}"), 21_201),
            (format!("To=x&From=%2B15005550006{url}"), 21_211),
            (format!("To=%2B34600000001{url}"), 21_213),
            (format!("To=%2B34600000001&From=me{url}"), 21_212),
            (usual(), 21_205),
            (usual() + "&Url=/call", 21_205),
            (usual() + "&Url=http://app.test/" + &"x".repeat(URL_LEN_MAX), 21_205),
            (usual() + url + "&Method=PUT", 21_209),
            (usual() + url + "&FallbackUrl=nowhere", 21_205),
            (usual() + url + "&StatusCallback=nowhere", 21_205),
            (usual() + url + "&Timeout=soon", 21_208),
            (usual() + url + "&TimeLimit=-1", 21_208),
            (usual() + url + "&MachineDetection=maybe", 21_234),
        ] {
            let mut papers = Papers::default();
            assert_eq!(order(&form(&fields), &mut papers), Err(code), "{fields}");
        }
    }

    #[test]
    fn an_order_whose_document_cannot_be_kept_is_refused() {
        let mut papers = Papers::default();
        let fields = form(&usual()).with("Twiml", "<Response/>");
        for _ in 0..DOCUMENTS_MAX {
            assert!(papers.keep(Body::Empty).is_some());
        }
        assert_eq!(order(&fields, &mut papers), Err(20_503));
        assert_eq!(update(&fields, &mut papers), Err(20_503));
    }

    #[test]
    fn a_call_is_changed_by_status_url_or_document() {
        let mut papers = Papers::default();
        assert_eq!(update(&form("Status=canceled"), &mut papers), Ok(CallUpdate::Cancel));
        assert_eq!(update(&form("Status=completed"), &mut papers), Ok(CallUpdate::Complete));
        let redirect = update(&form("Url=http://app.test/two&Method=GET"), &mut papers);
        let place = Place::Url(papers.url_id("http://app.test/two"));
        let hook = Hook { method: Method::Get, ..Hook::post(place) };
        assert_eq!(redirect, Ok(CallUpdate::Redirect(hook)));
        let replaced = update(&Form::new().with("Twiml", "<Response/>"), &mut papers);
        assert!(matches!(replaced, Ok(CallUpdate::Document(_))));
        for (fields, code) in [("", 21_205), ("Status=ringing", 21_220), ("Url=x", 21_205)] {
            assert_eq!(update(&form(fields), &mut papers), Err(code), "{fields}");
        }
    }
}
