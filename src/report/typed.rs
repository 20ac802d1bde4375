//! What a person typed, in words.

use crate::event::Typed;
use crate::report::words::Words;

impl Words<'_> {
    pub(super) fn typed(&self, typed: Typed) -> String {
        match typed {
            Typed::Nothing => String::new(),
            Typed::User(address) => format!(" ({})", self.address(address)),
            Typed::Password(Some(account)) => format!(" ({}'s)", self.account(account)),
            Typed::Password(None) => " (a wrong one)".to_owned(),
            Typed::LaterPassword { of, .. } => format!(" (a later one of {}'s)", self.account(of)),
            Typed::NewPassword { current: None, .. } => " (with a wrong current one)".to_owned(),
            Typed::NewPassword { .. } => String::new(),
            Typed::Code { device, .. } => format!(" ({}'s)", self.device(device)),
            Typed::Pair { device, apart, .. } => {
                let how = match apart {
                    1 => "consecutive",
                    0 => "the same code twice",
                    -1 => "in reverse",
                    _ => "not consecutive",
                };
                format!(" ({}'s, {how})", self.device(device))
            }
            Typed::Link(mail) => format!(" (of {mail})"),
            Typed::Screen(_) => " the code on the screen".to_owned(),
            Typed::Spoken(call) => format!(" (of {call})"),
            Typed::Guess(_) => " (a guess)".to_owned(),
        }
    }
}
