//! Calls after the pick-up: documents and their failures, keys, and the end of the call.

use super::*;
use crate::base::time::Span;
use crate::event::AnsweredBy;
use crate::fault::{CallVerdict, Connect, KeyFault};
use crate::message::{Events, Retries};
use crate::providers::phone::harness::{ASKS, Answer, Rehearsal, body, document, url};

const SORRY: &str = "We are sorry, an application error has occurred. Goodbye.";

#[test]
fn without_a_document_the_call_apologises_and_is_completed() {
    for (answer, code) in [
        (HookReply::bare(500).into(), 11200),
        (HookReply::bare(403).into(), 11200),
        (HookReply::bare(404).into(), 11200),
        (HookReply::HEARD.into(), 12100),
        (HookReply::not_twiml(12102).into(), 12102),
        (NoReply::Cut.into(), 11200),
    ] {
        Rehearsal::answering(vec![answer]).check(
            "0 order\n8 pick up",
            &format!(
                "0 taken: +34600000001
                 0 queued
                 0 reply 201
                 1 initiated
                 1 → #0 initiated @1001
                 1 callback initiated: 204
                 5 ringing
                 5 rings at +34600000001
                 5 → #1 ringing @1005
                 5 callback ringing: 204
                 8 in-progress
                 8 → #2 in-progress @1008
                 8 → fetch in-progress
                 8 callback in-progress: 204
                 8 no document of Fetch: {code}
                 8 spoke: ApplicationError
                 8 hears: {SORRY}
                 14 completed
                 14 line ends: completed
                 14 → #3 completed after 6s @1014
                 14 callback completed: 204"
            ),
        );
    }
}

#[test]
fn no_answer_in_time_is_not_asked_for_again() {
    Rehearsal::answering(vec![Answer::Later(Span::from_secs(15), Err(NoReply::TimedOut)), ASKS.into()])
        .check_talk(
            "0 order\n8 pick up",
            &format!("8 → fetch in-progress\n23 no document of Fetch: 11200\n23 hears: {SORRY}"),
        );
}

#[test]
fn where_nobody_listens_it_is_asked_for_once_more() {
    Rehearsal::answering(vec![NoReply::Down.into(), "<Say>Hello.</Say>".into()]).check_talk(
        "0 order\n8 pick up",
        "8 → fetch in-progress\n9 → fetch in-progress\n9 document of Fetch\n9 hears: Hello.",
    );
    Rehearsal::answering(vec![NoReply::Down.into(), NoReply::Down.into(), ASKS.into()]).check_talk(
        "0 order\n8 pick up",
        &format!(
            "8 → fetch in-progress\n9 → fetch in-progress\n9 no document of Fetch: 11205\n9 hears: {SORRY}"
        ),
    );
}

#[test]
fn how_often_it_is_asked_for_is_a_habit() {
    let mut rehearsal = Rehearsal::answering(vec![NoReply::Down.into()]);
    rehearsal.habits.webhook_retries = 0;
    rehearsal.check_talk(
        "0 order\n8 pick up",
        &format!("8 → fetch in-progress\n8 no document of Fetch: 11205\n8 hears: {SORRY}"),
    );
    let mut rehearsal =
        Rehearsal::answering(vec![NoReply::Down.into(), NoReply::Down.into(), "<Hangup/>".into()]);
    rehearsal.habits.webhook_retries = 5;
    rehearsal.check_talk(
        "0 order\n8 pick up",
        "8 → fetch in-progress\n9 → fetch in-progress\n10 → fetch in-progress\n10 document of Fetch",
    );
}

#[test]
fn a_retried_action_keeps_its_digits() {
    let mut rehearsal = Rehearsal::fetching("<Gather numDigits='2'/>");
    rehearsal.action = vec![NoReply::Down.into(), "<Hangup/>".into()];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 12",
        "8 → fetch in-progress
         8 document of Fetch
         9 gathered: 2
         9 → action in-progress [12]
         10 → action in-progress [12]
         10 document of Action",
    );
}

