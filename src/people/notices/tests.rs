//! Which notices a person takes as a warning, and what the person does about one.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test answers the requests that matter to it")]

use super::*;
use crate::base::id::{AccountId, AddressId, DeviceId, MailId, PersonId};
use crate::base::machine::Cx;
use crate::base::secret::{Digest, Password};
use crate::base::time::Epoch;
use crate::event::{Folder, Typed};
use crate::message::{Action, Fields, Held, Links, MailBody, Offers, Shown};
use crate::people::{Belongings, Habits, Input, Output, PersonalData};

fn owner(on_notice: OnNotice) -> Person {
    let data = PersonalData { account_number: 1, full_name: Digest::of("Ana"), phone: None };
    let has = Belongings {
        user: AddressId(0),
        other_user: None,
        password: Some(Password::of("first")),
        data: Some(data),
        identity: true,
        session: false,
        shares_phone: false,
        gadgets: Vec::new(),
    };
    let habits = Habits { on_notice, ..Habits::default() };
    Person::new(PersonId(0), AccountId(0), Epoch::default(), habits, has)
}

fn letter(kind: MailKind) -> Letter {
    let body = MailBody::Template(kind);
    Letter { mail: MailId(7), body, links: Links::None, truncated: false, folder: Folder::Inbox }
}

fn page(name: PageName, notice: Option<Notice>, offers: &[Control]) -> Page {
    let mut held = Held::default();
    held.add(DeviceId(0));
    Page { name, notice, shown: Shown::Devices(held), offers: Offers::of(offers) }
}

/// Lets the person act for an hour, on the page given for each request, and returns the requests and the facts.
fn acts(
    person: &mut Person,
    draw: &mut Rng,
    answer: impl Fn(&Action) -> Page,
) -> (Vec<Action>, Vec<EventKind>) {
    let (mut asked, mut facts, mut outputs) = (Vec::new(), Vec::new(), Vec::new());
    let mut pages: Vec<Page> = Vec::new();
    let start = person.now;
    for _ in 0..60 {
        person.take_outputs(&mut outputs);
        for output in outputs.drain(..) {
            if let Output::Request { action, .. } = output {
                asked.push(action);
                pages.push(answer(&action));
            } else if let Output::Fact(kind) = output {
                facts.push(kind);
            }
        }
        let now = person.now;
        if let Some(page) = pages.pop() {
            let browser = person.browser();
            person.handle_input(&mut Cx::new(now, draw), &Input::Page(browser, Ok(&page)));
            continue;
        }
        let Some((due, _)) = person.poll_timeout().filter(|(due, _)| *due <= start + Span::HOUR) else {
            break;
        };
        person.handle_input(&mut Cx::new(due.max(now), draw), &Input::Timeout);
    }
    person.take_outputs(&mut outputs);
    (asked, facts)
}

/// Whether the person, who sits at an open session by habit, acts on a letter of this kind.
fn reacts(person: &mut Person, kind: MailKind) -> bool {
    let mut draw = Rng::new(1);
    person.brain.on = true;
    person.brain.done = true;
    person.handle_input(&mut Cx::new(person.now, &mut draw), &Input::Letter(letter(kind)));
    let inside = [Control::ChangePassword, Control::SignOutEverywhere];
    let (_, facts) = acts(person, &mut draw, |_| page(PageName::SecurityCredentials, None, &inside));
    facts.contains(&EventKind::Reacted { mail: MailId(7) })
}

#[test]
fn only_what_the_person_did_not_do_is_a_warning() {
    for kind in MailKind::ALL.iter().copied() {
        assert!(reacts(&mut owner(OnNotice::ChangesPassword), kind), "{kind:?}");
        assert!(!reacts(&mut owner(OnNotice::Ignores), kind), "{kind:?}");
    }
    for (control, kind) in [
        (Control::SendEmail, MailKind::Verification),
        (Control::FinishSignIn, MailKind::RecoveryNotice),
        (Control::Deactivate, MailKind::DeactivationNotice),
        (Control::FinishAssign, MailKind::AssignmentNotice),
        (Control::FinishAssign, MailKind::StoppedNotice),
        (Control::SubmitPair, MailKind::ResyncNotice),
        (Control::ChangePhone, MailKind::ContactNotice),
        (Control::ChangePassword, MailKind::PasswordNotice),
        (Control::SubmitTicket, MailKind::ResetNotice),
    ] {
        let mut person = owner(OnNotice::ChangesPassword);
        person.warnings.requested(Time::ZERO, control);
        assert!(!reacts(&mut person, kind), "{control:?}");
    }
    for kind in [MailKind::ThrottleNotice, MailKind::DisabledNotice] {
        let mut person = owner(OnNotice::ChangesPassword);
        person.warnings.saw(Time::ZERO, &page(PageName::MfaCode, Some(Notice::WrongCode), &[]));
        assert!(!reacts(&mut person, kind), "{kind:?}");
    }
    // What the person did long ago explains nothing.
    let mut warnings = Warnings::default();
    warnings.requested(Time::ZERO, Control::Deactivate);
    assert!(warnings.is_own(Time::ZERO + REMEMBERS, MailKind::DeactivationNotice));
    assert!(!warnings.is_own(Time::ZERO + REMEMBERS + Span::SECOND, MailKind::DeactivationNotice));
}

