//! Emails from outside clients. They arrive over SMTP without a crossing, one recipient at a time.

use std::sync::Arc;

use crate::base::id::AddressId;
use crate::base::secret::Digest;
use crate::fault::{CutAt, MailVerdict, Refusal, Transfer};
use crate::message::{Answer, Links, Mail, Urls};
use crate::providers::mail;
use crate::world::World;

/// The number of addresses outside the story that one world remembers.
const OUTSIDERS_MAX: usize = 10_000;

/// Why a recipient is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotNamed {
    /// It is refused with a reply.
    Refused(Refusal),
    /// The connection is closed.
    Cut,
}

impl World {
    /// Whether a fault in force may strike an email to this address, which is of nobody in the story.
    pub fn may_strike_outside(&self, address: &str) -> bool {
        self.faults.plan.may_strike_outside(address)
    }

    /// The id of an address, which the story keeps from now on; `None` if there are too many.
    pub fn address_of(&mut self, text: &str) -> Option<AddressId> {
        let known = self.setup.story.address(text);
        if known != AddressId::UNKNOWN {
            return Some(known);
        }
        let next = self.setup.story.addresses.len();
        let outsiders = next.saturating_sub(self.setup.insiders);
        let id = u16::try_from(next).ok().map(AddressId);
        let id = id.filter(|id| outsiders < OUTSIDERS_MAX && *id != AddressId::UNKNOWN)?;
        Arc::make_mut(&mut self.setup.story).addresses.push(text.to_owned());
        Some(id)
    }

    /// An outside client names a recipient. The faults that apply are those of the recipient's accounts and
    /// address, regardless of other crossings in flight. `from` is the sender, for greylisting.
    ///
    /// # Errors
    /// If the recipient is not accepted, which is recorded.
    pub fn name_recipient(&mut self, to: AddressId, from: Digest) -> Result<MailVerdict, NotNamed> {
        self.schedule.steps += 1;
        let about = self.setup.story.accounts_of_address(to);
        let cause = self.context_about(about).cause;
        let mut verdict = self.faults.plan.mail(about, self.setup.story.address_text(to), &mut self.rng);
        self.record_struck(cause);
        match verdict.transfer {
            Transfer::Refused(refusal) if !refusal.taken => {
                let host = &mut self.providers.mail.machine;
                if refusal.taken_after.is_some_and(|after| host.has_waited(self.now, to, from, after)) {
                    verdict.transfer = Transfer::Taken;
                    return Ok(verdict);
                }
                self.feed_mail(cause, mail::Input::Refuse { to, code: refusal.code });
                self.settle();
                Err(NotNamed::Refused(refusal))
            }
            Transfer::CutBefore if verdict.cut_at == CutAt::Recipient => {
                self.cut_recipient(to);
                Err(NotNamed::Cut)
            }
            Transfer::Taken | Transfer::Refused(_) | Transfer::CutBefore | Transfer::CutAfter => Ok(verdict),
        }
    }

    /// The connection of an outside client is closed before the message for this recipient has arrived.
    pub fn cut_recipient(&mut self, to: AddressId) {
        let cause = self.context_about(self.setup.story.accounts_of_address(to)).cause;
        self.feed_mail(cause, mail::Input::Cut { to });
        self.settle();
    }

    /// An outside client sends an email to one recipient, with the verdict from
    /// [`World::name_recipient`]. Returns the provider's answer, or `None` if the connection must be
    /// closed without one.
    pub fn take_mail(&mut self, mut mail: Mail, verdict: MailVerdict) -> Option<Answer> {
        self.schedule.steps += 1;
        if let (true, Links::Urls(urls)) = (verdict.truncated, mail.links) {
            let papers = &mut self.carrier.papers;
            mail.links = Links::Urls(Urls::of(urls.iter().map(|url| papers.half_url_id(url))));
        }
        let cause = self.context_about(self.setup.story.accounts_of_address(mail.to)).cause;
        let answer = self.feed_mail(cause, mail::Input::Mail { mail, verdict });
        self.settle();
        answer?.ok().map(Answer::Mail)
    }
}
