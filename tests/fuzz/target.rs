//! Fuzz targets, and the properties that must hold for every input.

use lostkey::base::id::CallId;
use lostkey::base::machine::Cx;
use lostkey::base::number::Number;
use lostkey::base::rng::Rng;
use lostkey::base::time::{Epoch, Span, Time};
use lostkey::fault::CallVerdict;
use lostkey::message::{
    CallCreate, CallWishes, Hook, HookReply, Key, Method, Opening, Place, Twiml, UrlId, WebhookBody,
};
use lostkey::providers::phone::{Habits, Input, Output, PhoneCompany, twiml};
use lostkey::story::Story;
use lostkey::wire::proxy::{Head, Refusal, is_served};

use crate::{provider, smtp, verify};

/// The maximum number of steps of a call with any document: 32 documents of 256 verbs each, plus keys.
const STEPS_MAX: u32 = 50_000;

/// The reader under test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Stories,
    Twiml,
    Connect,
    Texts,
    Smtp,
    Forms,
    Queries,
    Gateways,
    Overrides,
    Verify,
}

impl Target {
    pub(crate) const ALL: [Self; 10] = [
        Self::Stories,
        Self::Twiml,
        Self::Connect,
        Self::Texts,
        Self::Smtp,
        Self::Forms,
        Self::Queries,
        Self::Gateways,
        Self::Overrides,
        Self::Verify,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stories => "stories",
            Self::Twiml => "twiml",
            Self::Connect => "connect",
            Self::Texts => "texts",
            Self::Smtp => "smtp",
            Self::Forms => "forms",
            Self::Queries => "queries",
            Self::Gateways => "gateways",
            Self::Overrides => "overrides",
            Self::Verify => "verify",
        }
    }

    /// Whether the reader accepts the input.
    #[cfg(test)]
    pub(crate) fn takes(self, input: &[u8]) -> bool {
        let text = String::from_utf8_lossy(input);
        match self {
            Self::Stories => Story::read(&text, "fuzz.yaml").is_ok(),
            Self::Twiml => twiml::parse(&text).is_ok(),
            Self::Connect => matches!(judged(input, input.len()), Some((_, Ok(_)))),
            other => other.outside(input, &text) == Ok(true),
        }
    }

    /// Reads the input, and returns the violated property, if any.
    pub(crate) fn check(self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        match self {
            Self::Stories => story(&text),
            Self::Twiml => document(&text),
            Self::Connect => connect(input),
            other => other.outside(input, &text).map(drop),
        }
    }

    /// Gives the input to a server of external apps; returns whether it was accepted.
    fn outside(self, input: &[u8], text: &str) -> Result<bool, String> {
        match self {
            Self::Texts => provider::texts(text),
            Self::Smtp => smtp::session(input),
            Self::Forms => provider::forms(input),
            Self::Queries => provider::queries(text),
            Self::Gateways => provider::gateways(input),
            Self::Overrides => provider::overrides(text),
            Self::Verify => verify::requests(input),
            Self::Stories | Self::Twiml | Self::Connect => Ok(false),
        }
    }
}

fn story(text: &str) -> Result<(), String> {
    match Story::read(text, "fuzz.yaml") {
        Ok(story) => {
            let written = story.write();
            match Story::read(&written, "fuzz.yaml") {
                Ok(again) if again == story => Ok(()),
                Ok(_) => Err(format!("it reads back as another story:\n{written}")),
                Err(error) => Err(format!("it does not read back:\n{}\n{written}", error.rendered())),
            }
        }
        Err(error) => {
            let told = error.rendered();
            let placed = error.line > 0 && error.column > 0 && error.line <= text.split('\n').count();
            let helps = told.contains("─[fuzz.yaml:") && told.contains("help: ");
            if placed && helps { Ok(()) } else { Err(format!("an error without place or help:\n{told}")) }
        }
    }
}

/// The document's own address, to which all addresses in it resolve.
const OWN: Place = Place::Url(UrlId(0));

/// Reads a document in both dialects; if the strict one accepts it, both results must be equal.
fn document(text: &str) -> Result<(), String> {
    let resolve = &mut |_: &str, method: Method| Some(Hook { method, ..Hook::post(OWN) });
    let strict = twiml::read(text, twiml::Dialect::Strict, resolve);
    let lenient = twiml::read(text, twiml::Dialect::Lenient, resolve);
    if strict.is_ok() && strict != lenient {
        return Err(format!("the dialects differ:\n{strict:?}\n{lenient:?}"));
    }
    match lenient {
        Ok(twiml::Reading { document, .. }) => {
            let written = twiml::write_with(&document, &mut |_| Some("/".to_owned()));
            let again = twiml::read(&written, twiml::Dialect::Lenient, resolve);
            if again.map(|again| again.document).as_ref() != Ok(&document) {
                return Err(format!("it does not read back:\n{written}"));
            }
            twiml::check(&document).map_err(|why| format!("it is read and cannot be run: {why}"))?;
            run(&document)
        }
        Err(error) => {
            let placed = error.line > 0 && error.column > 0 && error.line <= text.split('\n').count();
            let coded = (11_000..14_000).contains(&error.code());
            if placed && coded { Ok(()) } else { Err(format!("an error without place or code: {error:?}")) }
        }
    }
}

