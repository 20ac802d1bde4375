//! The structure of a YAML text: position, type and parent of each value.
//!
//! One pass over the parser's events runs first. It enforces the resource limits (depth, aliases,
//! number of documents) and records the positions that later error messages refer to. It is
//! independent of the story format.

mod around;

use std::ops::Range;

use serde_yaml::granit_parser::{Event, Parser, Span};

pub(super) use self::around::Part;
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::{limit, syntax};

/// A text and its structure.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) text: &'a str,
    nodes: Vec<Node>,
}

/// The type of a YAML value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No value after the colon, or `null`.
    Nothing,
    /// A scalar: a text, a number, `true`.
    Scalar,
    /// `- …` lines, or `[…]`.
    List,
    /// `key: …` lines, or `{…}`.
    Mapping,
}

#[derive(Debug)]
struct Node {
    at: Range<usize>,
    shape: Shape,
    /// The enclosing collection; `None` for the root value.
    within: Option<usize>,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The root value, or an item of a list.
    Item,
    /// The key of a mapping entry.
    Key,
    /// The value of the entry with this key.
    ValueOf(usize),
}

impl<'a> Outline<'a> {
    /// Reads the structure of `text`, which must be one YAML document with a mapping at its root.
    pub(super) fn of(text: &'a str) -> Checked<Self> {
        let mut walk =
            Walk { outline: Self { text, nodes: Vec::new() }, open: Vec::new(), aliases: 0, documents: 0 };
        // With comments as events, the parser buffers at most 32 of them in a row.
        let options = serde_yaml::granit_parser::options! { emit_comments: false };
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| syntax::found(text, &error))?;
            let tag = span.tag_span().map(|tag| bytes(&tag));
            walk.take(&event, bytes(&span), tag)?;
        }
        walk.outline.with_a_mapping_outermost()
    }

    fn with_a_mapping_outermost(self) -> Checked<Self> {
        match self.nodes.first().map(|root| (root.shape, root.at.clone())) {
            None | Some((Shape::Nothing, _)) => Err(Found::new(Mistake::Empty, 0..0)),
            Some((Shape::Mapping, _)) => Ok(self),
            Some((shape @ (Shape::Scalar | Shape::List), at)) => {
                let mistake = Mistake::WrongShape {
                    what: "a story".to_owned(),
                    wants: "a mapping".to_owned(),
                    found: shape.name().to_owned(),
                    help: "it begins with `about: …`; each part is a `name:` with its fields below it"
                        .to_owned(),
                };
                Err(Found::new(mistake, at))
            }
        }
    }

    /// The type of the value at `offset`. A mapping and its first key share an offset; the mapping wins.
    pub(super) fn shape_at(&self, offset: usize) -> Option<Shape> {
        self.nodes.iter().find(|node| node.at.start == offset).map(|node| node.shape)
    }

    /// The field names that lead to the value at `offset`, outermost first. For a key, the path of its
    /// mapping.
    pub(super) fn path(&self, offset: usize, is_key: bool) -> Vec<&'a str> {
        let begins_here = |node: &&Node| node.at.start == offset && (node.role == Role::Key) == is_key;
        let mut names = Vec::new();
        let mut next = self.nodes.iter().find(begins_here);
        while let Some(node) = next {
            if let Role::ValueOf(key) = node.role {
                names.extend(self.nodes.get(key).map(|key| self.word(key)));
            }
            next = node.within.and_then(|within| self.nodes.get(within));
        }
        names.reverse();
        names
    }

    /// Whether the value at `offset` is an item of a list.
    pub(super) fn is_item(&self, offset: usize) -> bool {
        let node = self.nodes.iter().find(|node| node.at.start == offset);
        node.is_some_and(|node| node.role == Role::Item && node.within.is_some())
    }

    /// Where the root mapping begins.
    pub(super) fn root(&self) -> Range<usize> {
        self.whole(self.nodes.first().map_or(0..0, |root| root.at.start..root.at.start))
    }

    /// The key `name` in the mapping under the key at `owner`.
    pub(super) fn empty_field(&self, owner: usize, name: &str) -> Option<Range<usize>> {
        let key = self.nodes.iter().position(|node| node.role == Role::Key && node.at.start == owner)?;
        let mapping = self.nodes.iter().position(|node| node.role == Role::ValueOf(key))?;
        let field =
            |node: &&Node| node.role == Role::Key && node.within == Some(mapping) && self.word(node) == name;
        self.nodes.iter().find(field).map(|node| node.at.clone())
    }

    /// The first key of the same mapping that equals the key at `offset`.
    pub(super) fn first_of_two_keys(&self, offset: usize) -> Option<Range<usize>> {
        let again = self.nodes.iter().find(|node| node.at.start == offset && node.role == Role::Key)?;
        self.nodes
            .iter()
            .find(|node| {
                node.role == Role::Key && node.within == again.within && self.word(node) == self.word(again)
            })
            .map(|first| first.at.clone())
            .filter(|first| first.start < offset)
    }

    /// The value of the first field with this name at or after `offset`.
    pub(super) fn field_from(&self, offset: usize, name: &str) -> Option<Range<usize>> {
        self.nodes
            .iter()
            .filter(|node| node.at.start >= offset)
            .find(|node| match node.role {
                Role::ValueOf(key) => self.nodes.get(key).is_some_and(|key| self.word(key) == name),
                Role::Item | Role::Key => false,
            })
            .map(|node| node.at.clone())
    }

    /// Extends the start of a collection to the rest of the collection's first line. Other ranges are
    /// unchanged.
    pub(super) fn whole(&self, at: Range<usize>) -> Range<usize> {
        let collection = |node: &&Node| {
            node.at.start == at.start && matches!(node.shape, Shape::List | Shape::Mapping) && at.len() <= 1
        };
        match self.nodes.iter().find(collection) {
            None => at,
            Some(node) => {
                let rest = self.text.get(node.at.clone()).unwrap_or_default();
                let line = rest.lines().next().unwrap_or_default().trim_end();
                at.start..at.start + line.len()
            }
        }
    }

    /// The range of `part` inside the value at `at`; the whole value if it does not contain `part`
    /// literally, for example because of escapes.
    pub(super) fn part(&self, at: Range<usize>, part: &str) -> Range<usize> {
        let found = self.text.get(at.clone()).and_then(|value| value.find(part)).filter(|_| !part.is_empty());
        found.map_or(at.clone(), |from| at.start + from..at.start + from + part.len())
    }

    /// The source text of a scalar without its quotes.
    fn word(&self, node: &Node) -> &'a str {
        self.text.get(node.at.clone()).unwrap_or_default().trim_matches(['"', '\''])
    }
}

