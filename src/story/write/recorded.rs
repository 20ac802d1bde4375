//! Writes a recording of `lostkey serve`.

mod long;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use self::long::long;
use crate::base::time::Span;
use crate::event::NoReply;
use crate::message::{Manner, Method, Script, ScriptAct};
use crate::story::scalar::scalar;
use crate::story::write::{Out, in_brackets, one_fault};
use crate::story::{
    AppAnswer, AppMail, AppReply, MailStage, OrderBody, PageVisit, PersonAct, PhoneAct, Recorded,
    RecordedInput, Recording, RestOrder, SenderAddresses, Story, moment,
};

/// Indentation of the fields of an input.
const FIELD: usize = 4;

/// Longest mapping that is written on one line, in bytes.
const LINE_MAX: usize = 90;

/// Characters of base64 in a line (RFC 2045 section 6.8).
const BASE64_LINE: usize = 76;

/// Writes the section.
pub(super) fn section(out: &mut Out, story: &Story, recording: &Recording) {
    out.line(0, "recorded:");
    out.field(2, "until", &scalar(&moment::write_time(recording.until)));
    if recording.ends_early {
        out.field(2, "ends-early", "true");
    }
    if let Some(account) = &recording.account {
        out.field(2, "account", &scalar(account));
    }
    if let Some(tag) = &story.tag {
        out.field(2, "tag", &scalar(tag));
    }
    if recording.at_once {
        out.field(2, "webhooks", "at-once");
    }
    if !recording.inputs.is_empty() {
        out.line(2, "inputs:");
    }
    for input in &recording.inputs {
        item(out, story, input);
    }
}

fn item(out: &mut Out, story: &Story, input: &RecordedInput) {
    out.line(2, &format!("- at: {}", scalar(&moment::write_time(input.at))));
    if input.early {
        out.field(FIELD, "early", "true");
    }
    match &input.what {
        Recorded::Order(what) => order(out, what),
        Recorded::Webhook(answer) => webhook(out, answer),
        Recorded::Scanned(url) => long(out, FIELD, "scanned", url),
        Recorded::Mail(what) => mail(out, what),
        Recorded::Phone(number, act) => {
            out.field(FIELD, "phone", &scalar(&number.to_string()));
            phone(out, act);
        }
        Recorded::Person(who, act) => {
            let name = story.people.get(who.index()).map_or("nobody", |person| person.name.as_str());
            out.field(FIELD, "person", &scalar(name));
            match act {
                PersonAct::LosesPhone => out.field(FIELD, "phone-is", "lost"),
                PersonAct::FindsPhone => out.field(FIELD, "phone-is", "works"),
                PersonAct::ShowsCode(None) => out.field(FIELD, "code-of", "any"),
                PersonAct::ShowsCode(Some(device)) => out.field(FIELD, "code-of", &scalar(device)),
            }
        }
        Recorded::Sender(sender, hooks) => {
            out.field(FIELD, "sender", &scalar(sender.as_str()));
            if let Some(SenderAddresses { url, method, fallback }) = hooks {
                long(out, FIELD, "url", url);
                if *method != Method::default() {
                    out.field(FIELD, "method", method.name());
                }
                if let Some(fallback) = fallback {
                    long(out, FIELD, "fallback", fallback);
                }
            }
        }
        Recorded::Faults(faults) if faults.is_empty() => out.field(FIELD, "faults", "[]"),
        Recorded::Faults(faults) => {
            out.line(FIELD, "faults:");
            for fault in faults {
                out.line(FIELD, &one_fault(story, fault));
            }
        }
        Recorded::Page(visit) => page(out, visit),
    }
}

fn order(out: &mut Out, order: &RestOrder) {
    let RestOrder { method, path, account, body } = order;
    out.field(FIELD, "order", &scalar(&format!("{method} {path}")));
    if let Some(account) = account {
        out.field(FIELD, "account", &scalar(account));
    }
    match body {
        OrderBody::Json(text) => long(out, FIELD, "json", text),
        OrderBody::Form(fields) => form(out, fields),
    }
}

/// Writes single fields as `form` and repeated ones as `lists`.
fn form(out: &mut Out, fields: &[(String, String)]) {
    let count = |name: &str| fields.iter().filter(|(other, _)| other == name).count();
    let single: Vec<_> = fields.iter().filter(|(name, _)| count(name) == 1).collect();
    let flow: Vec<String> =
        single.iter().map(|(name, value)| format!("{}: {}", scalar(name), scalar(value))).collect();
    let line = format!("{{ {} }}", flow.join(", "));
    if !single.is_empty() && line.len() <= LINE_MAX {
        out.field(FIELD, "form", &line);
    } else if !single.is_empty() {
        out.line(FIELD, "form:");
        for (name, value) in single {
            long(out, FIELD + 2, &scalar(name), value);
        }
    }
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in fields.iter().filter(|(name, _)| count(name) > 1) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() {
        out.line(FIELD, "lists:");
    }
    for name in names {
        out.line(FIELD + 2, &format!("{}:", scalar(name)));
        for (_, value) in fields.iter().filter(|(other, _)| other == name) {
            long(out, FIELD + 2, "-", value);
        }
    }
}

