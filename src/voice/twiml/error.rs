//! Why a document cannot be run, with Twilio's code and the place.

/// A document that was read and cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct TwimlError {
    /// What is wrong.
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

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadTwiml {
    /// More than 64 kB.
    #[error("the document has {0} bytes; it may have {max}", max = super::BODY_MAX)]
    TooBig(usize),
    /// No well-formed XML.
    #[error("this is not well-formed XML: {0}")]
    Xml(String),
    /// Another root.
    #[error("the root element is `<{0}>`; it must be `<Response>`")]
    Root(String),
    /// No verb of TwiML.
    #[error("`<{0}>` is not a verb; the verbs are {RUN}, and are case-sensitive")]
    UnknownVerb(String),
    /// A verb or an attribute of TwiML that is not run here.
    #[error("{0} is not supported by this phone company; it supports {RUN}")]
    NotRun(String),
    /// A verb where it must not stand.
    #[error("`<{0}>` cannot stand inside `<Gather>`; only `<Say>` and `<Pause>` can")]
    Nested(&'static str),
    /// An element inside one that takes none.
    #[error("`<{inside}>` holds no `<{element}>`")]
    Inside {
        /// What stands there.
        element: String,
        /// Inside what.
        inside: &'static str,
    },
    /// An attribute that the element does not have.
    #[error("`<{element}>` has no attribute `{name}`; it has {known}")]
    Attribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        name: String,
        /// Those that it has.
        known: &'static str,
    },
    /// An attribute with a value that it cannot have.
    #[error("`{attribute}=\"{value}\"` of `<{element}>` is not {wants}")]
    Value {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// What stands there.
        value: String,
        /// What could stand there.
        wants: &'static str,
        /// Twilio's code for it.
        code: u32,
    },
    /// Words that nobody says.
    #[error("`<{0}>` holds words; only `<Say>` speaks")]
    Words(&'static str),
    /// Nothing to say.
    #[error("`<Say>` has nothing to say")]
    EmptySay,
    /// An address that leads nowhere.
    #[error("`<{element}>` leads to `{address}`, and no request can be made there")]
    Elsewhere {
        /// The element.
        element: &'static str,
        /// The address.
        address: String,
    },
    /// Too many verbs.
    #[error("the document holds more than {max} verbs", max = super::VERBS_MAX)]
    TooManyVerbs,
}

/// The verbs that are run, as a text.
const RUN: &str = "`<Say>`, `<Pause>`, `<Gather>`, `<Redirect>` and `<Hangup>`";

/// XML that does not conform to the schema. Twilio warns and goes on as it sees fit; what it
/// then does is not known, so that here it is an error.
const SCHEMA: u32 = 12200;

impl BadTwiml {
    /// Twilio's code. What Twilio would run and this phone company does not has the code of the
    /// schema, for want of a nearer one.
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
            | Self::TooManyVerbs => SCHEMA,
            Self::EmptySay => 13520,
            Self::Value { code, .. } => *code,
        }
    }
}
