//! Property tests: reading never panics, and written stories read back.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::event::Problem;
use crate::people::{BrowserChoice, Claim, LinkChoice};
use crate::policy::PhoneNumber;

/// Reads any text: the result is a story that round-trips, or an error with location and snippet.
pub(super) fn never_panics(text: &str) {
    match Story::read(text, "any.yaml") {
        Ok(story) => {
            let written = story.write();
            match Story::read(&written, "any.yaml") {
                Ok(again) => assert_eq!(again, story, "{text}\n{written}"),
                Err(error) => panic!("{}\n{text}", error.rendered()),
            }
        }
        Err(error) => {
            let told = error.rendered();
            assert!(told.contains("─[any.yaml:") && told.contains("lostkey::story::"), "{text:?}\n{told}");
            assert!(told.contains("help: "), "{told}");
            assert!(error.line <= text.split('\n').count() && error.line > 0, "{text:?}\n{told}");
        }
    }
}

/// One edit of a valid story, such as a typing slip or a bad merge.
#[derive(Clone, Debug)]
pub(super) enum Slip {
    Drop(usize),
    Put(usize, char),
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    Indent(usize),
}

pub(super) fn slips() -> impl Strategy<Value = Slip> {
    let place = 0..4_000_usize;
    let odd = select(
        "\t\n :-'\"{}[]#&*!|>%@`,?~0aé\u{0}\u{85}\u{2028}\u{feff}\u{1F511}".chars().collect::<Vec<_>>(),
    );
    prop_oneof![
        place.clone().prop_map(Slip::Drop),
        (place.clone(), prop_oneof![odd, any::<char>()]).prop_map(|(at, c)| Slip::Put(at, c)),
        place.clone().prop_map(Slip::DropLine),
        place.clone().prop_map(Slip::RepeatLine),
        (place.clone(), place.clone()).prop_map(|(one, other)| Slip::SwapLines(one, other)),
        place.prop_map(Slip::Indent),
    ]
}

pub(super) fn slipped(text: &str, slip: &Slip) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let (char_count, line_count) = (chars.len().max(1), lines.len());
    match slip {
        Slip::Drop(_) if chars.is_empty() => return String::new(),
        Slip::Drop(at) => {
            chars.remove(at % char_count);
            return chars.into_iter().collect();
        }
        Slip::Put(at, c) => {
            chars.insert((at % char_count).min(chars.len()), *c);
            return chars.into_iter().collect();
        }
        Slip::DropLine(at) => drop(lines.remove(at % line_count)),
        Slip::RepeatLine(at) => lines.insert(at % line_count, lines[at % line_count].clone()),
        Slip::SwapLines(one, other) => lines.swap(one % line_count, other % line_count),
        Slip::Indent(at) => lines[at % line_count].insert(0, ' '),
    }
    lines.join("\n")
}