#[test]
fn an_action_that_fails_ends_in_the_apology() {
    let mut rehearsal = Rehearsal::fetching("<Gather numDigits='2'/><Say>Never.</Say>");
    rehearsal.action = vec![HookReply::bare(503).into()];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 12",
        &format!(
            "8 → fetch in-progress
             8 document of Fetch
             9 gathered: 2
             9 → action in-progress [12]
             9 no document of Action: 11200
             9 hears: {SORRY}"
        ),
    );
}

#[test]
fn a_redirected_action_is_fetched_without_its_digits() {
    let mut rehearsal =
        Rehearsal::answering(vec!["<Gather numDigits='2'/>".into(), "<Say>Who?</Say>".into()]);
    rehearsal.action = vec![Answer::redirect()];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 12",
        "8 → fetch in-progress
         8 document of Fetch
         9 gathered: 2
         9 → action in-progress [12]
         9 → fetch in-progress
         9 document of Fetch
         9 hears: Who?",
    );
}

#[test]
fn redirects_are_followed_ten_times() {
    let redirects = |times| vec![Answer::redirect(); times];
    let asked = "8 → fetch in-progress\n".repeat(11);
    Rehearsal::answering([redirects(10), vec!["<Hangup/>".into()]].concat())
        .check_talk("0 order\n8 pick up", &format!("{asked}8 document of Fetch"));
    Rehearsal::answering([redirects(11), vec!["<Hangup/>".into()]].concat())
        .check_talk("0 order\n8 pick up", &format!("{asked}8 no document of Fetch: 11215\n8 hears: {SORRY}"));
}

#[test]
fn who_hangs_up_waits_for_no_document() {
    let late = Answer::Later(Span::from_secs(10), Ok(document(ASKS)));
    Rehearsal::answering(vec![late]).check_talk("0 order\n8 pick up\n9 hang up", "8 → fetch in-progress");
    // The document is not requested again either.
    Rehearsal::answering(vec![NoReply::Down.into()])
        .check_talk("0 order\n8 pick up\n8.5 hang up", "8 → fetch in-progress");
}

#[test]
fn the_line_drops_while_the_code_is_keyed_in() {
    let drops = Some(Span::from_secs(10));
    Rehearsal::with(CallVerdict { drops, ..CallVerdict::default() }).check_line(
        "0 order\n8 pick up\n15 press 12345\n19 press 6",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         1 initiated
         1 → #0 initiated @1001
         5 ringing
         5 rings at +34600000001
         5 → #1 ringing @1005
         8 in-progress
         8 → #2 in-progress @1008
         18 completed
         18 line ends: completed
         18 → #3 completed after 10s @1018",
    );
}

#[test]
fn a_line_that_drops_sends_nothing_that_is_due_at_that_moment() {
    // The timeout that would submit the digit is at 16 s as well.
    let drops = Some(Span::from_secs(8));
    let mut rehearsal = Rehearsal::with(CallVerdict { drops, ..CallVerdict::default() });
    rehearsal.fetch = vec!["<Gather/>".into()];
    rehearsal.check_talk("0 order\n8 pick up\n11 press 1", "8 → fetch in-progress\n8 document of Fetch");
}

/// Two Gathers of three digits; the first times out if a key is missing.
#[track_caller]
fn check_keys(keys: KeyFault, expected: &str) {
    let mut rehearsal = Rehearsal::with(CallVerdict { keys, ..CallVerdict::default() });
    rehearsal.fetch = vec!["<Gather numDigits='3'/>".into()];
    rehearsal.action = vec!["<Gather numDigits='3'/>".into()];
    rehearsal.check_talk("0 order\n8 pick up\n9 press 123\n20 press 456\n26 hang up", expected);
}

