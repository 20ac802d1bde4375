//! Parses the words of a script: requests, codes, keyed digits and answers.

use super::{Rehearsal, USERS, seed_of};
use crate::base::id::{AddressId, DeviceId};
use crate::base::number::Number;
use crate::base::otp::{Generator, Kind};
use crate::base::secret::{Code, Digest, Password, Token};
use crate::event::{Control, NoReply, PageName, Problem};
use crate::message::{
    Action, Answer, CallReply, Digits, Fields, Link, MailReply, Opening, Sid, TicketForm, TicketReply,
};
use crate::service::reference::call_ref::CallRef;

impl Rehearsal {
    pub(super) fn action(&self, what: &[&str]) -> Action {
        match what {
            ["open", page] => Action::open(page_named(page)),
            ["name", user] => Action::new(
                Control::SubmitUser,
                Fields::User(USERS.iter().find(|(name, _)| name == user).unwrap().1),
            ),
            ["password"] => Action::new(Control::SubmitPassword, Fields::Password(Password::of("right"))),
            ["password", wrong] => {
                Action::new(Control::SubmitPassword, Fields::Password(Password::of(wrong)))
            }
            ["code", which @ ..] => Action::new(Control::SubmitCode, Fields::Code(self.code(which))),
            ["troubleshoot"] => Action::of(Control::Troubleshoot),
            ["resync"] => Action::of(Control::ChooseResync),
            ["alternative"] => Action::of(Control::ChooseAlternative),
            ["pair", first, second, of @ ..] => {
                let [first, second] = [first, second].map(|off| self.code(&[&[*off], of].concat()));
                Action::new(Control::SubmitPair, Fields::Pair(first, second))
            }
            ["mail"] => Action::of(Control::SendEmail),
            ["follow", "link", at] => {
                Action::new(Control::FollowLink, Fields::Link(self.link(at).map(Link::Token)))
            }
            ["probe", "link", at] => {
                Action::new(Control::ProbeLink, Fields::Link(self.link(at).map(Link::Token)))
            }
            ["confirm", "link", at] => {
                Action::new(Control::ConfirmLink, Fields::Link(self.link(at).map(Link::Token)))
            }
            ["call-me"] => Action::of(Control::CallMe),
            ["spoken", "right"] => Action::new(
                Control::SubmitSpoken,
                Fields::Code(self.service.durable.codes.last().map(|code| code.code)),
            ),
            ["spoken", "wrong"] => {
                Action::new(Control::SubmitSpoken, Fields::Code(Some(Code::new(1_234_567, 7))))
            }
            ["finish"] => Action::of(Control::FinishSignIn),
            ["deactivate", device] => {
                Action::new(Control::Deactivate, Fields::Device(DeviceId(device.parse().unwrap())))
            }
            ["assign"] => Action::of(Control::BeginAssign),
            ["assigned", first, second] => {
                let offered = self.service.durable.sessions.iter().rev().find_map(|s| s.offered).unwrap();
                let shows = Generator::new(&offered.seed, offered.kind);
                let [first, second] = [first, second].map(|off| Some(shows.code(self.step(off))));
                Action::new(Control::FinishAssign, Fields::Pair(first, second))
            }
            ["reactivate", first, second, of @ ..] => {
                let [first, second] = [first, second].map(|off| self.code(&[&[*off], of].concat()));
                Action::new(Control::Reactivate, Fields::Pair(first, second))
            }
            ["assigned", "nothing"] => Action::new(Control::FinishAssign, Fields::Pair(None, None)),
            ["phone", number] => Action::new(Control::ChangePhone, Fields::Phone(Number::read(number).ok())),
            ["change", current, new] => {
                let fields = Fields::NewPassword(Password::of(current), Some(Password::of(new)));
                Action::new(Control::ChangePassword, fields)
            }
            ["change", current] => {
                let fields = Fields::NewPassword(Password::of(current), None);
                Action::new(Control::ChangePassword, fields)
            }
            ["out"] => Action::of(Control::SignOut),
            ["out-everywhere", password] => {
                Action::new(Control::SignOutEverywhere, Fields::Password(Password::of(password)))
            }
            [what @ ("ticket" | "ticket-changed" | "ticket-without"), rest @ ..] => {
                Action::new(Control::SubmitTicket, Fields::Ticket(ticket(what, rest.first().copied())))
            }
            other => panic!("no such deed: {other:?}"),
        }
    }