/// A generated story, in the order that [`Story::read`] keeps.
fn stories() -> impl Strategy<Value = Story> {
    let base = Story::read(FULL, "drawn.yaml").unwrap();
    let kinds: Vec<FaultKind> = FaultKind::ALL.iter().map(|declared| declared.example).collect();
    let fault = (select(kinds), proptest::option::of(0..2_u16), whiches())
        .prop_map(|(kind, of, which)| Fault { kind, of: of.map(AccountId), to: None, which });
    let moves = vec((0..400_000_000_u64, 0..4_u16, acts()), 0..9).prop_map(|mut moves| {
        moves.sort_by_key(|(at, ..)| *at);
        let next = |(at, who, does)| Move { at: Time::from_millis(at), who: PersonId(who), does };
        moves.into_iter().map(next).collect::<Vec<_>>()
    });
    let texts = (r"[ -~áß€\n\t]{0,40}[a-z]", r"\PC{1,30}", 0..1_000_000_000_000_u64);
    let person =
        (any::<[bool; 5]>(), subsequence(vec![0_u16, 1], 0..=2), proptest::option::of(0..90_000_u64));
    let device =
        (-1_000_000_i64..1_000_000, -100..100_i32, select(vec![DeviceState::Works, DeviceState::Broken]));
    (vec(fault, 0..9), moves, texts, vec(person, 4), device, any::<u64>(), 1..5_000_000_u64).prop_map(
        move |(faults, moves, (about, password, number), people, (off, drift, state), seed, millis)| {
            let mut story = Story { faults, moves, seed, ..base.clone() };
            story.about = about.trim().to_owned();
            story.patience = Span::from_millis(millis);
            story.mail.delay = Span::from_millis(millis * 3);
            story.policy.code_lifetime = Span::from_millis(millis);
            // Without this, faults of phone calls could be rejected as unable to strike.
            story.policy.phone_number = PhoneNumber::LastTyped;
            let rules = ["single-use/link-twice", "way-out/gave-up"];
            let accepted = rules.iter().take((millis % 3) as usize).map(|rule| Acceptance {
                rule: (*rule).to_owned(),
                account: (millis % 2 == 1).then_some(AccountId(1)),
                because: about.trim().to_owned(),
                until: jiff::civil::date(2027, 1, 1),
            });
            story.accepts = accepted.collect();
            story.accounts[0].password = Password::of(&password);
            story.accounts[0].password_text = password;
            story.accounts[0].number = number;
            story.accounts[1].number = (number + 1) % 1_000_000_000_000;
            (story.devices[1].clock_off, story.devices[1].drift_ppm, story.devices[1].state) =
                (off, drift, state);
            for (person, ([password, personal_data, identity, devices, session], reads, begins)) in
                story.people.iter_mut().zip(people)
            {
                let session = session && person.role == Role::Stranger;
                person.has = Has { password, personal_data, identity, devices, session };
                person.reads.splice(.., reads.into_iter().map(AddressId));
                person.begins = begins.map(Time::from_millis);
                person.habits.thinks_for = Span::from_millis(millis + 100);
            }
            // Addresses are ordered by first mention; this keeps the fourth one last.
            story.people[3].reads.push(AddressId(3));
            story
        },
    )
}

fn whiches() -> impl Strategy<Value = Which> {
    prop_oneof![
        Just(Which::Every),
        (1..=u16::MAX).prop_map(Which::Nth),
        (1..=u16::MAX).prop_map(Which::First),
        (1..=u16::MAX).prop_map(Which::From),
        (1..=100_u8).prop_map(Which::Percent),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    let number = Number::read("+34600000002").unwrap();
    let link = |nth| Act::OpenLink(LinkChoice { nth, browser: BrowserChoice::Other });
    let claim = |phone| Act::FileTicket(Claim { problem: Problem::NoEmail, phone });
    prop_oneof![
        select(moves::acts()),
        any::<u16>().prop_map(link),
        Just(Act::ChangePhone(number)),
        Just(claim(Some(number))),
    ]
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*|[a-z: \\n\\t\\-'\"{}\\[\\]#&*!|>]{0,200}|(.|\n)*") {
        never_panics(&text);
    }

    #[test]
    fn no_slip_makes_the_reader_panic(which in 0..4_usize, slips in vec(slips(), 1..4)) {
        let mut texts: Vec<String> = scenarios().into_iter().take(3).map(|(_, text)| text).collect();
        texts.push(FULL.to_owned());
        let text = slips.iter().fold(texts[which].clone(), |text, slip| slipped(&text, slip));
        never_panics(&text);
    }

    #[test]
    fn a_drawn_story_reads_back_as_it_is_written(story in stories()) {
        let written = story.write();
        match Story::read(&written, "drawn.yaml") {
            Ok(again) => prop_assert_eq!(again, story, "{}", written),
            Err(error) => prop_assert!(false, "{}\n{}", error.rendered(), written),
        }
    }
}
