//! Opt-out keywords: the whole body of a text from a handset, in any case of letters (TW-optout).

/// What a keyword asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start,
    /// Who sends the texts.
    Help,
}

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

impl Keyword {
    /// The keyword that a text consists of.
    pub(super) fn of(body: &str) -> Option<Self> {
        let word = body.trim().to_ascii_uppercase();
        let is_in = |words: &[&str]| words.contains(&word.as_str());
        match () {
            () if is_in(&STOP) => Some(Self::Stop),
            () if is_in(&START) => Some(Self::Start),
            () if is_in(&HELP) => Some(Self::Help),
            () => None,
        }
    }

    /// The reply that the provider sends by itself. Twilio's wording is not public for every sender, so
    /// clients must not parse it.
    pub(super) const fn reply(self) -> &'static str {
        match self {
            Self::Stop => {
                "You will receive no more messages from this sender. Reply START to receive them again."
            }
            Self::Start => "You will receive messages from this sender again. Reply STOP to receive no more.",
            Self::Help => "Reply STOP to receive no more messages from this sender.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_body_is_a_keyword() {
        for (body, keyword) in [
            ("STOP", Some(Keyword::Stop)),
            (" stop\n", Some(Keyword::Stop)),
            ("Unsubscribe", Some(Keyword::Stop)),
            ("revoke", Some(Keyword::Stop)),
            ("start", Some(Keyword::Start)),
            ("yes", Some(Keyword::Start)),
            ("Help", Some(Keyword::Help)),
            ("stop it", None),
            ("please STOP", None),
            ("", None),
        ] {
            assert_eq!(Keyword::of(body), keyword, "{body}");
        }
    }
}
