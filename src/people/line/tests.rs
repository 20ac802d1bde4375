//! People's understanding of foreign calls, and the keys and codes that follow.

use super::*;
use crate::base::id::{AccountId, AddressId, BrowserId, PersonId};
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::time::Epoch;
use crate::event::{Control, PageName};
use crate::message::{Offers, Page, Shown, Speech};
use crate::people::{Act, Belongings, Habits, Input, Keys, Output};

/// The code heard in the text of one call.
fn heard(said: &str) -> Option<String> {
    let (mut line, mut code) = (Line::default(), None);
    for word in said.split_whitespace() {
        match digits_of(word) {
            Some(digits) => digits.for_each(|digit| line.hear_digit(digit)),
            None => code = line.end_of_digits().or(code),
        }
    }
    line.end_of_digits().or(code).map(Code::reveal_text)
}

#[test]
fn digits_that_are_read_out_are_put_together() {
    for (said, code) in [
        ("Your token is: 0 4 2 1 3 7 . Good bye.", Some("042137")),
        ("Your code is 042137.", Some("042137")),
        ("Your code is 042-137.", Some("042137")),
        ("Your code is 042 137, I repeat: 042 137.", Some("042137")),
        ("zero four two one three seven", Some("042137")),
        // The same digits twice without a separating word.
        ("1 2 3 4 5 6 1 2 3 4 5 6", Some("123456")),
        ("1 2 3 4 1 2 3 4 1 2 3 4", Some("1234")),
        // The newest code counts.
        ("Code 1111 2222 is void; it is 3333 4444 now.", Some("33334444")),
        // Numbers in sentences, addresses and telephone numbers are not codes.
        ("Press 1 one moment please", None),
        ("Hi, this is 127.0.0.1:18820 calling. Press any key.", None),
        ("Call us back at 1 800 555 0100.", None),
        ("-- 12 -", None),
        ("", None),
    ] {
        assert_eq!(heard(said).as_deref(), code, "{said}");
    }
    let endless = "7 ".repeat(40);
    assert_eq!(heard(&endless), None, "nobody keeps forty digits in mind");
}

/// A person on page 7 whose phone rings: inputs, and the resulting keys, codes and outcomes.
///
/// A line is a time in seconds and an order (`pick up`, `key in`, `type the code`, `hang up`, `by habit`)
/// or an event on the line (`listens for 6`, `listens for 1 in silence`, `listens no more`, `says …`,
/// `ends`).
#[track_caller]
fn check(offers: &[Control], script: &str, expected: &str) {
    let mut draw = Rng::new(1);
    let mut person = somebody(offers);
    let mut told = Vec::new();
    put(&mut person, &mut draw, (Time::ZERO, "rings"), &mut told);
    for line in script.lines() {
        let (at, what) = line.trim().split_once(' ').unwrap();
        let now = Time::from_millis((at.parse::<f64>().unwrap() * 1_000.0) as u64);
        put(&mut person, &mut draw, (now, what), &mut told);
        // Keys due at the same time.
        while person.telephone.due().is_some_and(|due| due <= now) {
            put(&mut person, &mut draw, (now, "time"), &mut told);
        }
    }
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(told, expected, "{script}");
}

const CALL: CallId = CallId(0);

fn somebody(offers: &[Control]) -> Person {
    let has = Belongings {
        user: AddressId(0),
        other_user: None,
        password: None,
        data: None,
        identity: false,
        session: false,
        shares_phone: false,
        gadgets: Vec::new(),
    };
    let habits = Habits { thinks_for: Span::ZERO, key_gap: Span::ZERO, mistypes: 0, ..Habits::default() };
    let mut person = Person::new(PersonId(0), AccountId(0), Epoch::default(), habits, has);
    let shown = Shown::Phone {
        number: Number::read("+34600000001").unwrap().masked(),
        code: Some(Code::new(42_137, 6)),
    };
    let page = Page { name: PageName::VerifyPhone, notice: None, shown, offers: Offers::of(offers) };
    person.handle_input(&mut Cx::new(Time::ZERO, &mut Rng::new(1)), &Input::Page(BrowserId(0), Ok(&page)));
    person.take_outputs(&mut Vec::new());
    person
}

