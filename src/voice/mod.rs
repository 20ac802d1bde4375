//! voice stub.
mod habit;
pub use self::habit::Habits;
use crate::crossing::*;
use crate::draw::Draw;
use crate::event::*;
use crate::fault::CallVerdict;
use crate::id::*;
use crate::number::Number;
use crate::time::*;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebhookId(pub u32);
#[derive(Clone, Debug)]
pub struct PhoneCompany;
#[derive(Clone, Debug)]
pub struct Call;
#[derive(Clone, Debug)]
pub enum Input {
    Create { order: CallCreate, verdict: CallVerdict },
    Answered { webhook: WebhookId, reply: Result<WebhookReply, Lost> },
    PickedUp(CallId),
    Pressed(CallId, Key),
    HungUp(CallId),
    Timeout,
}
#[derive(Clone, Debug)]
pub enum Output {
    Fact(EventKind),
    Reply(Result<CallReply, Lost>),
    Ring { call: CallId, number: Number },
    Said { call: CallId, speech: Speech },
    Ended { call: CallId, status: CallStatus },
    Webhook { id: WebhookId, webhook: Webhook },
}
impl PhoneCompany {
    pub fn new(_: Habits, _: Epoch) -> Self {
        Self
    }
    pub fn handle_input(&mut self, _: Time, _: &mut Draw, _: Input) {}
    pub fn poll_output(&mut self) -> Option<Output> {
        None
    }
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }
    pub fn call(&self, _: CallId) -> Option<&Call> {
        None
    }
    pub fn call_of(&self, _: WebhookId) -> Option<CallId> {
        None
    }
}
pub fn refusal_text(_: u32) -> &'static str {
    ""
}
pub mod twiml {
    use crate::crossing::Twiml;
    pub struct E;
    impl E {
        pub fn code(&self) -> u32 {
            0
        }
    }
    pub fn parse(_: &str) -> Result<Twiml, E> {
        Err(E)
    }
    pub fn write(_: &Twiml) -> String {
        String::new()
    }
}
