//! Verifications: requests of outside clients, and the texts and calls that carry their codes.
//!
//! Only external services verify, so a request arrives without a crossing, as an order of a text does.

use crate::base::account_set::AccountSet;
use crate::base::id::EventId;
use crate::base::machine::Cx;
use crate::base::number::Number;
use crate::base::time::Span;
use crate::event::{Actor, VerifyChannel};
use crate::message::{
    Body, CallCreate, CallReply, CallWishes, CodeLetter, DocId, Opening, Sid, Speech, TextOrder, TextReply,
    TextSender, Twiml, Verb, VerificationOrder, VerifyReply, VerifyTo,
};
use crate::providers::verify::{Carried, CodeWords, Dispatch, Outcome, SENDER, Verify};
use crate::providers::{phone, verify};
use crate::world::World;

/// How long a text with a code may wait in the queue: as long as the code is valid.
const VALIDITY: Span = Span::from_mins(10);

/// How long a call with a code rings.
const RINGS: Span = Span::from_secs(60);

/// The pause between the two times that a call speaks a code.
const PAUSE: Span = Span::SECOND;

/// The provider's response to a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The reply; `None` if the connection must be closed without one.
    pub reply: Option<VerifyReply>,
    /// An email to send.
    pub letter: Option<CodeLetter>,
    /// The call that was placed.
    pub call: Option<Sid>,
}

impl World {
    /// An outside client starts a verification, or has its code sent again.
    pub fn start_verification(&mut self, order: VerificationOrder) -> Verified {
        let about = self.accounts_to_verify(&order.to);
        let cause = self.context_about(about).cause;
        let verdict = self.faults.plan.verification(about, &mut self.rng);
        self.record_struck(cause);
        self.feed_verify(cause, verify::Input::Start { order, verdict })
    }

    /// Any other request of an outside client: about a service, a check, a change of a verification.
    pub fn ask_verify(&mut self, input: verify::Input) -> Option<VerifyReply> {
        self.feed_verify(None, input).reply
    }

    /// The verification provider, for reading.
    pub const fn verify(&self) -> &Verify {
        &self.providers.verify.machine
    }

    fn accounts_to_verify(&self, to: &VerifyTo) -> AccountSet {
        match to {
            VerifyTo::Number(number) => self.setup.story.accounts_of_number(*number),
            VerifyTo::Email(address) => {
                let story = &self.setup.story;
                story.accounts_of_address(story.address(address))
            }
        }
    }

    /// Passes `input` to the verification provider, sends its codes, and returns its reply.
    fn feed_verify(&mut self, cause: Option<EventId>, input: verify::Input) -> Verified {
        let mut done = Verified { reply: None, letter: None, call: None };
        let mut next = Some((input, cause));
        // A sending is followed by its outcome, which is followed by nothing.
        while let Some((input, cause)) = next.take() {
            self.schedule.steps += 1;
            let host = &mut self.providers.verify;
            let mut cx = Cx::new(self.now, &mut self.rng);
            let outputs = host.run(|machine, outputs| {
                machine.handle_input(&mut cx, input);
                machine.take_outputs(outputs);
            });
            let mut last = cause;
            for output in &outputs {
                match output {
                    // Each fact of a request follows from the one before, down to the text or the call.
                    verify::Output::Fact(kind) => last = Some(self.record(Actor::PhoneCompany, kind, last)),
                    verify::Output::Reply(reply) => done.reply = (*reply).ok(),
                    verify::Output::Send(dispatch, words) => {
                        let outcome = self.send_code(*dispatch, words, last, &mut done);
                        next = Some((verify::Input::Dispatched { dispatch: *dispatch, outcome }, last));
                    }
                }
            }
            self.providers.verify.put_back(outputs);
        }
        self.settle();
        done
    }

    fn send_code(
        &mut self,
        dispatch: Dispatch,
        words: &CodeWords,
        cause: Option<EventId>,
        done: &mut Verified,
    ) -> Outcome {
        match (&words.to, dispatch.channel) {
            (VerifyTo::Number(number), VerifyChannel::Call) => {
                self.call_with_code(*number, words, cause, done)
            }
            (VerifyTo::Number(number), VerifyChannel::Sms | VerifyChannel::Email) => {
                self.text_code(*number, words, cause)
            }
            (VerifyTo::Email(to), VerifyChannel::Sms | VerifyChannel::Call | VerifyChannel::Email) => {
                let (subject, text) = (words.subject(), words.letter());
                done.letter = Some(CodeLetter { to: to.clone(), subject, text });
                Outcome::Taken(Carried::Email)
            }
        }
    }

    /// Orders a text of the messaging provider. It meets faults and opt-outs as any text does.
    fn text_code(&mut self, to: Number, words: &CodeWords, cause: Option<EventId>) -> Outcome {
        let order = TextOrder::new(to, TextSender::of_number(SENDER), words.text());
        let order = TextOrder { validity: VALIDITY, ..order };
        let next = self.texts().len();
        let reply = self.create_text(cause, order);
        let carried = self.texts().get(next).map(|text| Carried::Text(text.id()));
        match reply {
            Some(TextReply::Created(text)) => Outcome::Taken(Carried::Text(text)),
            Some(TextReply::Refused { http, code }) => Outcome::Refused { http, code },
            Some(TextReply::Failed { http }) => Outcome::Failed { http, carried },
            None => Outcome::Silent { carried },
        }
    }

    /// Orders a call of the phone company that speaks the code twice.
    fn call_with_code(
        &mut self,
        to: Number,
        words: &CodeWords,
        cause: Option<EventId>,
        done: &mut Verified,
    ) -> Outcome {
        let document = spoken(words);
        let kept = self.carrier.papers.keep(Body::Document(document));
        let Some(id) = kept else { return Outcome::Failed { http: 503, carried: None } };
        let about = self.setup.story.accounts_of_number(to);
        let verdict = self.faults.plan.call(about, &mut self.rng);
        let verdict = self.by_script(to, verdict);
        self.record_struck(cause);
        let order = order_of_call(to, id);
        let document = self.carrier.papers.take_document(id);
        let next = self.calls().len();
        let input =
            phone::Input::Create { order: &order, wishes: &CallWishes::NONE, verdict: &verdict, document };
        let answer = self.feed_phone_about(about, cause, input);
        done.call = self.calls().get(next).map(phone::Call::sid);
        let carried = done.call.map(Carried::Call);
        match answer {
            Some(Ok(CallReply::Created { sid })) => Outcome::Taken(Carried::Call(sid)),
            Some(Ok(CallReply::Refused { http, code })) => Outcome::Refused { http, code },
            Some(Ok(CallReply::Failed { http })) => Outcome::Failed { http, carried },
            Some(Err(_)) | None => Outcome::Silent { carried },
        }
    }
}

/// A call that reports to nobody.
const fn order_of_call(to: Number, document: DocId) -> CallCreate {
    CallCreate {
        to,
        from: SENDER,
        opening: Opening::Document(document),
        fallback: None,
        status: None,
        time_limit: None,
        ring_timeout: RINGS,
        machine_detection: false,
    }
}

fn spoken(words: &CodeWords) -> Twiml {
    let says = || Verb::Say(Speech::Text(words.speech().into()));
    Twiml { verbs: vec![says(), Verb::Pause(PAUSE), says(), Verb::Hangup] }
}