#[test]
fn keys_get_lost_doubled_or_silenced_over_the_whole_call() {
    let three = |at: u32, digits: &str| {
        let count = digits.len();
        format!("{at} gathered: {count}\n{at} → action in-progress [{digits}]\n{at} document of Action\n")
    };
    let begins = "8 → fetch in-progress\n8 document of Fetch\n";
    let pause = |at: u32| format!("{at} no digits\n");
    // The second document waits for five seconds and ends, so keys at 20 s find no call.
    check_keys(KeyFault::None, &format!("{begins}{}{}", three(9, "123"), pause(14)));
    check_keys(KeyFault::Lost(2), &format!("{begins}{}{}", three(14, "13"), pause(19)));
    // The third key arrives during the next document, and counts for that.
    check_keys(KeyFault::Doubled(2), &format!("{begins}{}{}{}", three(9, "122"), three(14, "3"), pause(19)));
    check_keys(KeyFault::Silent, &format!("{begins}{}", pause(13)));
    check_keys(KeyFault::Lost(7), &format!("{begins}{}{}", three(9, "123"), pause(14)));
}

#[test]
fn keys_are_counted_from_one_document_to_the_next() {
    let mut rehearsal = Rehearsal::with(CallVerdict { keys: KeyFault::Lost(5), ..CallVerdict::default() });
    rehearsal.fetch = vec!["<Gather numDigits='3'/>".into()];
    rehearsal.action = vec!["<Gather numDigits='2'/>".into(), "<Hangup/>".into()];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 123\n10 press 456",
        "8 → fetch in-progress
         8 document of Fetch
         9 gathered: 3
         9 → action in-progress [123]
         9 document of Action
         10 gathered: 2
         10 → action in-progress [46]
         10 document of Action",
    );
}

/// A foreign order; the document is fetched from `/1` with GET.
#[track_caller]
fn check_foreign(fetches: &[&str], script: &str, expected: &str) {
    let fetches: Vec<Answer> = fetches.iter().map(|verbs| (*verbs).into()).collect();
    let expected = format!("8 → fetch in-progress at GET 1\n8 document of Fetch\n{expected}");
    Rehearsal::foreign(fetches).check_talk(&format!("0 order\n8 pick up\n{script}"), &expected);
}

#[test]
fn digits_go_where_the_document_says() {
    for (attributes, at) in [
        ("action='/2'", "POST 2"),
        ("action='/2' method='GET'", "GET 2"),
        // The document's own address, with POST whatever method fetched it.
        ("", "POST 1"),
    ] {
        check_foreign(
            &[&format!("<Gather numDigits='2' {attributes}><Say>Key in.</Say></Gather>")],
            "9 press 12",
            &format!(
                "8 hears: Key in.
                 9 gathered: 2
                 9 → action in-progress [12] at {at}
                 9 document of Action
                 9 hears: Thank you."
            ),
        );
    }
}

#[test]
fn a_redirect_leads_to_another_document() {
    check_foreign(
        &["<Redirect method='GET'>/3</Redirect>", "<Pause/><Redirect/>", "<Say>Two.</Say>"],
        "",
        "8 → fetch in-progress at GET 3
         8 document of Fetch
         9 → fetch in-progress at POST 3
         9 document of Fetch
         9 hears: Two.",
    );
}

/// A redirect drops the digits, and its target becomes the document's own address.
#[test]
fn what_is_redirected_is_asked_for_at_the_new_address() {
    let gather = "<Gather numDigits='2' action='/2'/>";
    let mut rehearsal = Rehearsal::foreign([gather.into(), "<Gather numDigits='2'/>".into()]);
    let there = Hook { method: Method::Get, ..url(5) };
    rehearsal.action = vec![HookReply::Redirected(there).into(), "<Hangup/>".into()];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 12\n10 press 34",
        "8 → fetch in-progress at GET 1
         8 document of Fetch
         9 gathered: 2
         9 → action in-progress [12] at POST 2
         9 → fetch in-progress at GET 5
         9 document of Fetch
         10 gathered: 2
         10 → action in-progress [34] at POST 5
         10 document of Action",
    );
}