#[test]
fn each_habit_has_its_act_and_ends_with_it() {
    let inside = [Control::ChangePassword, Control::SignOutEverywhere, Control::BeginAssign];
    for (habit, control, notice) in [
        (OnNotice::ChangesPassword, Control::ChangePassword, Notice::PasswordChanged),
        (OnNotice::SignsOutEverywhere, Control::SignOutEverywhere, Notice::SignedOutEverywhere),
        (OnNotice::AsksSupport, Control::SubmitTicket, Notice::TicketFiled),
    ] {
        let (mut person, mut draw) = (owner(habit), Rng::new(1));
        (person.brain.on, person.brain.done) = (true, true);
        person.handle_input(
            &mut Cx::new(Time::ZERO, &mut draw),
            &Input::Letter(letter(MailKind::AssignmentNotice)),
        );
        let answer = |action: &Action| match action.control() {
            Control::Open if action.fields().page() == PageName::ContactSupport => {
                page(PageName::ContactSupport, None, &[Control::SubmitTicket])
            }
            Control::SubmitTicket => page(PageName::ContactSupport, Some(Notice::TicketFiled), &[]),
            asked if asked == control => page(PageName::SecurityCredentials, Some(notice), &inside),
            _ => page(PageName::SecurityCredentials, None, &inside),
        };
        let (asked, _) = acts(&mut person, &mut draw, answer);
        let made = asked.iter().filter(|action| action.control() == control);
        assert_eq!(made.clone().count(), 1, "{habit:?}: {asked:?}");
        if let Some(Fields::Ticket(form)) = made.map(Action::fields).next() {
            assert_eq!(form.problem, Problem::NotMe);
        }
        assert_eq!(person.warnings.reaction, None, "{habit:?}");
    }
}

#[test]
fn whoever_cannot_change_the_password_tells_support() {
    let inside = [Control::ChangePassword];
    let (mut person, mut draw) = (owner(OnNotice::ChangesPassword), Rng::new(1));
    (person.brain.on, person.brain.done) = (true, true);
    person.handle_input(&mut Cx::new(Time::ZERO, &mut draw), &Input::Letter(letter(MailKind::ContactNotice)));
    let (asked, _) = acts(&mut person, &mut draw, |action| match action.control() {
        Control::SubmitTicket => page(PageName::ContactSupport, Some(Notice::TicketFiled), &[]),
        Control::Open if action.fields().page() == PageName::ContactSupport => {
            page(PageName::ContactSupport, None, &[Control::SubmitTicket])
        }
        Control::ChangePassword => {
            page(PageName::SecurityCredentials, Some(Notice::WrongCurrentPassword), &inside)
        }
        _ => page(PageName::SecurityCredentials, None, &inside),
    });
    let times = |control| asked.iter().filter(|action| action.control() == control).count();
    assert_eq!((times(Control::ChangePassword), times(Control::SubmitTicket)), (3, 1), "{asked:?}");
}

#[test]
fn a_person_acts_on_three_warnings_at_most() {
    let (mut person, mut draw) = (owner(OnNotice::ChangesPassword), Rng::new(1));
    person.brain.on = true;
    let mut count = 0;
    for _ in 0..9 {
        person.on_warning(Time::ZERO, &mut draw, letter(MailKind::ThrottleNotice));
        if let Some(due) = person.warnings.due() {
            person.on_warning_due(due);
            person.warnings.reaction = None;
            count += 1;
        }
    }
    assert_eq!(count, REACTIONS_MAX);
}

#[test]
fn after_a_lost_answer_the_other_password_is_tried() {
    let (mut person, browser) = (owner(OnNotice::Ignores), crate::base::id::BrowserId(0));
    let right = |person: &Person| person.password(PasswordChoice::Right).map(|(_, typed)| typed);
    let first = Some(Typed::Password(Some(AccountId(0))));
    let second = Some(Typed::LaterPassword { of: AccountId(0), nth: 1 });
    let inside = page(PageName::SecurityCredentials, None, &[Control::ChangePassword]);
    person.browsers[0].page = Some(inside);
    person.change_password(PasswordChoice::Right);
    assert_eq!(right(&person), first, "until a page says so");
    person.learn_password(browser, None);
    let wrong = page(PageName::Password, Some(Notice::WrongPassword), &[]);
    person.learn_password(browser, Some(&wrong));
    assert_eq!(right(&person), second);
    person.learn_password(browser, Some(&wrong));
    assert_eq!(right(&person), first, "the change was not made");
    person.change_password(PasswordChoice::Right);
    let changed = page(PageName::SecurityCredentials, Some(Notice::PasswordChanged), &[]);
    person.learn_password(browser, Some(&changed));
    assert_eq!(right(&person), Some(Typed::LaterPassword { of: AccountId(0), nth: 2 }));
    person.learn_password(browser, Some(&wrong));
    assert_eq!(right(&person), Some(Typed::LaterPassword { of: AccountId(0), nth: 2 }), "no doubt is left");
}
