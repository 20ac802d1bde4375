//! How a phone answers calls by itself.

use std::sync::Arc;

use crate::base::time::Span;
use crate::event::AnsweredBy;
use crate::message::Digits;

/// Most steps of one script.
pub const SCRIPT_STEPS_MAX: usize = 32;

/// How a phone answers calls by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The end of dialling.
    pub manner: Manner,
    /// What is done on the line, in order; each step waits for the one before.
    pub steps: Vec<ScriptStep>,
}

/// How calls to a phone end their dialling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// The phone rings until an external client or a person answers.
    #[default]
    Rings,
    /// It is answered after this time of ringing.
    AnswersAfter(Span),
    /// It is declined after this time of ringing.
    RejectsAfter(Span),
    /// The line is busy.
    Busy,
    /// Voicemail answers, with this result of answering machine detection.
    Voicemail(AnsweredBy),
    /// The phone cannot be reached.
    Unreachable,
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptStep {
    /// The words that a sentence must contain, in any case of letters; `None` for no condition.
    pub hears: Option<Arc<str>>,
    /// The delay after the condition holds.
    pub after: Span,
    /// The action.
    pub does: ScriptAct,
}

/// The action of a script step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptAct {
    /// Presses keys, with this time between two of them.
    Press {
        /// The keys.
        keys: Digits,
        /// The time between two keys.
        gap: Span,
    },
    /// Hangs up.
    HangUp,
}
