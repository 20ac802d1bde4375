//! Generic SMS gateways: a text in any POST of JSON or a form reaches the same handsets as Twilio's.

use serde_json::{Value, json};

use crate::base::number::Number;
use crate::message::{TextOrder, TextReply, TextSender};
use crate::providers::messaging::twiml::TEXT_MAX;
use crate::story::{FieldPath, Gateway, OrderBody, Recorded, RestOrder};
use crate::wire::door::Door;
use crate::wire::form::Form;
use crate::world::World;

/// The sender of a text whose request names none.
const SHORT_CODE: &str = "10000";

/// An answer: HTTP status, content type and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The content type.
    pub kind: String,
    /// The body.
    pub body: String,
}

/// Answers a request to a gateway; `None` if the connection must be closed without an answer.
pub fn respond(door: &Door, gateway: &Gateway, method: &str, is_json: bool, body: &[u8]) -> Option<Answered> {
    if method != "POST" {
        return Some(refused(405, format!("send a POST to {}", gateway.path)));
    }
    let order = match order(gateway, is_json, body) {
        Ok(order) => order,
        Err(says) => return Some(refused(400, says)),
    };
    if door.is_over() {
        return Some(refused(503, "the play has ended".to_owned()));
    }
    door.enter(|world| {
        door.note(world, |_| recorded(gateway, is_json, body));
        answered(world, gateway, order)
    })
}

/// A request as a recording has it.
fn recorded(gateway: &Gateway, is_json: bool, body: &[u8]) -> Recorded {
    let body = if is_json {
        OrderBody::Json(String::from_utf8_lossy(body).into_owned())
    } else {
        OrderBody::Form(Form::read(body).into_fields())
    };
    let (method, path) = ("POST".to_owned(), gateway.path.clone());
    Recorded::Order(RestOrder { method, path, account: None, body })
}

fn answered(world: &mut World, gateway: &Gateway, order: TextOrder) -> Option<Answered> {
    match world.order_text(order)? {
        TextReply::Created(id) => {
            let sid = world.text(id).map(|text| text.sid().to_string()).unwrap_or_default();
            let answer = &gateway.answer;
            let (kind, body) = (answer.kind.clone(), answer.body.replace("{sid}", &sid));
            Some(Answered { status: answer.status, kind, body })
        }
        TextReply::Refused { http, code } => {
            Some(refused(http, format!("refused, as Twilio does with its error {code}")))
        }
        TextReply::Failed { http } => Some(refused(http, "the provider failed".to_owned())),
    }
}

fn refused(status: u16, says: String) -> Answered {
    let body = json!({ "error": says }).to_string();
    Answered { status, kind: "application/json".to_owned(), body }
}

fn order(gateway: &Gateway, is_json: bool, body: &[u8]) -> Result<TextOrder, String> {
    let fields = Fields::read(is_json, body)?;
    let to = fields.get(&gateway.to)?;
    let to = number(&to).ok_or_else(|| format!("`{}` is not a phone number in E.164", gateway.to))?;
    let text = fields.get(&gateway.text)?;
    let length = text.chars().count();
    if length == 0 || length > TEXT_MAX {
        return Err(format!("`{}` has {length} characters; it may have 1 to {TEXT_MAX}", gateway.text));
    }
    let from = gateway.from.as_ref().map(|from| fields.get(from)).transpose()?;
    let from = from.and_then(|from| TextSender::read(&from)).or_else(|| TextSender::read(SHORT_CODE));
    let from = from.ok_or_else(|| "no sender can be used".to_owned())?;
    Ok(TextOrder::new(to, from, text))
}

/// A number as apps write it: E.164, also with `00` or nothing in place of the plus sign.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let bare = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).unwrap_or(text);
    Number::read(&format!("+{bare}")).ok().filter(|number| number.is_e164())
}

enum Fields {
    Json(Value),
    Form(Form),
}

impl Fields {
    fn read(is_json: bool, body: &[u8]) -> Result<Self, String> {
        if !is_json {
            return Ok(Self::Form(Form::read(body)));
        }
        serde_json::from_slice(body).map(Self::Json).map_err(|error| format!("the body is not JSON: {error}"))
    }

    fn get(&self, path: &FieldPath) -> Result<String, String> {
        let found = match self {
            Self::Json(document) => path.find(document),
            Self::Form(form) => form.get(path.as_str()).map(str::to_owned),
        };
        let what = if matches!(self, Self::Json(_)) { "the JSON body" } else { "the form" };
        found.ok_or_else(|| format!("there is no text at `{path}` of {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::GatewayAnswer;

    fn gateway() -> Gateway {
        let path = |text| FieldPath::read(text).unwrap();
        Gateway {
            path: "/sms".to_owned(),
            to: path("to.0.phone"),
            text: path("text"),
            from: Some(path("from")),
            answer: GatewayAnswer::default(),
        }
    }

    #[test]
    fn bodies_are_read_or_refused_with_the_path_that_is_missing() {
        for (is_json, body, read) in [
            (
                true,
                r#"{"to":[{"phone":"+34600000001"}],"text":"hi","from":"App"}"#,
                Ok("+34600000001 App hi"),
            ),
            (true, r#"{"to":[{"phone":34600000001}],"text":"hi","from":"??"}"#, Ok("+34600000001 10000 hi")),
            (false, "to.0.phone=0034600000001&text=hi&from=12345", Ok("+34600000001 12345 hi")),
            (true, "{", Err("not JSON")),
            (true, r#"{"to":[],"text":"hi","from":"App"}"#, Err("`to.0.phone` of the JSON body")),
            (false, "text=hi", Err("`to.0.phone` of the form")),
            (false, "to.0.phone=34600000001&text=&from=x", Err("0 characters")),
            (false, "to.0.phone=ana&text=hi&from=x", Err("not a phone number")),
        ] {
            let order = order(&gateway(), is_json, body.as_bytes());
            let told = order.map(|order| format!("{} {} {}", order.to, order.from.unwrap(), order.body));
            match (told, read) {
                (Ok(told), Ok(read)) => assert_eq!(told, read),
                (Err(says), Err(part)) => assert!(says.contains(part), "{says}"),
                (told, read) => panic!("{body}: {told:?} {read:?}"),
            }
        }
    }
}