fn put(person: &mut Person, draw: &mut Rng, (now, what): (Time, &str), told: &mut Vec<String>) {
    let wants = |count: &str, prompted| {
        Input::Listens(CALL, Some(KeysWanted { num_digits: count.parse().ok(), prompted }))
    };
    let input = match what {
        "rings" => Input::Ring(CALL),
        "time" => Input::Timeout,
        "pick up" => Input::Order(Act::PickUp),
        "key in" => Input::Order(Act::KeyIn(Keys::Code)),
        "type the code" => Input::Order(Act::TypeSpoken(SpokenChoice::Heard)),
        "hang up" => Input::Order(Act::HangUp),
        "by habit" => Input::ActByHabit(None),
        "listens no more" => Input::Listens(CALL, None),
        "ends" => Input::Ended(CALL),
        _ => match (what.strip_prefix("says "), what.strip_prefix("listens for ")) {
            (Some(words), _) => Input::Said(CALL, Speech::Text(words.into())),
            (_, Some(count)) => match count.strip_suffix(" in silence") {
                Some(count) => wants(count, false),
                None => wants(count, true),
            },
            (None, None) => panic!("{what}"),
        },
    };
    let mut outputs = Vec::new();
    person.handle_input(&mut Cx::new(now, draw), &input);
    person.take_outputs(&mut outputs);
    let at = now.as_millis() as f64 / 1_000.0;
    for output in outputs {
        let line = match output {
            Output::Press(_, key) => format!("presses {}", key.sign()),
            Output::Request { action, typed, .. } if action.control() == Control::SubmitSpoken => {
                let code = action.fields().code().expect("a code is typed");
                format!("types {} {typed:?}", code.reveal_text())
            }
            Output::Fact(EventKind::KeyedIn { typed, .. }) => format!("keys in {typed:?}"),
            Output::Finished(outcome) => format!("{outcome:?}"),
            Output::Fact(_)
            | Output::Request { .. }
            | Output::Forge { .. }
            | Output::Replay(_)
            | Output::StealCookie(_)
            | Output::PutInCookie(_)
            | Output::PickUp(_)
            | Output::HangUp(_)
            | Output::TakeCallBack(_)
            | Output::Prove(..) => continue,
        };
        match told.last_mut().filter(|last| last.starts_with(&format!("{at} presses"))) {
            Some(last) if line.starts_with("presses") => last.push_str(&line["presses ".len()..]),
            _ => told.push(format!("{at} {line}")),
        }
    }
}

const KEYED_IN: &str = "keys in Screen(BrowserId(0))";

#[test]
fn where_a_prompt_listens_the_code_on_the_screen_is_keyed_in() {
    let keyed_in = |at: &str| format!("{at} {KEYED_IN}\n{at} presses 042137\n{at} Done");
    check(
        &[],
        "1 key in\n2 says Hello.\n3 listens for 6\n3 says Enter the code now.\n4 says I repeat.",
        &keyed_in("3"),
    );
    // The order comes after the prompt.
    check(
        &[],
        "1 pick up\n3 listens for 6\n3 says Enter the code now.\n4 key in",
        &format!("1 Done\n{}", keyed_in("4")),
    );
    // The prompt was spoken before the line started to listen.
    check(&[], "1 key in\n2 says Enter the code now.\n3 listens for 6 in silence", &keyed_in("3"));
    // Two prompts, two answers.
    check(
        &[],
        "1 key in\n3 listens for 6\n3 says Enter it.\n4 listens no more\n5 listens for 6\n\
         5 says Once more.\n6 key in",
        &format!("{}\n{}", keyed_in("3"), keyed_in("6")),
    );
}

#[test]
fn by_habit_a_prompt_is_answered_once() {
    check(
        &[],
        "0 by habit\n1 pick up\n3 listens for 6\n3 says Enter the code now.\n4 says I repeat.",
        &format!("1 Done\n3 {KEYED_IN}\n3 presses 042137"),
    );
}

#[test]
fn nobody_keys_in_what_no_line_listens_for() {
    // An apology after a Gather is not a prompt.
    check(
        &[],
        "1 key in\n2 listens for 6\n2.1 listens no more\n3 says We are sorry. Goodbye.\n4 ends",
        "4 CallEnded",
    );
    check(
        &[],
        "1 pick up\n2 listens for 6\n2 says Enter it.\n3 listens no more\n4 key in\n5 ends",
        "1 Done\n5 CallEnded",
    );
}

#[test]
fn any_key_is_pressed_where_one_is_enough() {
    check(
        &[],
        "1 pick up\n2 listens for 1\n2 says Press any key to continue.\n3 says Any key at all.",
        "1 Done\n2 keys in Nothing\n2 presses 1",
    );
}

#[test]
fn a_code_that_is_spoken_is_typed_as_soon_as_it_is_known() {
    let types = "types 042137 Spoken(CallId(0))";
    let field = &[Control::SubmitSpoken];
    // As Django's call speaks it: one digit at a time.
    let spoken = "4 says Your token is:\n5 says 0\n6 says 4\n7 says 2\n8 says 1\n9 says 3\n10 says 7";
    check(
        field,
        &format!("1 pick up\n3 type the code\n{spoken}\n11 says Repeat:"),
        &format!("1 Done\n11 {types}"),
    );
    check(field, &format!("1 pick up\n3 type the code\n{spoken}\n11 ends"), &format!("1 Done\n11 {types}"));
    check(
        field,
        &format!("1 pick up\n{spoken}\n11 hang up\n12 type the code"),
        &format!("1 Done\n11 Done\n12 {types}"),
    );
}

#[test]
fn nobody_waits_for_a_code_in_vain() {
    check(&[Control::SubmitSpoken], "1 type the code", "1 NoCodeHeard");
    check(&[Control::SubmitSpoken], "1 pick up\n2 type the code\n3 says 1 2\n4 ends", "1 Done\n4 CallEnded");
    // Without a field for the code there is nothing to wait for.
    check(&[], "1 pick up\n2 type the code", "1 Done\n2 NoCodeHeard");
}
