//! All mistakes of a story file, not only the first.
//!
//! After each mistake, the entry around it is taken out of a copy of the text, or something valid is put in
//! its place, and the copy is read again. Mistakes that only follow from that are not told: those about a
//! name or a field that was taken out.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::story::error::Found;
use crate::story::mistake::Mistake;
use crate::story::outline::{Outline, Part, Shape};
use crate::story::{Story, StoryError, read};

/// The maximum number of mistakes that are told of a file, and of changes to its copy.
const MISTAKES_MAX: usize = 50;
const CHANGES_MAX: usize = 200;

impl Story {
    /// The mistakes in the text of a story file, in the order of the text: at most fifty of them. Empty if
    /// [`Story::read`] reads it. A text that is not valid YAML has one mistake, as nothing else is known of it.
    pub fn mistakes(text: &str, file: &str) -> Vec<StoryError> {
        let mut copy = Copy { text: text.to_owned(), ..Copy::default() };
        let mut told: Vec<Found> = Vec::new();
        while told.len() < MISTAKES_MAX && copy.changes.len() < CHANGES_MAX {
            let Err(found) = read(&copy.text, file) else { break };
            let ends = hides_the_rest(&found.mistake);
            let follows = ends && !told.is_empty() && !matches!(found.mistake, Mistake::TooMany { .. });
            let follows = follows || copy.follows(&found);
            let here = copy.original(found.at.clone());
            let also = found.also.as_ref().map(|(at, label)| (copy.original(at.clone()), *label));
            if told.iter().any(|before| before.at == here && before.mistake == found.mistake) {
                break;
            }
            let goes_on = !ends && copy.mend(&found, follows);
            if !follows {
                told.push(Found { mistake: found.mistake, at: here, also });
            }
            if !goes_on {
                break;
            }
        }
        told.sort_by_key(|found| found.at.start);
        told.into_iter().map(|found| StoryError::new(found, text, file)).collect()
    }
}

/// Whether nothing behind this mistake can be read, or only more of the same.
const fn hides_the_rest(mistake: &Mistake) -> bool {
    matches!(
        mistake,
        Mistake::TooLarge { .. }
            | Mistake::LongLine { .. }
            | Mistake::Empty
            | Mistake::SeveralDocuments
            | Mistake::NotYaml { .. }
            | Mistake::Tab
            | Mistake::TooDeep
            | Mistake::TooManyValues
            | Mistake::TooManyAliases
            | Mistake::TooMany { .. }
    )
}

/// Whether a mistake is about a key, and not about the mapping that may begin with it.
const fn is_about_a_key(mistake: &Mistake) -> bool {
    matches!(
        mistake,
        Mistake::UnknownField { .. }
            | Mistake::DuplicateKey { .. }
            | Mistake::BadName { .. }
            | Mistake::SameName { .. }
            | Mistake::NotForStories { .. }
            | Mistake::NoAim { .. }
    )
}

/// A copy of the text, with changes.
#[derive(Default)]
struct Copy {
    text: String,
    changes: Vec<Change>,
    /// Keys of entries that were taken out.
    gone: BTreeSet<String>,
    /// Where entries were taken out, and whether their keys were wrong.
    holes: Vec<(Range<usize>, bool)>,
    /// How many values were made up.
    fillers: u32,
}

/// A change: from here on, so many bytes became so many others.
struct Change {
    from: usize,
    was: usize,
    is: usize,
}

impl Copy {
    /// The range in the original text.
    fn original(&self, at: Range<usize>) -> Range<usize> {
        self.original_offset(at.start)..self.original_offset(at.end)
    }

    fn original_offset(&self, offset: usize) -> usize {
        self.changes.iter().rev().fold(offset, |offset, change| {
            if offset >= change.from + change.is {
                offset - change.is + change.was
            } else {
                offset.min(change.from + change.was)
            }
        })
    }

    /// The last hole in the mapping or list that begins here, or, if it is one of a wrong key, in that of the
    /// owner with this key.
    fn hole_in(&self, outline: &Outline<'_>, offset: usize, wrong_keys: bool) -> Option<Range<usize>> {
        let whole = if wrong_keys { outline.range_of_value(offset) } else { outline.collection_at(offset) }?;
        // Its first entry may be the one that was taken out.
        let start = outline.text.get(..whole.start).map_or(whole.start, |before| before.trim_end().len());
        let whole = start..whole.end;
        let inside = |(hole, wrong): &&(Range<usize>, bool)| {
            whole.start <= hole.start && hole.end <= whole.end && (*wrong || !wrong_keys)
        };
        self.holes.iter().rev().find(inside).map(|(hole, _)| hole.clone())
    }

