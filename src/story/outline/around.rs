//! The entry or list item around an offset, as something that can be taken out of the text.

use std::ops::Range;

use crate::story::outline::{Node, Outline, Role, Shape};

/// An entry of a mapping, or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::story) struct Part {
    /// Its range in the text, with the `- ` or the comma that belong to it.
    pub(in crate::story) at: Range<usize>,
    /// The key of an entry.
    pub(in crate::story) key: Option<String>,
    /// Whether it is all that its mapping or list has.
    pub(in crate::story) is_alone: bool,
    /// Where its mapping or list begins.
    pub(in crate::story) within: usize,
}

impl Outline<'_> {
    /// The smallest entry or item that contains the offset.
    pub(in crate::story) fn part_around(&self, offset: usize) -> Option<Part> {
        self.parts().filter(|part| part.at.contains(&offset)).min_by_key(|part| part.at.len())
    }

    /// The smallest entry or item that contains the offset and this range.
    pub(in crate::story) fn part_around_both(&self, offset: usize, other: &Range<usize>) -> Option<Part> {
        let both = |part: &Part| {
            part.at.contains(&offset) && part.at.start <= other.start && other.end <= part.at.end
        };
        self.parts().filter(both).min_by_key(|part| part.at.len())
    }

    /// The entry or item with the value that begins at the offset.
    pub(in crate::story) fn part_with(&self, offset: usize) -> Option<Part> {
        let with = |part: &Part| part.at.contains(&offset) && part.at.start < offset;
        self.parts().filter(with).min_by_key(|part| part.at.len())
    }

    /// The smallest item of a list that contains the offset.
    pub(in crate::story) fn item_around(&self, offset: usize) -> Option<Part> {
        let is_item = |part: &Part| part.key.is_none() && part.at.contains(&offset);
        self.parts().filter(is_item).min_by_key(|part| part.at.len())
    }

    /// Whether a mapping or list begins here that is not in braces or brackets.
    pub(in crate::story) fn is_start_of_block(&self, offset: usize) -> bool {
        let begins =
            |node: &Node| node.at.start == offset && matches!(node.shape, Shape::Mapping | Shape::List);
        self.nodes.iter().any(begins) && !self.is_flow(offset)
    }

    /// The range of the mapping or list that begins here.
    pub(in crate::story) fn collection_at(&self, offset: usize) -> Option<Range<usize>> {
        let begins =
            |node: &&Node| node.at.start == offset && matches!(node.shape, Shape::Mapping | Shape::List);
        self.nodes.iter().find(begins).map(|node| node.at.clone())
    }

    /// The smallest entry or item that is larger than this one and contains it.
    pub(in crate::story) fn part_above(&self, part: &Part) -> Option<Part> {
        let above = |other: &Part| {
            other.at.start <= part.at.start && other.at.end >= part.at.end && other.at.len() > part.at.len()
        };
        self.parts().filter(above).min_by_key(|part| part.at.len())
    }

    /// All entries and items. In one pass, as a file may have thousands.
    fn parts(&self) -> impl Iterator<Item = Part> {
        let mut values = vec![None; self.nodes.len()];
        let mut counts = vec![0_usize; self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate() {
            match (node.role, node.within) {
                (Role::ValueOf(key), _) => values[key] = Some(place),
                (Role::Item | Role::Key, Some(within)) => counts[within] += 1,
                (Role::Item | Role::Key, None) => {}
            }
        }
        self.nodes.iter().enumerate().filter_map(move |(place, node)| {
            let container = node.within?;
            let (end, key) = match node.role {
                Role::Key => {
                    let value = values[place].and_then(|value| self.nodes.get(value));
                    let end = value.map_or(node.at.end, |value| value.at.end.max(node.at.end));
                    (end, Some(self.word(node).to_owned()))
                }
                Role::Item => (node.at.end, None),
                Role::ValueOf(_) => return None,
            };
            let of = self.nodes.get(container)?;
            Some(Part {
                at: self.with_marks(node.at.start..end, of.at.start, of.shape),
                key,
                is_alone: counts[container] == 1,
                within: of.at.start,
            })
        })
    }

    /// Extends a range by the `- ` before it, or by the comma behind it.
    fn with_marks(&self, at: Range<usize>, container: usize, shape: Shape) -> Range<usize> {
        let after = self.text.get(at.end..).unwrap_or_default();
        let before = self.text.get(..at.start).unwrap_or_default();
        if self.is_flow(container) {
            let gap = after.len() - after.trim_start().len();
            let comma = after.trim_start().starts_with(',');
            return at.start..if comma { at.end + gap + 1 } else { at.end };
        }
        match (shape, before.trim_end().strip_suffix('-')) {
            (Shape::List, Some(indent)) => indent.len()..at.end,
            _ => at,
        }
    }

    /// Whether the mapping or list that begins here is written in braces or brackets.
    pub(in crate::story) fn is_flow(&self, container: usize) -> bool {
        self.text.get(container..).is_some_and(|rest| rest.starts_with(['{', '[']))
    }

    /// The value of the key that begins at this offset: where it begins, and its shape.
    pub(in crate::story) fn value_of_key(&self, key: usize) -> Option<(usize, Shape)> {
        let place = self.nodes.iter().position(|node| node.role == Role::Key && node.at.start == key)?;
        let value = self.nodes.iter().find(|node| node.role == Role::ValueOf(place))?;
        Some((value.at.start, value.shape))
    }

    /// The range of the value of the entry whose key begins at this offset.
    pub(in crate::story) fn range_of_value(&self, key: usize) -> Option<Range<usize>> {
        let place = self.nodes.iter().position(|node| node.role == Role::Key && node.at.start == key)?;
        self.nodes.iter().find(|node| node.role == Role::ValueOf(place)).map(|value| value.at.clone())
    }

    /// The end of the key that begins at this offset.
    pub(in crate::story) fn end_of_key(&self, key: usize) -> Option<usize> {
        let is_it = |node: &&Node| node.role == Role::Key && node.at.start == key;
        self.nodes.iter().find(is_it).map(|node| node.at.end)
    }
}
