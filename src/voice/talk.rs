//! A call from its pick-up on: it asks for documents, runs them, takes keys, and apologises.

use crate::crossing::Digits;
use crate::crossing::Key;
use crate::crossing::WebhookBody;
use crate::crossing::WebhookReply;
use crate::event::CallStatus;
use crate::event::EventKind;
use crate::event::Lost;
use crate::time::Time;
use crate::voice::WebhookId;
use crate::voice::answer;
use crate::voice::answer::ForDocument;
use crate::voice::call::Call;
use crate::voice::call::Phase;
use crate::voice::script::Ear;
use crate::voice::script::Script;
use crate::voice::script::Turn;
use crate::voice::switchboard::Switchboard;

/// How many documents a call may ask for; then it hangs up. A Gather without an action asks for
/// its own document again, and so do redirects: such loops must end.
pub(super) const DOCUMENTS_MAX: u8 = 32;

/// A document that was asked for and has not come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    id: WebhookId,
    body: WebhookBody,
    retries: u8,
    redirects: u8,
    again: Option<Time>,
}

impl Asking {
    /// When it is asked for once more; `None` while an answer may come.
    pub(super) const fn again(&self) -> Option<Time> {
        self.again
    }

    /// Whether it waits for an answer to `id`.
    pub(super) fn waits_for(&self, id: WebhookId) -> bool {
        self.id == id && self.again.is_none()
    }
}

impl Call {
    /// Asks the service for a document.
    pub(super) fn ask(&mut self, body: WebhookBody, now: Time, board: &mut Switchboard) {
        if self.documents >= DOCUMENTS_MAX {
            return self.end(now, CallStatus::Completed, None, board);
        }
        self.documents += 1;
        self.send(body, 0, board);
    }

    fn send(&mut self, body: WebhookBody, redirects: u8, board: &mut Switchboard) {
        let id = board.ask(self.webhook(body));
        self.phase = Phase::Asking(Asking { id, body, retries: 0, redirects, again: None });
    }

    /// Asks once more for what nobody was there to answer.
    pub(super) fn ask_again(&mut self, board: &mut Switchboard) {
        let Phase::Asking(asking) = &mut self.phase else { return };
        asking.again = None;
        let (id, body) = (asking.id, asking.body);
        board.ask_again(id, self.webhook(body));
    }

    /// The service has answered, or not.
    pub(super) fn hear(&mut self, reply: Result<WebhookReply, Lost>, now: Time, board: &mut Switchboard) {
        let Phase::Asking(asking) = &mut self.phase else { return };
        let (webhook, redirects) = (asking.body.kind(), asking.redirects);
        match answer::for_document(reply) {
            ForDocument::Document(document) => {
                board.tell(EventKind::DocumentFetched { call: self.id, webhook });
                self.phase = Phase::Running(Script::begin(now, document));
                self.read_on(now, board);
            }
            // The digits do not go along a second time, so that it becomes a fetch.
            ForDocument::Redirected if redirects < answer::REDIRECTS_MAX => {
                self.send(WebhookBody::Fetch, redirects + 1, board);
            }
            ForDocument::Nobody if asking.retries < board.habits.webhook_retries => {
                asking.retries += 1;
                asking.again = Some(now + board.habits.webhook_retry_after);
            }
            ForDocument::Redirected => self.apologise(answer::TOO_MANY_REDIRECTS, now, board),
            ForDocument::Nobody => self.apologise(answer::CONNECTION, now, board),
            ForDocument::Failed(error) => self.apologise(error, now, board),
        }
    }

    /// There is no document to go on with: says so, and hangs up after that. The call is completed
    /// all the same, so that a broken service looks like a call that went well.
    fn apologise(&mut self, error: u32, now: Time, board: &mut Switchboard) {
        let Phase::Asking(asking) = &self.phase else { return };
        let webhook = asking.body.kind();
        board.tell(EventKind::DocumentFailed { call: self.id, webhook, error });
        self.phase = Phase::Running(Script::apologise(now, &mut self.ear(board)));
    }

    /// Goes on with the document.
    pub(super) fn read_on(&mut self, now: Time, board: &mut Switchboard) {
        let mut ear = self.ear(board);
        let Phase::Running(script) = &mut self.phase else { return };
        let turn = script.go_on(now, &mut ear);
        self.take_turn(turn, now, board);
    }

    /// A key is pressed.
    ///
    /// Decision: what is pressed while no Gather listens is lost: before the first document, during
    /// a plain Say or Pause, and while an action is on its way. Whether Twilio keeps such keys for
    /// the next Gather is not known (TW-keys-ahead).
    pub(super) fn press(&mut self, key: Key, now: Time, board: &mut Switchboard) {
        if !self.is_heard() {
            return;
        }
        for _ in 0..self.keypad.press() {
            let mut ear = self.ear(board);
            let Phase::Running(script) = &mut self.phase else { return };
            let turn = script.press(key, now, &mut ear);
            self.take_turn(turn, now, board);
        }
    }

    fn take_turn(&mut self, turn: Turn, now: Time, board: &mut Switchboard) {
        match turn {
            Turn::Waits => {}
            Turn::Submits(digits) => self.submit(digits, now, board),
            Turn::FetchesAgain => self.ask(WebhookBody::Fetch, now, board),
            Turn::HangsUp => self.end(now, CallStatus::Completed, None, board),
        }
    }

    fn submit(&mut self, digits: Digits, now: Time, board: &mut Switchboard) {
        if !digits.is_empty() {
            let (digits, count) = (digits.digest(), digits.len());
            board.tell(EventKind::Gathered { call: self.id, digits, count });
        }
        self.ask(WebhookBody::Action(digits), now, board);
    }