    /// Whether a mistake only follows from what was taken out.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other mistakes stand for themselves")]
    fn follows(&self, found: &Found) -> bool {
        let gone = |name: &str| self.gone.iter().any(|gone| gone.eq_ignore_ascii_case(name));
        let hole = |wrong_keys| {
            Outline::of(&self.text)
                .ok()
                .and_then(|outline| self.hole_in(&outline, found.at.start, wrong_keys))
        };
        match &found.mistake {
            // A field whose name was misspelt is not missing besides.
            Mistake::MissingField { field, .. } if is_filled(field) => hole(true).is_some(),
            Mistake::MissingField { .. } | Mistake::WrongShape { .. } | Mistake::BadValue { .. } => {
                hole(false).is_some()
            }
            Mistake::UnknownAccount { name, .. }
            | Mistake::UnknownPerson { name, .. }
            | Mistake::UnknownDevice { name, .. } => {
                gone(name.rsplit('/').next().unwrap_or(name)) || gone(name)
            }
            Mistake::NoPhoneToHave { .. } => gone("phone"),
            Mistake::NoAim { .. } => gone("owns") || gone("wants"),
            Mistake::NeverStrikes { .. } => !self.gone.is_empty(),
            _ => false,
        }
    }

    /// Changes the copy so that this mistake is gone; returns whether it could.
    fn mend(&mut self, found: &Found, follows: bool) -> bool {
        let text = self.text.clone();
        let Ok(outline) = Outline::of(&text) else { return false };
        let offset = found.at.start;
        if let Mistake::MissingField { field, .. } = &found.mistake {
            return match self.filler(field) {
                Some(filler) => self.fill_in(&outline, offset, field, &filler),
                // Without it, the item of the list means nothing.
                None => outline.item_around(offset).is_some_and(|item| self.take_out(&outline, item, false)),
            };
        }
        let hole = follows.then(|| self.hole_in(&outline, offset, false)).flatten();
        let strict = !is_about_a_key(&found.mistake) && outline.is_start_of_block(offset);
        let part = match hole {
            Some(hole) => outline.part_around_both(offset, &hole),
            None if strict => outline.part_with(offset),
            None => outline.part_around(offset),
        };
        let Some(part) = part else { return false };
        if let Some(filler) = part.key.as_deref().and_then(|key| self.filler(key))
            && let Some(value) =
                outline.range_of_value(part.at.start).filter(|_| !is_about_a_key(&found.mistake))
        {
            return self.change(value, &filler);
        }
        self.take_out(&outline, part, is_about_a_key(&found.mistake))
    }

    /// Blanks an entry or item, and what has nothing else in it.
    fn take_out(&mut self, outline: &Outline<'_>, part: Part, wrong_key: bool) -> bool {
        let mut part = part;
        while part.is_alone && !outline.is_flow(part.within) {
            let Some(above) = outline.part_above(&part) else { return false };
            self.gone.extend(part.key.take());
            part = above;
        }
        self.gone.extend(part.key.take());
        let was = outline.text.get(part.at.clone()).unwrap_or_default();
        let blank: String = was.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        let changed = blank != was;
        self.holes.push((part.at.clone(), wrong_key));
        self.change(part.at, &blank) && changed
    }

    /// A value that is valid for this field, if every account or story needs one.
    fn filler(&mut self, field: &str) -> Option<String> {
        if !is_filled(field) {
            return None;
        }
        self.fillers += 1;
        Some(match field {
            "user" => format!("mended-{}@example.test", self.fillers),
            "number" => format!("'9{:011}'", self.fillers),
            "rule" => "way-out/gave-up".to_owned(),
            _ => "x".to_owned(),
        })
    }

    /// Puts a field in: behind its key, if that has no value, or at the start of the mapping of its owner.
    fn fill_in(&mut self, outline: &Outline<'_>, owner: usize, field: &str, filler: &str) -> bool {
        let text = outline.text;
        let key = outline.end_of_key(owner);
        if let Some(end) = key.filter(|end| text.get(owner..*end).is_some_and(|key| key == field)) {
            let colon = text.get(end..).and_then(|rest| rest.find(':')).map(|colon| end + colon + 1);
            return colon.is_some_and(|at| self.change(at..at, &format!(" {filler}")));
        }
        let of_owner = outline.value_of_key(owner).filter(|_| key.is_some() && field != "about");
        let (at, shape) = of_owner.unwrap_or((owner, Shape::Mapping));
        match shape {
            Shape::Mapping if outline.is_flow(at) => {
                self.change(at + 1..at + 1, &format!(" {field}: {filler},"))
            }
            Shape::Mapping => {
                let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
                let indent = " ".repeat(at - line);
                self.change(at..at, &format!("{field}: {filler}\n{indent}"))
            }
            Shape::Nothing => {
                let colon = key.and_then(|end| Some(end + text.get(end..)?.find(':')? + 1));
                colon.is_some_and(|at| self.change(at..at, &format!(" {{ {field}: {filler} }}")))
            }
            Shape::Scalar | Shape::List => false,
        }
    }

    fn change(&mut self, at: Range<usize>, to: &str) -> bool {
        if self.text.get(at.clone()).is_none() {
            return false;
        }
        for (hole, _) in self.holes.iter_mut().filter(|(hole, _)| hole.start >= at.end) {
            *hole = hole.start - at.len() + to.len()..hole.end - at.len() + to.len();
        }
        self.changes.push(Change { from: at.start, was: at.len(), is: to.len() });
        self.text.replace_range(at, to);
        true
    }
}