/// Runs a call that gets this document for each request, with some keys pressed.
fn run(document: &Twiml) -> Result<(), String> {
    let mut company = PhoneCompany::new(Habits::default(), Epoch::default());
    let mut draw = Rng::new(1);
    let order = CallCreate {
        to: Number::read("+34600000001").map_err(|error| error.to_string())?,
        from: Number::read("+15005550006").map_err(|error| error.to_string())?,
        opening: Opening::Fetch(Hook::post(OWN)),
        fallback: None,
        status: None,
        time_limit: None,
        ring_timeout: Span::from_secs(40),
        machine_detection: false,
    };
    let (call, mut now, mut listens, mut outputs) = (CallId(0), Time::ZERO, false, Vec::new());
    let verdict = CallVerdict::default();
    let mut inputs =
        vec![Input::Create { order: &order, verdict: &verdict, document: None, wishes: &CallWishes::NONE }];
    for step in 0..STEPS_MAX {
        let input = match inputs.pop() {
            Some(input) => input,
            None => {
                let Some((due, _)) = company.poll_timeout() else { return Ok(()) };
                if due < now {
                    return Err(format!("something is due in the past, at {due}"));
                }
                now = due;
                // In every third step a key is pressed before the next timeout.
                match Key::of(char::from(b'0' + (step % 10) as u8)).filter(|_| step % 3 == 0) {
                    Some(key) => {
                        inputs.push(Input::Timeout);
                        Input::Pressed(call, key)
                    }
                    None => Input::Timeout,
                }
            }
        };
        company.handle_input(&mut Cx::new(now, &mut draw), input);
        company.take_outputs(&mut outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Ring { .. } => inputs.push(Input::PickedUp(call)),
                Output::Webhook { id, webhook } => {
                    let reply = match webhook.body {
                        WebhookBody::Fetch | WebhookBody::Action(_) | WebhookBody::Recorded(_) => {
                            HookReply::document(document.clone())
                        }
                        WebhookBody::Status(_) | WebhookBody::Detected(_) => HookReply::HEARD,
                    };
                    inputs.push(Input::Answered { webhook: id, reply: Ok(reply) });
                }
                Output::Listens { keys, .. } if keys.is_some() == listens => {
                    return Err(format!("it begins or ends to listen twice, at {now}"));
                }
                Output::Listens { keys, .. } => listens = keys.is_some(),
                Output::Fact(_) | Output::Reply(_) | Output::Said { .. } | Output::Ended { .. } => {}
            }
        }
    }
    Err("the call does not end".to_owned())
}

/// The verdict on the head of a request that arrives in chunks, and the bytes after the head.
fn judged(input: &[u8], chunk: usize) -> Option<(&[u8], Result<String, Refusal>)> {
    let (mut head, mut at) = (Head::default(), 0);
    for bytes in input.chunks(chunk.max(1)) {
        let (taken, verdict) = head.receive(bytes);
        at += taken;
        if let Some(verdict) = verdict {
            return Some((&input[at..], verdict));
        }
    }
    None
}

/// Reads the head of a CONNECT request, which must not depend on how it arrives.
fn connect(input: &[u8]) -> Result<(), String> {
    let whole = judged(input, input.len());
    for chunk in [1, 7] {
        let again = judged(input, chunk);
        let same = match (&whole, &again) {
            (Some((_, Err(one))), Some((_, Err(other)))) => one == other,
            _ => whole == again,
        };
        if !same {
            return Err(format!("in chunks of {chunk}: {again:?}\nat once: {whole:?}"));
        }
    }
    match whole {
        Some((_, Ok(host))) if !is_served(&host) => Err(format!("`{host}` gets a tunnel")),
        Some((_, Ok(_))) if !input.starts_with(b"CONNECT ") => Err("another method gets a tunnel".to_owned()),
        Some((_, Err(refusal))) => {
            let answer = refusal.response();
            let (head, _) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its head")?;
            let is_safe = |line: &str| line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            if head.split("\r\n").count() == 4 && head.split("\r\n").all(is_safe) {
                Ok(())
            } else {
                Err(format!("the request gets into the head of the answer:\n{head:?}"))
            }
        }
        _ => Ok(()),
    }
}