#[test]
fn a_callback_follows_a_redirect() {
    let mut rehearsal = Rehearsal::foreign(["<Hangup/>".into()]);
    rehearsal.order.status = Some((url(4), Events::COMPLETED));
    rehearsal.status = vec![HookReply::Redirected(url(6)).into(), HookReply::HEARD.into()];
    rehearsal.check_line(
        "0 order\n8 pick up",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         1 initiated
         5 ringing
         5 rings at +34600000001
         8 in-progress
         8 completed
         8 line ends: completed
         8 → #0 completed after 0s @1008 at POST 4
         8 → #0 completed after 0s @1008 at POST 6",
    );
}

#[test]
fn a_url_asks_for_retries_of_its_own() {
    let fetches = vec![HookReply::bare(503).into(), HookReply::bare(404).into(), "<Say>Hello.</Say>".into()];
    let mut rehearsal = Rehearsal::foreign(fetches);
    let retries = Retries::of_fragment(Some("rc=2&rp=4xx,5xx"));
    rehearsal.order.opening = Opening::Fetch(Hook { retries, ..url(1) });
    rehearsal.check_talk(
        "0 order\n8 pick up",
        "8 → fetch in-progress at POST 1
         9 → fetch in-progress at POST 1
         10 → fetch in-progress at POST 1
         10 document of Fetch
         10 hears: Hello.",
    );
    // A URL inside a document can override retries too; this one disables them.
    let mut rehearsal = Rehearsal::inline(body("<Redirect>/2#rc=0</Redirect>"));
    rehearsal.fetch = vec![NoReply::Down.into()];
    rehearsal.check_talk(
        "0 order\n8 pick up",
        &format!("8 → fetch in-progress at POST 2\n8 no document of Fetch: 11205\n8 hears: {SORRY}"),
    );
}

#[test]
fn a_fallback_is_asked_once_where_there_is_no_document() {
    let broken = Answer::from(HookReply::bare(500));
    let with_fallback = |fetches: Vec<Answer>| {
        let mut rehearsal = Rehearsal::foreign(fetches);
        rehearsal.order.fallback = Some(url(9));
        rehearsal
    };
    let begins = "8 → fetch in-progress at GET 1\n8 no document of Fetch: 11200\n\
                  8 → fetch in-progress at POST 9";
    with_fallback(vec![broken.clone(), "<Say>Later.</Say>".into()])
        .check_talk("0 order\n8 pick up", &format!("{begins}\n8 document of Fetch\n8 hears: Later."));
    with_fallback(vec![broken.clone()]).check_talk(
        "0 order\n8 pick up",
        &format!("{begins}\n8 no document of Fetch: 11200\n8 hears: {SORRY}"),
    );
    let mut rehearsal = with_fallback(vec!["<Gather numDigits='1'/>".into(), "<Say>Later.</Say>".into()]);
    rehearsal.action = vec![broken];
    rehearsal.check_talk(
        "0 order\n8 pick up\n9 press 1",
        "8 → fetch in-progress at GET 1
         8 document of Fetch
         9 gathered: 1
         9 → action in-progress [1] at POST 1
         9 no document of Action: 11200
         9 → fetch in-progress at POST 9
         9 document of Fetch
         9 hears: Later.",
    );
}

