//! Errors of documents, with Twilio's code and the position.

/// A document that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct TwimlError {
    /// The cause.
    pub why: BadTwiml,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl TwimlError {
    /// Twilio's code, as its debugger shows it.
    pub const fn code(&self) -> u32 {
        self.why.code()
    }
}

/// The cause of a [`TwimlError`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTwiml {
    /// More than 64 kB.
    #[error("the document has {0} bytes; it may have {max}", max = super::BODY_MAX)]
    TooBig(usize),
    /// Not well-formed XML.
    #[error("this is not well-formed XML: {0}")]
    Xml(String),
    /// The root element is not `<Response>`.
    #[error("the root element is `<{0}>`; it must be `<Response>`")]
    Root(String),
    /// Not a TwiML verb.
    #[error("`<{0}>` is not a verb; the verbs are {RUN}, and are case-sensitive")]
    UnknownVerb(String),
    /// A verb or an attribute of TwiML that is not run here.
    #[error("{0} is not supported by this phone company; it supports {RUN}")]
    NotRun(String),
    /// A verb that cannot be nested here.
    #[error("`<{0}>` cannot be inside `<Gather>`; only `<Say>` and `<Pause>` can")]
    Nested(&'static str),
    /// A child of an element that takes none.
    #[error("`<{inside}>` cannot contain `<{element}>`")]
    Inside {
        /// The child element.
        element: String,
        /// The parent element.
        inside: &'static str,
    },
    /// An attribute that the element does not have.
    #[error("`<{element}>` has no attribute `{name}`; it has {known}")]
    Attribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        name: String,
        /// The element's attributes.
        known: &'static str,
    },
    /// An invalid attribute value.
    #[error("`{attribute}=\"{value}\"` of `<{element}>` is not {wants}")]
    Value {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// The value.
        value: String,
        /// The permitted values.
        wants: &'static str,
        /// Twilio's code for it.
        code: u32,
    },
    /// Text in an element that does not speak.
    #[error("`<{0}>` contains text; only `<Say>` can contain text")]
    Words(&'static str),
    /// A `<Say>` without text.
    #[error("`<Say>` has nothing to say")]
    EmptySay,
    /// An address that cannot be requested.
    #[error("`<{element}>` points to `{address}`, which cannot be requested")]
    Elsewhere {
        /// The element.
        element: &'static str,
        /// The address.
        address: String,
    },
    /// A loop that would take too many verbs.
    #[error("`<Say loop>` asks for {asked} rounds; {fit} are spoken")]
    TooManyRounds {
        /// The rounds that the document asks for; 1,000 for a loop without an end.
        asked: u32,
        /// The rounds that are spoken.
        fit: u32,
    },
    /// Too many verbs.
    #[error("the document contains more than {max} verbs", max = super::VERBS_MAX)]
    TooManyVerbs,
}

/// The supported verbs, for messages.
const RUN: &str = "`<Say>`, `<Pause>`, `<Gather>`, `<Record>`, `<Redirect>` and `<Hangup>`";

/// Twilio code: schema validation warning. Twilio warns and continues in an undocumented way; here it is an
/// error.
const SCHEMA: u32 = 12200;

impl BadTwiml {
    /// Twilio's code. Features that Twilio supports and this phone company does not share the schema code,
    /// because none is closer.
    pub const fn code(&self) -> u32 {
        match self {
            Self::TooBig(_) => 11750,
            Self::Xml(_) => 12100,
            Self::Root(_) => 12102,
            Self::UnknownVerb(_)
            | Self::NotRun(_)
            | Self::Nested(_)
            | Self::Inside { .. }
            | Self::Attribute { .. }
            | Self::Words(_)
            | Self::Elsewhere { .. }
            | Self::TooManyRounds { .. }
            | Self::TooManyVerbs => SCHEMA,
            Self::EmptySay => 13520,
            Self::Value { code, .. } => *code,
        }
    }
}