fn webhook(out: &mut Out, answer: &AppAnswer) {
    let AppAnswer { method, url, asked, reply } = answer;
    long(out, FIELD, "webhook", &format!("{} {url}", method.name()));
    if let Some(asked) = asked {
        out.field(FIELD, "asked", &scalar(&moment::write_time(*asked)));
    }
    match reply {
        AppReply::Lost(NoReply::Down) => out.field(FIELD, "lost", "down"),
        AppReply::Lost(NoReply::Cut) => out.field(FIELD, "lost", "cut"),
        AppReply::Lost(NoReply::TimedOut) => out.field(FIELD, "lost", "timed-out"),
        AppReply::Pending => out.field(FIELD, "lost", "not-yet"),
        AppReply::Answered { status, kind, location, body } => {
            out.field(FIELD, "status", &status.to_string());
            if let Some(kind) = kind {
                long(out, FIELD, "content-type", kind);
            }
            if let Some(location) = location {
                long(out, FIELD, "location", location);
            }
            if !body.is_empty() {
                long(out, FIELD, "body", body);
            }
        }
    }
}

fn mail(out: &mut Out, mail: &AppMail) {
    let AppMail { from, to, reaches, message } = mail;
    out.field(FIELD, "mail", &scalar(from));
    let all = in_brackets(to.iter().map(|to| scalar(to)));
    if all.len() <= LINE_MAX {
        out.field(FIELD, "recipients", &all);
    } else {
        out.line(FIELD, "recipients:");
        for to in to {
            out.line(FIELD, &format!("- {}", scalar(to)));
        }
    }
    match reaches {
        MailStage::Message => {}
        MailStage::Recipient => out.field(FIELD, "ends-at", "recipient"),
        MailStage::Data => out.field(FIELD, "ends-at", "data"),
        MailStage::Text => out.field(FIELD, "ends-at", "text"),
    }
    if message.is_empty() && *reaches != MailStage::Message {
        return;
    }
    let plain = std::str::from_utf8(message).ok().map(|text| text.replace("\r\n", "\n"));
    match plain.filter(|text| text.replace('\n', "\r\n").as_bytes() == message && !text.contains('\r')) {
        Some(text) => long(out, FIELD, "message", &text),
        None => {
            out.field(FIELD, "base64", "|-");
            for line in STANDARD.encode(message).as_bytes().chunks(BASE64_LINE) {
                out.line(FIELD + 2, &String::from_utf8_lossy(line));
            }
        }
    }
}

fn phone(out: &mut Out, act: &PhoneAct) {
    match act {
        PhoneAct::Answers => out.field(FIELD, "does", "answers"),
        PhoneAct::HangsUp => out.field(FIELD, "does", "hangs-up"),
        PhoneAct::Presses { keys, after, gap } => {
            out.field(FIELD, "presses", &scalar(keys.reveal()));
            for (name, span) in [("after", after), ("gap", gap)] {
                if *span != Span::ZERO {
                    out.field(FIELD, name, &span.to_string());
                }
            }
        }
        PhoneAct::Texts { to, body } => {
            long(out, FIELD, "texts", body);
            out.field(FIELD, "to", &scalar(to.as_str()));
        }
        PhoneAct::Follows(None) => out.field(FIELD, "script", "{}"),
        PhoneAct::Follows(Some(written)) => script(out, written),
    }
}

fn script(out: &mut Out, Script { manner, steps }: &Script) {
    out.line(FIELD, "script:");
    let below = FIELD + 2;
    match manner {
        Manner::AnswersAfter(after) => out.field(below, "answers-after", &after.to_string()),
        Manner::RejectsAfter(after) => out.field(below, "rejects-after", &after.to_string()),
        Manner::Rings => out.field(below, "line", "rings"),
        Manner::Busy => out.field(below, "line", "busy"),
        Manner::Voicemail(_) => out.field(below, "line", "voicemail"),
        Manner::Unreachable => out.field(below, "line", "unreachable"),
    }
    if !steps.is_empty() {
        out.line(below, "then:");
    }
    for step in steps {
        let mut fields = Vec::new();
        fields.extend(step.hears.as_ref().map(|words| format!("hears: {}", scalar(words))));
        if step.after != Span::ZERO {
            fields.push(format!("after: {}", step.after));
        }
        if let ScriptAct::Press { keys, gap } = step.does {
            fields.push(format!("presses: {}", scalar(keys.reveal())));
            if gap != Span::ZERO {
                fields.push(format!("gap: {gap}"));
            }
        }
        let line =
            if fields.is_empty() { "- {}".to_owned() } else { format!("- {{ {} }}", fields.join(", ")) };
        out.line(below, &line);
    }
}

fn page(out: &mut Out, visit: &PageVisit) {
    let PageVisit { browser, method, path, form: fields } = visit;
    long(out, FIELD, "page", &format!("{method} {path}"));
    if *browser != 1 {
        out.field(FIELD, "browser", &browser.to_string());
    }
    form(out, fields);
}