#[test]
fn a_document_that_came_with_the_order_is_run_at_once() {
    Rehearsal::inline(body("<Say>Hello.</Say><Gather numDigits='1' action='/2'/>")).check_talk(
        "0 order\n8 pick up\n9 press 1",
        "8 hears: Hello.
         9 gathered: 1
         9 → action in-progress [1] at POST 2
         9 document of Action
         9 hears: Thank you.",
    );
    // An inline document has no address for the action.
    Rehearsal::inline(body("<Gather numDigits='1'/>")).check_talk(
        "0 order\n8 pick up\n9 press 1",
        &format!("9 gathered: 1\n9 no document of Action: 11100\n9 hears: {SORRY}"),
    );
    Rehearsal::inline(body("<Redirect/>"))
        .check_talk("0 order\n8 pick up", &format!("8 no document of Fetch: 11100\n8 hears: {SORRY}"));
    for (body, code) in [(Body::NotTwiml(12_102), 12_102), (Body::Empty, 12_100)] {
        Rehearsal::inline(body)
            .check_talk("0 order\n8 pick up", &format!("8 no document of Fetch: {code}\n8 hears: {SORRY}"));
    }
}

#[test]
fn a_foreign_sentence_takes_as_long_as_its_words() {
    check_foreign(
        &["<Say>One two three.</Say><Say>Four.</Say><Gather timeout='1'/><Say>Five.</Say>"],
        "",
        "8 hears: One two three.\n9.05 hears: Four.\n10.6 no digits\n10.6 hears: Five.",
    );
}

#[test]
fn a_call_is_changed_while_it_is_under_way() {
    let rings = "0 taken: +34600000001
                 0 queued
                 0 reply 201
                 1 initiated
                 5 ringing
                 5 rings at +34600000001\n";
    let check = |script: &str, expected: &str| {
        Rehearsal::foreign(["<Pause length='2'/>".into()])
            .check_line(&format!("0 order\n{script}"), expected);
    };
    check(
        "0.5 complete\n0.6 cancel",
        "0 taken: +34600000001
         0 queued
         0 reply 201
         0.5 canceled
         0.5 reply 201
         0.6 reply 400 21220",
    );
    check(
        "6 redirect to 4\n7 cancel",
        &format!("{rings}6 reply 400 21220\n7 canceled\n7 line ends: canceled\n7 reply 201"),
    );
    check(
        "8 pick up\n9 cancel\n9.5 complete\n9.6 run <Hangup/>",
        &format!(
            "{rings}8 in-progress
             9 reply 400 21220
             9.5 completed
             9.5 line ends: completed
             9.5 reply 201
             9.6 reply 400 21220"
        ),
    );
    check(
        "1 2 cancel",
        "0 taken: +34600000001\n0 queued\n0 reply 201\n1 initiated\n1 reply 400 21220\n\
                         5 ringing\n5 rings at +34600000001\n45 no-answer\n45 line ends: no-answer",
    );
}

#[test]
fn a_call_goes_on_with_another_document_when_its_service_says_so() {
    check_foreign(
        &["<Pause length='9'/>", "<Say>Two.</Say>"],
        "9 redirect to 4",
        "9 → fetch in-progress at POST 4\n9 document of Fetch\n9 hears: Two.",
    );
    check_foreign(&["<Pause length='9'/>"], "9 run <Say>Two.</Say>", "9 hears: Two.");
    // The earlier request is no longer waited for.
    let late = Answer::Later(Span::from_secs(2), Ok(document("<Say>Late.</Say>")));
    Rehearsal::foreign([late, "<Pause/><Say>Two.</Say>".into()]).check_talk(
        "0 order\n8 pick up\n9 redirect to 4",
        "8 → fetch in-progress at GET 1
         9 → fetch in-progress at POST 4
         9 document of Fetch
         10 hears: Two.",
    );
}

#[test]
fn an_order_may_limit_how_long_its_call_lasts() {
    for (limit, habit, ends) in [(10_900, 3_600, 18), (10_000, 5, 13)] {
        let mut rehearsal = Rehearsal::foreign(["<Pause length='60'/>".into()]);
        rehearsal.order.time_limit = Some(Span::from_millis(limit));
        rehearsal.habits.time_limit = Span::from_secs(habit);
        rehearsal.check_line(
            "0 order\n8 pick up",
            &format!(
                "0 taken: +34600000001
                 0 queued
                 0 reply 201
                 1 initiated
                 5 ringing
                 5 rings at +34600000001
                 8 in-progress
                 {ends} completed
                 {ends} line ends: completed"
            ),
        );
    }
}

