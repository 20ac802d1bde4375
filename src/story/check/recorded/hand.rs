//! Checks what a test did by hand: phones, people's things, and the app's numbers.

use std::ops::Range;
use std::sync::Arc;

use serde_yaml::Spanned;

use crate::base::id::PersonId;
use crate::base::time::Span;
use crate::event::AnsweredBy;
use crate::message::{Digits, Manner, Method, SCRIPT_STEPS_MAX, Script, ScriptAct, ScriptStep, TextSender};
use crate::story::check::account::phone_number;
use crate::story::check::recorded::{app, bad, long, short};
use crate::story::check::{at, at_most, missing};
use crate::story::error::Checked;
use crate::story::raw::{RawInput, RawLine, RawPhoneAct, RawPhoneState, RawScript, RawStep, Text};
use crate::story::{PersonAct, PhoneAct, Recorded, SenderAddresses, limit};

const PHONE_HELP: &str = "write one of: `does: answers`, `does: hangs-up`, `presses: 123456#`, `texts: STOP` with \
                          `to`, `script: { answers-after: 4s }`";

pub(super) fn phone(text: &Text, raw: &RawInput, place: Range<usize>) -> Checked<Recorded> {
    let number = phone_number(text)?;
    if !number.is_e164() {
        let help = "write it with the country code: `phone: +34600000001`";
        return Err(bad(&format!("`{}` is not a number in E.164", text.value), help, at(text)));
    }
    let act = match (raw.does, &raw.presses, &raw.texts, &raw.script) {
        (Some(RawPhoneAct::Answers), None, None, None) => PhoneAct::Answers,
        (Some(RawPhoneAct::HangsUp), None, None, None) => PhoneAct::HangsUp,
        (None, Some(keys), None, None) => PhoneAct::Presses {
            keys: digits(keys)?,
            after: raw.after.unwrap_or(Span::ZERO),
            gap: raw.gap.unwrap_or(Span::ZERO),
        },
        (None, None, Some(body), None) => {
            let help = "add the recipient: `to: +15005550006`";
            let to = raw.to.as_ref().ok_or_else(|| missing("to", "this text", place, help))?;
            PhoneAct::Texts { to: provider_sender(to)?, body: long(Some(body))? }
        }
        (None, None, None, Some(written)) => PhoneAct::Follows(script(written)?),
        _ => return Err(bad("this phone does nothing, or several things", PHONE_HELP, place)),
    };
    Ok(Recorded::Phone(number, act))
}

fn digits(text: &Text) -> Checked<Digits> {
    let help = format!("keys are 0 to 9, *, #, A to D, 1 to {} of them", Digits::MAX);
    let keys = Digits::read(&text.value).filter(|keys| !keys.is_empty());
    keys.ok_or_else(|| bad("these are not the keys of a phone", &help, at(text)))
}

fn provider_sender(text: &Text) -> Checked<TextSender> {
    TextSender::read(&text.value).ok_or_else(|| {
        let message = format!("`{}` is not a sender of texts", text.value);
        bad(&message, "write a number in E.164, a short code, or a name", at(text))
    })
}

/// A script; `None` for an empty one.
fn script(raw: &RawScript) -> Checked<Option<Script>> {
    let steps = raw.then.as_deref().unwrap_or_default();
    at_most(steps, SCRIPT_STEPS_MAX, "this script", "steps")?;
    let manner = match (raw.answers_after, raw.rejects_after, raw.line) {
        (Some(after), _, _) => Manner::AnswersAfter(after),
        (None, Some(after), _) => Manner::RejectsAfter(after),
        (None, None, Some(RawLine::Busy)) => Manner::Busy,
        (None, None, Some(RawLine::Voicemail)) => Manner::Voicemail(AnsweredBy::MachineStart),
        (None, None, Some(RawLine::Unreachable)) => Manner::Unreachable,
        (None, None, Some(RawLine::Rings)) => Manner::Rings,
        (None, None, None) if steps.is_empty() => return Ok(None),
        (None, None, None) => Manner::Rings,
    };
    let steps = steps.iter().map(step).collect::<Checked<Vec<ScriptStep>>>()?;
    Ok(Some(Script { manner, steps }))
}

fn step(raw: &Spanned<RawStep>) -> Checked<ScriptStep> {
    let RawStep { hears, after, presses, gap } = &raw.value;
    let hears = hears.as_ref().map(|words| short(words, 0, limit::TEXT_MAX)).transpose()?;
    let does = match presses {
        Some(keys) => ScriptAct::Press { keys: digits(keys)?, gap: gap.unwrap_or(Span::ZERO) },
        None => ScriptAct::HangUp,
    };
    Ok(ScriptStep { hears: hears.map(Arc::from), after: after.unwrap_or(Span::ZERO), does })
}

pub(super) fn person(who: PersonId, raw: &RawInput, place: Range<usize>) -> Checked<Recorded> {
    let act = match (raw.phone_is, &raw.code_of) {
        (Some(RawPhoneState::Lost), None) => PersonAct::LosesPhone,
        (Some(RawPhoneState::Works), None) => PersonAct::FindsPhone,
        (None, Some(device)) if device.value == "any" => PersonAct::ShowsCode(None),
        (None, Some(device)) => PersonAct::ShowsCode(Some(short(device, 1, limit::NAME_MAX)?)),
        (None, None) | (Some(_), Some(_)) => {
            let help = "write either `phone-is: lost` or `code-of: phone-app`";
            return Err(bad("this says nothing of the person, or two things", help, place));
        }
    };
    Ok(Recorded::Person(who, act))
}

pub(super) fn sender(text: &Text, raw: &RawInput) -> Checked<Recorded> {
    let sender = provider_sender(text)?;
    let Some(url) = &raw.url else { return Ok(Recorded::Sender(sender, None)) };
    let method = match &raw.method {
        None => Method::Post,
        Some(method) => Method::named(&method.value).ok_or_else(|| {
            let message = format!("`{}` is not a method of a webhook", method.value);
            bad(&message, "write GET or POST, or remove the line for POST", at(method))
        })?,
    };
    let fallback = raw.fallback.as_ref().map(app::url).transpose()?;
    Ok(Recorded::Sender(sender, Some(SenderAddresses { url: app::url(url)?, method, fallback })))
}
