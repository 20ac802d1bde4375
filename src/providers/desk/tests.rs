//! Transcript tests of the support desk: inputs, time and outputs.

use super::*;
use crate::base::machine::Cx;
use crate::base::rng::Rng;
use crate::event::Problem;

const FORM: TicketForm = TicketForm {
    problem: Problem::NoCall,
    email: AddressId(0),
    account_number: 1,
    phone: None,
    full_name: Digest(7),
};

/// A desk with the default habits: reads after 2 h, calls 1 h later, rings for 40 s, calls three times.
fn desk(proof: SupportProof, phone: Option<&str>) -> SupportDesk {
    let phone = phone.and_then(|phone| Number::read(phone).ok());
    let card = Card { account_number: 1, emails: vec![AddressId(0)], phone, full_name: Digest(7) };
    let policy = Policy { support_proof: proof, ..Policy::NORM };
    SupportDesk::new(Habits::default(), &policy, vec![card])
}

fn at(minutes: u64) -> Time {
    Time::ZERO + Span::from_mins(minutes)
}

fn takes(form: TicketForm) -> Input {
    Input::Ticket { form, verdict: TicketVerdict::default() }
}

/// The outputs of one input, without facts.
fn put(desk: &mut SupportDesk, now: Time, input: Input) -> Vec<Output> {
    let mut outputs = Vec::new();
    desk.handle_input(&mut Cx::new(now, &mut Rng::new(1)), input);
    desk.take_outputs(&mut outputs);
    outputs.retain(|output| !matches!(output, Output::Fact(_)));
    outputs
}

/// Advances time until an output other than a fact occurs; returns the minute and the outputs.
fn next(desk: &mut SupportDesk) -> Option<(u64, Vec<Output>)> {
    while let Some((due, _)) = desk.poll_timeout() {
        let outputs = put(desk, due, Input::Timeout);
        if !outputs.is_empty() {
            return Some((due.as_millis() / 60_000, outputs));
        }
    }
    None
}

fn reset(ticket: TicketId) -> Output {
    let (problem, credential) = (Problem::NoCall, Authenticity::Valid);
    Output::Reset(ResetRequest { ticket, account_number: 1, problem, password: None, credential })
}

/// The end of a ticket without a one-time password.
fn tells(ticket: TicketId, reset: bool) -> Output {
    Output::Tells(ticket, TicketResult { reset, password: None })
}

const FIRST: TicketId = TicketId(0);
const OWNER: AccountId = AccountId(0);
const NUMBER: &str = "+34600000001";

fn call(ticket: TicketId) -> Output {
    Output::Call(ticket, Number::read(NUMBER).unwrap())
}

#[test]
fn the_number_on_file_is_called_and_whoever_proves_who_it_is_is_reset() {
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    assert_eq!(put(&mut desk, at(0), takes(FORM)), [Output::Reply(TicketReply::Taken)]);
    assert_eq!(next(&mut desk), Some((180, vec![call(FIRST)])));
    assert_eq!(put(&mut desk, at(180), Input::Taken(FIRST)), [Output::Asks(FIRST)]);
    assert_eq!(put(&mut desk, at(181), Input::Proved(FIRST, Some(OWNER))), [reset(FIRST)]);
    let done = Input::Answered(FIRST, Ok(ResetReply::Done));
    assert_eq!(put(&mut desk, at(181), done), [tells(FIRST, true)]);
    assert_eq!((put(&mut desk, at(182), done), next(&mut desk)), (vec![], None));
}

#[test]
fn whoever_answers_and_proves_nothing_gets_nothing() {
    for proof in [Some(false), None] {
        let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
        put(&mut desk, at(0), takes(FORM));
        next(&mut desk);
        put(&mut desk, at(180), Input::Taken(FIRST));
        let told = match proof {
            Some(proof) => put(&mut desk, at(181), Input::Proved(FIRST, proof.then_some(OWNER))),
            None => next(&mut desk).unwrap().1,
        };
        assert_eq!(told, [tells(FIRST, false)], "{proof:?}");
        assert_eq!(put(&mut desk, at(190), Input::Proved(FIRST, Some(OWNER))), []);
    }
}

#[test]
fn a_form_that_comes_twice_is_one_ticket_while_it_is_open() {
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    let taken = [Output::Reply(TicketReply::Taken)];
    assert_eq!(put(&mut desk, at(0), takes(FORM)), taken);
    let again = [Output::AskedAgain(FIRST), Output::Reply(TicketReply::Taken)];
    assert_eq!(put(&mut desk, at(1), takes(FORM)), again);
    assert_eq!(next(&mut desk), Some((180, vec![call(FIRST)])));
    put(&mut desk, at(180), Input::Taken(FIRST));
    put(&mut desk, at(181), Input::Proved(FIRST, Some(OWNER)));
    put(&mut desk, at(181), Input::Answered(FIRST, Ok(ResetReply::Done)));
    assert_eq!(next(&mut desk), None, "no second call");
    // A different form opens a new ticket, and so does the same form once the first ticket is closed.
    let other = TicketForm { problem: Problem::Other, ..FORM };
    for (form, ticket) in [(FORM, TicketId(1)), (other, TicketId(2))] {
        put(&mut desk, at(500), takes(form));
        assert_eq!(desk.tickets.len(), ticket.index() + 1);
    }
}