#[test]
fn only_what_is_subscribed_is_reported() {
    for (events, reported) in [
        (Events::COMPLETED, "→ #0 completed after 2s @1010 at POST 4"),
        (Events::NONE.with("ringing").unwrap(), "→ #0 ringing @1005 at POST 4"),
        (Events::NONE, ""),
    ] {
        let mut rehearsal = Rehearsal::foreign(["<Pause length='2'/>".into()]);
        rehearsal.order.status = Some((url(4), events));
        let sent = |at: &str, status| {
            if reported.contains(&format!(" {status}")) {
                format!("{at} {reported}\n")
            } else {
                String::new()
            }
        };
        let (rings, ends) = (sent("5", "ringing"), sent("10", "completed"));
        rehearsal.check_line(
            "0 order\n8 pick up",
            &format!(
                "0 taken: +34600000001
                 0 queued
                 0 reply 201
                 1 initiated
                 5 ringing
                 5 rings at +34600000001
                 {rings}8 in-progress
                 10 completed
                 10 line ends: completed
                 {ends}"
            ),
        );
    }
}

/// Compares what the person on the line notices of a Gather; the document runs from 8 s.
#[track_caller]
fn check_listening(verbs: &str, script: &str, expected: &str) {
    let expected = format!("8 → fetch in-progress at GET 1\n8 document of Fetch\n{expected}");
    Rehearsal::foreign([verbs.into(), "<Say>Two.</Say>".into()])
        .check_listening(&format!("0 order\n8 pick up\n{script}"), &expected);
}

#[test]
fn the_line_listens_from_the_first_prompt_of_a_gather_to_its_end() {
    let gather = "<Gather numDigits='2' action='/2'><Say>One.</Say></Gather>";
    // The next Gather starts when the first has ended.
    check_listening(
        &format!("{gather}<Gather/>"),
        "",
        "8 listens for 2
         8 hears: One.
         13.55 no digits
         13.55 listens no more
         13.55 listens in silence
         18.55 no digits
         18.55 listens no more",
    );
    check_listening(
        gather,
        "9 press 12",
        "8 listens for 2
         8 hears: One.
         9 gathered: 2
         9 listens no more
         9 → action in-progress [12] at POST 2
         9 document of Action
         9 hears: Thank you.",
    );
    for ends in ["9 hang up", "9 complete"] {
        check_listening(gather, ends, "8 listens for 2\n8 hears: One.\n9 listens no more");
    }
    check_listening(
        gather,
        "9 redirect to 4",
        "8 listens for 2
         8 hears: One.
         9 listens no more
         9 → fetch in-progress at POST 4
         9 document of Fetch
         9 hears: Two.",
    );
}

#[test]
fn an_apology_is_said_to_a_line_that_does_not_listen() {
    Rehearsal::inline(body("<Gather numDigits='1'/>")).check_listening(
        "0 order\n8 pick up\n9 press 1",
        &format!(
            "8 listens for 1 in silence
             9 gathered: 1
             9 no document of Action: 11100
             9 listens no more
             9 hears: {SORRY}"
        ),
    );
}

#[test]
fn who_does_not_take_keys_does_not_listen() {
    check_listening(
        "<Gather input='speech'><Say>One.</Say></Gather><Say>Two.</Say>",
        "9 press 1",
        "8 hears: One.\n13.55 no digits\n13.55 hears: Two.",
    );
    let voicemail =
        CallVerdict { connect: Connect::Voicemail(AnsweredBy::Unknown), ..CallVerdict::default() };
    let mut rehearsal = Rehearsal::foreign(["<Gather><Say>One.</Say></Gather>".into()]);
    rehearsal.verdicts = vec![voicemail];
    rehearsal
        .check_listening("0 order", "25 → fetch in-progress at GET 1\n25 document of Fetch\n30.55 no digits");
}