    fn link(&self, at: &str) -> Option<Token> {
        let at: usize = at.parse().ok()?;
        Some(self.links[at - 1])
    }

    /// The time step at this offset from now.
    fn step(&self, off: &str) -> u64 {
        let step = self.service.epoch.unix_secs(self.now) / 30;
        step.saturating_add_signed(off.trim_start_matches('+').parse().unwrap())
    }

    /// `+1 of 2` is the code of device 2 one step from now; `bad` and `none` match no device.
    fn code(&self, which: &[&str]) -> Option<Code> {
        let (off, device) = match which {
            [off, "of", device] => (*off, device.parse().unwrap()),
            [off] => (*off, 0),
            _ => ("0", 0),
        };
        match off {
            "none" => None,
            // No device here shows seven digits, so the code is wrong for any seed.
            "bad" => Some(Code::new(1_234_567, 7)),
            off => Some(Generator::new(&seed_of(device), Kind::TOTP).code(self.step(off))),
        }
    }

    /// The digits to key in: `right`, `wrong`, `nothing`, or `those-of-` another call.
    pub(super) fn digits(&self, at: usize, keys: &str) -> Digits {
        let right = |at: usize| {
            let Opening::Fetch(hook) = self.calls[at - 1].opening else { panic!("no address") };
            let (reference, _) = CallRef::read(hook).unwrap();
            let codes = &self.service.durable.codes;
            codes.iter().find(|code| code.reference == reference).unwrap().code.reveal_text()
        };
        let keys = match keys {
            "right" => right(at),
            "wrong" => "1".to_owned(),
            "nothing" => String::new(),
            other => right(other.strip_prefix("those-of-").unwrap().parse().unwrap()),
        };
        Digits::read(&keys).unwrap()
    }
}

/// Ana's support form: with a phone number, or without the field of this name.
fn ticket(what: &str, field: Option<&str>) -> TicketForm {
    let lacks = |name| what == "ticket-without" && field == Some(name);
    TicketForm {
        problem: if what == "ticket-changed" { Problem::PhoneChanged } else { Problem::NoCall },
        email: if lacks("email") { AddressId::NONE } else { AddressId(0) },
        account_number: u64::from(!lacks("number")),
        phone: field.and_then(|number| Number::read(number).ok()),
        full_name: Digest::of(if lacks("name") { "" } else { "Ana" }),
    }
}

pub(super) fn kind_of(word: &str) -> usize {
    ["mails", "calls", "tickets"].iter().position(|kind| *kind == word).unwrap()
}

/// Reads an answer: `mails taken`, `mails 450`, `calls 503`, `tickets lost`, `mails unanswered`.
pub(super) fn answer(words: &[&str]) -> Option<Answer> {
    Some(match (words[0], words[1]) {
        (_, "lost") => Answer::Lost(NoReply::Cut),
        (_, "unanswered") => return None,
        ("mails", "taken") => Answer::Mail(MailReply::Taken),
        ("mails", code) => Answer::Mail(MailReply::Refused { code: code.parse().unwrap() }),
        ("calls", "taken") => Answer::Call(CallReply::Created { sid: Sid(1) }),
        ("calls", "refused") => Answer::Call(CallReply::Refused { http: 400, code: 21_215 }),
        ("calls", http) => Answer::Call(CallReply::Failed { http: http.parse().unwrap() }),
        ("tickets", "taken") => Answer::Ticket(TicketReply::Taken),
        ("tickets", "failed") => Answer::Ticket(TicketReply::Failed),
        other => panic!("no such answer: {other:?}"),
    })
}

fn page_named(name: &str) -> PageName {
    *PageName::ALL.iter().find(|page| format!("{page:?}") == name).unwrap()
}