impl Shape {
    /// The name in messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "empty",
            Self::Scalar => "a text",
            Self::List => "a list",
            Self::Mapping => "a mapping",
        }
    }
}

/// State of the pass over the events.
struct Walk<'a> {
    outline: Outline<'a>,
    open: Vec<Open>,
    aliases: usize,
    documents: usize,
}

/// A collection whose end event has not arrived.
struct Open {
    node: usize,
    /// In a mapping, the key whose value comes next.
    key: Option<usize>,
}

impl Walk<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the crate's enum; other events only delimit these")]
    fn take(&mut self, event: &Event<'_>, at: Range<usize>, tag_at: Option<Range<usize>>) -> Checked<()> {
        if let Some(tag) = event.tag() {
            let what = format!("the tag `{}`", tag.original());
            let help = "remove it: the field determines the type of its value".to_owned();
            return Err(Found::new(Mistake::NotForStories { what, help }, tag_at.unwrap_or(at)));
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Found::new(Mistake::SeveralDocuments, at));
                }
            }
            Event::Scalar(value, ..) => {
                let empty = at.is_empty() || (value == "null" || value == "~") && at.len() == value.len();
                self.add(at, if empty { Shape::Nothing } else { Shape::Scalar })?;
            }
            Event::Alias(_) => {
                self.aliases += 1;
                if self.aliases > limit::ALIASES_MAX {
                    return Err(Found::new(Mistake::TooManyAliases, at));
                }
                self.add(at, Shape::Scalar)?;
            }
            Event::SequenceStart(..) => self.begin(at, Shape::List)?,
            Event::MappingStart(..) => self.begin(at, Shape::Mapping)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(&at),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, at: Range<usize>, shape: Shape) -> Checked<()> {
        if self.open.len() >= limit::DEPTH_MAX {
            return Err(Found::new(Mistake::TooDeep, at));
        }
        let node = self.add(at, shape)?;
        self.open.push(Open { node, key: None });
        Ok(())
    }

    fn end(&mut self, at: &Range<usize>) {
        let ended = self.open.pop().and_then(|open| self.outline.nodes.get_mut(open.node));
        if let Some(node) = ended {
            node.at.end = at.end.max(node.at.end);
        }
    }

    fn add(&mut self, at: Range<usize>, shape: Shape) -> Checked<usize> {
        let index = self.outline.nodes.len();
        if index >= limit::VALUES_MAX {
            return Err(Found::new(Mistake::TooManyValues, at));
        }
        let within = self.open.last().map(|open| open.node);
        let in_mapping = within
            .and_then(|node| self.outline.nodes.get(node))
            .is_some_and(|node| node.shape == Shape::Mapping);
        let role = match self.open.last_mut() {
            Some(open) if in_mapping => match open.key.take() {
                Some(key) => Role::ValueOf(key),
                None => {
                    open.key = Some(index);
                    Role::Key
                }
            },
            Some(_) | None => Role::Item,
        };
        self.outline.nodes.push(Node { at, shape, within, role });
        Ok(index)
    }
}

/// The byte range of a parser span.
fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_else(|| span.start.index()..span.end.index())
}
