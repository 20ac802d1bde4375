//! What a recipient reads or hears with a code. The words are lostkey's.

use std::fmt;
use std::sync::Arc;

use crate::message::{ServiceSettings, VerificationOrder, VerifyCode, VerifyTo};

/// A code to send, with the wording of its text, call or email.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeWords {
    /// The recipient.
    pub to: VerifyTo,
    name: Arc<str>,
    code: VerifyCode,
    warns: bool,
    app_hash: Option<Arc<str>>,
}

impl fmt::Debug for CodeWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeWords").field("to", &self.to).field("code", &self.code).finish_non_exhaustive()
    }
}

impl CodeWords {
    pub(super) fn new(order: &VerificationOrder, settings: &ServiceSettings, code: VerifyCode) -> Self {
        Self {
            to: order.to.clone(),
            name: order.name.as_ref().map_or_else(|| Arc::clone(&settings.name), Arc::clone),
            code,
            warns: settings.warns,
            app_hash: order.app_hash.clone(),
        }
    }

    /// The body of a text message.
    pub fn text(&self) -> String {
        let mut text = format!("Your {} verification code is: {}", self.name, self.code.reveal());
        if self.warns {
            text.push_str(". Keep it to yourself.");
        }
        if let Some(hash) = &self.app_hash {
            text.push('\n');
            text.push_str(hash);
        }
        text
    }

    /// The sentence that a call speaks: the code character by character.
    pub fn speech(&self) -> String {
        let spaced: Vec<String> = self.code.reveal().chars().map(String::from).collect();
        format!("Your {} verification code is: {}.", self.name, spaced.join(" "))
    }

    /// The subject of an email.
    pub fn subject(&self) -> String {
        format!("{} verification code", self.name)
    }

    /// The text of an email.
    pub fn letter(&self) -> String {
        format!(
            "Your {} verification code is: {}\r\n\r\nIt is valid for 10 minutes. If you did not ask for it, \
             ignore this email.\r\n",
            self.name,
            self.code.reveal()
        )
    }
}