#[test]
fn whoever_asks_again_gets_a_ticket_when_the_first_is_closed_and_nothing_was_reset() {
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    put(&mut desk, at(0), takes(FORM));
    put(&mut desk, at(170), takes(FORM));
    assert_eq!(next(&mut desk), Some((180, vec![call(FIRST)])));
    put(&mut desk, at(180), Input::Taken(FIRST));
    let closed = put(&mut desk, at(181), Input::Proved(FIRST, None));
    assert_eq!(closed, [tells(FIRST, false), Output::Reopens(FIRST)]);
    assert_eq!(next(&mut desk), Some((361, vec![call(TicketId(1))])), "after 2 h and 1 h more");
    put(&mut desk, at(361), Input::Taken(TicketId(1)));
    let closed = put(&mut desk, at(362), Input::Proved(TicketId(1), None));
    assert_eq!(closed, [tells(TicketId(1), false)], "nobody has asked since");
}

#[test]
fn a_form_that_the_desk_lost_is_taken_when_it_comes_again() {
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    let verdict = TicketVerdict { lost: true, ..TicketVerdict::default() };
    let taken = [Output::Reply(TicketReply::Taken)];
    assert_eq!(put(&mut desk, at(0), Input::Ticket { form: FORM, verdict }), taken);
    assert_eq!(next(&mut desk), None);
    assert_eq!(put(&mut desk, at(60), takes(FORM)), taken);
    assert_eq!(next(&mut desk), Some((240, vec![call(TicketId(1))])));
}

#[test]
fn after_three_calls_that_nobody_takes_papers_are_asked_for() {
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    put(&mut desk, at(0), takes(FORM));
    for (called, stops) in [(180, 180), (420, 421), (661, 662)] {
        assert_eq!(next(&mut desk), Some((called, vec![call(FIRST)])));
        let (at, outputs) = next(&mut desk).unwrap();
        assert_eq!((at, &outputs[0]), (stops, &Output::StopsRinging(FIRST)));
        let papers = outputs.contains(&Output::AsksForDocuments(FIRST));
        assert_eq!(papers, called == 661);
    }
    assert_eq!(put(&mut desk, at(700), Input::Proved(FIRST, Some(OWNER))), []);
    assert_eq!(next(&mut desk), Some((662 + 20 * 60, vec![reset(FIRST)])));
}

#[test]
fn a_console_that_is_down_is_asked_again() {
    let mut desk = desk(SupportProof::Nothing, None);
    put(&mut desk, at(0), takes(FORM));
    assert_eq!(next(&mut desk), Some((120, vec![reset(FIRST)])));
    for minute in 121..180 {
        assert_eq!(put(&mut desk, at(minute - 1), Input::Answered(FIRST, Err(NoReply::Down))), []);
        assert_eq!(next(&mut desk), Some((minute, vec![reset(FIRST)])));
    }
    let gives_up = put(&mut desk, at(179), Input::Answered(FIRST, Err(NoReply::Down)));
    assert_eq!(gives_up, [tells(FIRST, false)]);
}

#[test]
fn what_a_weak_desk_takes_for_proof() {
    let strange = TicketForm { full_name: Digest(8), ..FORM };
    let unknown = TicketForm { account_number: 9, ..FORM };
    for (proof, form, asked) in [
        (SupportProof::PersonalData, FORM, reset(FIRST)),
        (SupportProof::PersonalData, strange, tells(FIRST, false)),
        (SupportProof::Nothing, strange, reset(FIRST)),
        (SupportProof::Nothing, unknown, tells(FIRST, false)),
    ] {
        let mut desk = desk(proof, None);
        put(&mut desk, at(0), takes(form));
        assert_eq!(next(&mut desk), Some((120, vec![asked])), "{proof:?} {form:?}");
    }
}

#[test]
fn another_person_at_a_shared_phone_is_no_proof_and_no_obstacle() {
    let other = AccountId(1);
    let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
    put(&mut desk, at(0), takes(FORM));
    for calls in [180, 420, 660] {
        assert_eq!(next(&mut desk), Some((calls, vec![call(FIRST)])));
        assert_eq!(put(&mut desk, at(calls), Input::Taken(FIRST)), [Output::Asks(FIRST)]);
        let asked = put(&mut desk, at(calls), Input::Proved(FIRST, Some(other)));
        let papers = if calls == 660 { vec![Output::AsksForDocuments(FIRST)] } else { vec![] };
        assert_eq!(asked, papers, "{calls}");
    }
    // Papers must be the owner's, too.
    assert_eq!(put(&mut desk, at(700), Input::Proved(FIRST, Some(other))), []);
    assert_eq!(next(&mut desk), Some((1_860, vec![tells(FIRST, false)])));
}

