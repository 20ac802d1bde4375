//! The fields of the service's forms as text: written by a browser, read by the service.

use crate::base::id::{AddressId, DeviceId};
use crate::base::later_password::LaterPassword;
use crate::base::number::Number;
use crate::base::secret::{Code, Digest, Password, Token};
use crate::event::{Control, Field, FormKind, Problem};
use crate::message::{Action, Fields, Link, TicketForm};
use crate::people;
use crate::story::Story;
use crate::wire::form::Form;

/// Reads the fields of a control's form.
pub fn read(control: Control, body: &Form, story: &Story) -> Fields {
    let kind = control.form();
    let text = |place| text(kind, place, body);
    let code = |place| text(place).and_then(Code::read);
    match kind {
        FormKind::Empty => Fields::Empty,
        FormKind::User => Fields::User(story.address(text(0).unwrap_or_default())),
        FormKind::Password => Fields::Password(Password::of(text(0).unwrap_or_default())),
        FormKind::Code | FormKind::SpokenCode => Fields::Code(code(0)),
        FormKind::Pair => Fields::Pair(code(0), code(1)),
        FormKind::Link => Fields::Link(text(0).and_then(Token::read).map(Link::Token)),
        FormKind::Device => {
            let device = text(0).and_then(|text| text.parse().ok());
            Fields::Device(DeviceId(device.unwrap_or(u16::MAX)))
        }
        FormKind::Phone => Fields::Phone(text(0).and_then(|text| Number::read(text).ok())),
        FormKind::NewPassword => {
            let new = text(1).filter(|text| !text.is_empty());
            Fields::NewPassword(Password::of(text(0).unwrap_or_default()), new.map(Password::of))
        }
        FormKind::Ticket => Fields::Ticket(read_ticket(body, story)),
    }
}

/// Reads a support form, of page 10 or of the desk's API.
pub fn read_ticket(body: &Form, story: &Story) -> TicketForm {
    let text = |place| text(FormKind::Ticket, place, body);
    let digits: String = text(2).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    TicketForm {
        problem: text(0).and_then(Problem::from_label).unwrap_or(Problem::Other),
        email: text(1)
            .filter(|text| !text.trim().is_empty())
            .map_or(AddressId::NONE, |text| story.address(text)),
        account_number: digits.parse().unwrap_or(0),
        phone: text(3).and_then(|text| Number::read(text).ok()),
        full_name: Digest::of(text(4).unwrap_or_default().trim()),
    }
}

/// The text of the field at this position of a form.
fn text(kind: FormKind, place: usize, body: &Form) -> Option<&str> {
    kind.fields().get(place).and_then(|field| body.get(field.name))
}

/// The form of an action, with each field filled in.
pub fn write(action: &Action, story: &Story) -> Form {
    let code = |code: Option<Code>| code.map_or_else(String::new, Code::reveal_text);
    let phone = |number: Option<Number>| number.map_or_else(String::new, |number| number.to_string());
    let kind = action.control().form();
    match *action.fields() {
        Fields::Empty | Fields::Page(_) => Form::new(),
        Fields::User(user) => filled_in(kind, [story.address_text(user)]),
        Fields::Password(password) => filled_in(kind, [password_text(password, story)]),
        Fields::Code(typed) => filled_in(kind, [code(typed)]),
        Fields::Pair(first, second) => filled_in(kind, [code(first), code(second)]),
        ref fields @ Fields::Link(_) => {
            filled_in(kind, [fields.token().map_or_else(String::new, Token::reveal)])
        }
        Fields::Device(device) => filled_in(kind, [device.0.to_string()]),
        Fields::Phone(number) => filled_in(kind, [phone(number)]),
        Fields::NewPassword(current, new) => {
            let new = new.map_or_else(String::new, |new| password_text(new, story));
            filled_in(kind, [password_text(current, story), new])
        }
        Fields::Ticket(ref ticket) => write_ticket(ticket, story),
    }
}

/// Writes a support form, for page 10 or for the desk's API.
pub fn write_ticket(ticket: &TicketForm, story: &Story) -> Form {
    let known = story.accounts.iter().find(|account| account.full_name_digest == ticket.full_name);
    let nobody = if ticket.full_name == Digest::of("") { "" } else { "Somebody Else" };
    let texts = [
        ticket.problem.label(),
        story.address_text(ticket.email),
        &format!("{:012}", ticket.account_number),
        &ticket.phone.map_or_else(String::new, |phone| phone.to_string()),
        known.map_or(nobody, |account| &account.full_name),
    ];
    filled_in(FormKind::Ticket, texts)
}

/// A form with these texts in its fields, in order.
fn filled_in<T: Into<String>>(kind: FormKind, texts: impl IntoIterator<Item = T>) -> Form {
    let fill_in = |form: Form, (field, text): (&Field, T)| form.with(field.name, text);
    kind.fields().iter().zip(texts).fold(Form::new(), fill_in)
}

/// The text of a password: the story keeps the text, an action only its digest. Those chosen since the story
/// began have their number in their text.
pub fn password_text(password: Password, story: &Story) -> String {
    let known = story.accounts.iter().find(|account| account.password == password);
    known
        .map(|account| account.password_text.clone())
        .or_else(|| LaterPassword::text_of(password, story.people.len()))
        .unwrap_or_else(|| people::WRONG_PASSWORD.to_owned())
}