/// Whether something valid is put in the place of this field: every account, story or acceptance needs it.
fn is_filled(field: &str) -> bool {
    matches!(field, "about" | "user" | "password" | "number" | "rule" | "because")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::limit;

    /// Line and column of each mistake, and its sentence.
    fn told(text: &str) -> Vec<String> {
        let all = Story::mistakes(text, "story.yaml");
        all.into_iter().map(|error| format!("{}:{} {error}", error.line, error.column)).collect()
    }

    const MANY: &str = "\
about: Ana has lost her phone.
colour: red
accounts:
  ana:
    user: ana
    password: correct horse battery staple
    number: 1234 5678
    phone: +34 600 abc
    devices:
      phone-app: { state: lots, digits: 9 }
  ben:
    user: ben@example.com
    number: 2234 5678 9012
people:
  ana: { owns: ana }
  mallory:
    wants: anna
    has: [phone, pasword]
policy:
  link-lifetime: 10
  replay: nothing
faults:
  - { does: mail-lots, of: ana }
  - { does: mail-lost, of: anna, on: 0 }
moves:
  - 00:00:10 ana dances
  - 00:00:05 carl signs in
";

    #[test]
    fn all_mistakes_are_told_in_their_order() {
        let all = [
            "2:1 there is no field `colour` in a story",
            "5:11 `ana` is not an email address: it has no `@`",
            "7:13 `1234 5678` is not an account number: it has 8 digits",
            "8:12 `a` is not allowed in a phone number",
            "10:27 `lots` is not a value of `accounts.ana.devices.phone-app.state`",
            "10:41 a code cannot have 9 digits: it has 6, 7 or 8",
            "11:3 account `ben` has no `password`",
            "17:12 there is no account `anna`",
            "18:18 `pasword` is not a value of `people.mallory.has`",
            "20:18 `10` has no unit of time",
            "23:13 there is no fault `mail-lots`",
            "24:28 there is no account `anna`",
            "24:38 `0` is not a set of occurrences",
            "26:18 there is no move `dances`",
            "27:14 there is no person `carl`",
        ];
        assert_eq!(told(MANY), all);
    }

    #[test]
    fn each_mistake_of_an_acceptance_is_told() {
        let text = "about: x\naccepts:\n  - { rule: single-use, account: anna, because: '', until: soon }\n  - \
                    { account: a }\n  - because: x\n    rule: single-use/link\n    until: 2027-02-30\n\
                    accounts: { a: { user: a@b.test, password: x, number: 1234 5678 9012 } }\n";
        let all = [
            "3:13 `single-use` is an oracle; an acceptance names one of its rules",
            "3:34 there is no account `anna`",
            "3:49 this text is empty",
            "3:60 `soon` is not a date",
            "4:5 this acceptance has no `rule`",
            "4:5 this acceptance has no `because`",
            "4:5 this acceptance has no `until`",
            "6:11 there is no rule `single-use/link`",
            "7:12 `2027-02-30` is not a date",
        ];
        assert_eq!(told(text), all);
    }

    #[test]
    fn a_sound_story_has_none_and_broken_yaml_has_one() {
        assert_eq!(told(&MANY[..0]), ["1:1 the file contains no story"]);
        assert_eq!(told("about: [x\naccounts: }").len(), 1);
        let sound = "about: x\naccounts: { a: { user: a@b.test, password: x, number: 1234 5678 9012 } }\n";
        assert_eq!(told(sound), [""; 0]);
    }

    #[test]
    fn the_first_mistake_is_that_of_a_reader_and_what_follows_from_it_is_not_told() {
        let text = "about: x\naccounts:\n  a b: { user: a@b.test, password: x, number: 1234 5678 9012 }\n  \
                    c: { user: c@b.test, password: x, number: 1234 5678 9013 }\npeople:\n  c: { owns: c }\n  \
                    d: { owns: a b }\n";
        assert_eq!(told(text), ["3:3 `a b` is not a valid name"]);
    }

    #[test]
    fn a_large_file_with_many_mistakes_is_read_at_once() {
        let moves = "  - 00:00:10 ana signs in\n".repeat(limit::MOVES_MAX - 60);
        let wrong = "  - 00:00:10 ana dances\n".repeat(60);
        let text = format!(
            "about: x\naccounts: {{ ana: {{ user: a@b.test, password: x, number: 1234 5678 9012 }} }}\nmoves:\n{moves}{wrong}"
        );
        assert_eq!(told(&text).len(), MISTAKES_MAX);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_run_on(text in ".*") {
            let _ = Story::mistakes(&text, "story.yaml");
        }

        #[test]
        fn damage_is_told_where_it_is(at in 0..MANY.len(), by in "[ -~\n]{0,3}") {
            let text = [&MANY[..at], &by, &MANY[at..]].concat();
            let first = Story::read(&text, "story.yaml").unwrap_err();
            let all = Story::mistakes(&text, "story.yaml");
            proptest::prop_assert!(all.iter().any(|one| (one.line, one.column) == (first.line, first.column)));
        }
    }
}