/// Two owners who share a phone ask at the same time.
#[test]
fn one_phone_takes_one_call_of_the_desk_at_a_time() {
    let card = |at: u16, phone: &str| Card {
        account_number: u64::from(at) + 1,
        emails: vec![AddressId(at)],
        phone: Number::read(phone).ok(),
        full_name: Digest(7 + u64::from(at)),
    };
    let bens = TicketForm { account_number: 2, email: AddressId(1), full_name: Digest(8), ..FORM };
    let asks = |phone| {
        let cards = vec![card(0, NUMBER), card(1, phone)];
        let mut desk = SupportDesk::new(Habits::default(), &Policy::NORM, cards);
        put(&mut desk, at(0), takes(FORM));
        put(&mut desk, at(0), takes(bens));
        (next(&mut desk), desk)
    };
    let second = TicketId(1);
    let (rings, mut desk) = asks(NUMBER);
    assert_eq!(rings, Some((180, vec![call(FIRST)])));
    assert_eq!(put(&mut desk, at(180), Input::Taken(FIRST)), [Output::Asks(FIRST)]);
    assert_eq!(put(&mut desk, at(181), Input::Proved(FIRST, Some(OWNER))), [reset(FIRST)]);
    assert_eq!(next(&mut desk), Some((185, vec![call(second)])));
    // Nobody takes the first call: the second one rings afterwards, and is no missed one.
    let (_, mut desk) = asks(NUMBER);
    assert_eq!(next(&mut desk), Some((180, vec![Output::StopsRinging(FIRST)])));
    assert_eq!(next(&mut desk), Some((185, vec![call(second)])));
    // Another phone rings at once.
    let (rings, _) = asks("+34600000002");
    assert_eq!(rings.map(|(minute, calls)| (minute, calls.len())), Some((180, 2)));
}

#[test]
fn a_weak_desk_takes_any_identity_and_resets_the_first_account_with_the_number() {
    let card = |account_number| Card {
        account_number,
        emails: vec![AddressId(0)],
        phone: Number::read(NUMBER).ok(),
        full_name: Digest(7),
    };
    let resets = |policy: Policy, form: TicketForm, identity| {
        let mut desk = SupportDesk::new(Habits::default(), &policy, vec![card(1), card(2)]);
        put(&mut desk, at(0), takes(form));
        assert_eq!(next(&mut desk), Some((180, vec![call(FIRST)])));
        put(&mut desk, at(180), Input::Taken(FIRST));
        put(&mut desk, at(181), Input::Proved(FIRST, Some(identity)))
    };
    let (other, bens) = (AccountId(1), TicketForm { account_number: 2, ..FORM });
    assert_eq!(resets(Policy::NORM, FORM, other), []);
    let any = Policy { support_proof: SupportProof::CallBackAndAnyIdentity, ..Policy::NORM };
    assert_eq!(resets(any, FORM, other), [reset(FIRST)]);
    let first = Policy { reset_goes_to: ResetGoesTo::FirstWithNumber, ..Policy::NORM };
    assert_eq!(resets(first, bens, other), [reset(FIRST)], "account 1, for a ticket about account 2");
}

#[test]
fn who_did_not_do_this_gets_a_one_time_password_with_the_proof() {
    let form = TicketForm { problem: Problem::NotMe, ..FORM };
    let given = LaterPassword::of_ticket(FIRST);
    let proven = |policy: Policy, proof| {
        let mut desk = desk(SupportProof::CallBackAndIdentity, Some(NUMBER));
        desk.reset(Habits::default(), &policy, desk.cards.clone().into_iter());
        put(&mut desk, at(0), takes(form));
        next(&mut desk);
        put(&mut desk, at(180), Input::Taken(FIRST));
        let asks = put(&mut desk, at(181), Input::Proved(FIRST, proof));
        let asked = asks.iter().find_map(|output| {
            if let Output::Reset(request) = output { Some(request.password) } else { None }
        });
        let told = match proof {
            Some(_) => put(&mut desk, at(181), Input::Answered(FIRST, Ok(ResetReply::Done))),
            None => asks,
        };
        (asked, told)
    };
    let with = |reset, password| vec![Output::Tells(FIRST, TicketResult { reset, password })];
    let yes = proven(Policy::NORM, Some(OWNER));
    assert_eq!(yes, (Some(Some(given.password())), with(true, Some(given))));
    assert_eq!(proven(Policy::NORM, None), (None, with(false, None)), "nobody else learns it");
    let keeps = Policy { reported_intrusion: ReportedIntrusion::KeepsPassword, ..Policy::NORM };
    assert_eq!(proven(keeps, Some(OWNER)), (Some(None), with(true, None)));
}