    fn ear<'a>(&self, board: &'a mut Switchboard) -> Ear<'a> {
        Ear { call: self.id, listens: self.is_heard(), board }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::CallVerdict;
    use crate::fault::KeyFault;
    use crate::time::Span;
    use crate::voice::rehearsal::ASKS;
    use crate::voice::rehearsal::Answer;
    use crate::voice::rehearsal::Rehearsal;
    use crate::voice::rehearsal::document;

    const SORRY: &str = "We are sorry, an application error has occurred. Goodbye.";

    #[test]
    fn without_a_document_the_call_apologises_and_is_completed() {
        for (answer, code) in [
            (WebhookReply::Failed { http: 500 }.into(), 11200),
            (WebhookReply::Forbidden.into(), 11200),
            (WebhookReply::NotFound.into(), 11200),
            (WebhookReply::Heard.into(), 12100),
            (WebhookReply::Unreadable { error: 12102 }.into(), 12102),
            (Lost::Cut.into(), 11200),
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
        Rehearsal::answering(vec![Answer::Later(Span::from_secs(15), Err(Lost::TimedOut)), ASKS.into()])
            .check_talk(
                "0 order\n8 pick up",
                &format!("8 → fetch in-progress\n23 no document of Fetch: 11200\n23 hears: {SORRY}"),
            );
    }

    #[test]
    fn where_nobody_listens_it_is_asked_for_once_more() {
        Rehearsal::answering(vec![Lost::Down.into(), "<Say>Hello.</Say>".into()]).check_talk(
            "0 order\n8 pick up",
            "8 → fetch in-progress\n9 → fetch in-progress\n9 document of Fetch\n9 hears: Hello.",
        );
        Rehearsal::answering(vec![Lost::Down.into(), Lost::Down.into(), ASKS.into()]).check_talk(
            "0 order\n8 pick up",
            &format!(
                "8 → fetch in-progress\n9 → fetch in-progress\n9 no document of Fetch: 11205\n9 hears: {SORRY}"
            ),
        );
    }

    #[test]
    fn how_often_it_is_asked_for_is_a_habit() {
        let mut rehearsal = Rehearsal::answering(vec![Lost::Down.into()]);
        rehearsal.habits.webhook_retries = 0;
        rehearsal.check_talk(
            "0 order\n8 pick up",
            &format!("8 → fetch in-progress\n8 no document of Fetch: 11205\n8 hears: {SORRY}"),
        );
        let mut rehearsal =
            Rehearsal::answering(vec![Lost::Down.into(), Lost::Down.into(), "<Hangup/>".into()]);
        rehearsal.habits.webhook_retries = 5;
        rehearsal.check_talk(
            "0 order\n8 pick up",
            "8 → fetch in-progress\n9 → fetch in-progress\n10 → fetch in-progress\n10 document of Fetch",
        );
    }

    #[test]
    fn a_retried_action_keeps_its_digits() {
        let mut rehearsal = Rehearsal::fetching("<Gather numDigits='2'/>");
        rehearsal.action = vec![Lost::Down.into(), "<Hangup/>".into()];
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
        rehearsal.action = vec![WebhookReply::Failed { http: 503 }.into()];
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
        rehearsal.action = vec![WebhookReply::Redirected.into()];
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
        let redirects = |times| vec![Answer::from(WebhookReply::Redirected); times];
        let asked = "8 → fetch in-progress\n".repeat(11);
        Rehearsal::answering([redirects(10), vec!["<Hangup/>".into()]].concat())
            .check_talk("0 order\n8 pick up", &format!("{asked}8 document of Fetch"));
        Rehearsal::answering([redirects(11), vec!["<Hangup/>".into()]].concat()).check_talk(
            "0 order\n8 pick up",
            &format!("{asked}8 no document of Fetch: 11215\n8 hears: {SORRY}"),
        );
    }

    #[test]
    fn who_hangs_up_waits_for_no_document() {
        let late = Answer::Later(Span::from_secs(10), Ok(document(ASKS)));
        Rehearsal::answering(vec![late]).check_talk("0 order\n8 pick up\n9 hang up", "8 → fetch in-progress");
        // Nor is it asked for again.
        Rehearsal::answering(vec![Lost::Down.into()])
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
        // The time-out that would send the digit is at 16 s as well.
        let drops = Some(Span::from_secs(8));
        let mut rehearsal = Rehearsal::with(CallVerdict { drops, ..CallVerdict::default() });
        rehearsal.fetch = vec!["<Gather/>".into()];
        rehearsal.check_talk("0 order\n8 pick up\n11 press 1", "8 → fetch in-progress\n8 document of Fetch");
    }

    /// Two Gathers of three digits; the first ends by time-out where a key is missing.
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
        // The second document waits for five seconds, then is at its end: keys at 20 s find no call.
        check_keys(KeyFault::None, &format!("{begins}{}{}", three(9, "123"), pause(14)));
        check_keys(KeyFault::Lost(2), &format!("{begins}{}{}", three(14, "13"), pause(19)));
        // The third key comes when the next document is there already, and counts for that.
        check_keys(
            KeyFault::Doubled(2),
            &format!("{begins}{}{}{}", three(9, "122"), three(14, "3"), pause(19)),
        );
        check_keys(KeyFault::Silent, &format!("{begins}{}", pause(13)));
        check_keys(KeyFault::Lost(7), &format!("{begins}{}{}", three(9, "123"), pause(14)));
    }

    #[test]
    fn keys_are_counted_from_one_document_to_the_next() {
        let mut rehearsal =
            Rehearsal::with(CallVerdict { keys: KeyFault::Lost(5), ..CallVerdict::default() });
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
}
