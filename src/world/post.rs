//! Emails from outside clients. They arrive over SMTP without a crossing, one recipient at a time.

use crate::base::id::AddressId;
use crate::fault::{MailVerdict, Transfer};
use crate::message::{Answer, Links, Mail, Urls};
use crate::providers::mail;
use crate::world::World;

impl World {
    /// An outside client names a recipient. The faults that apply are those of the recipient's account,
    /// regardless of other crossings in flight.
    ///
    /// # Errors
    /// The SMTP reply code, if the recipient is refused; the refusal is recorded.
    pub fn name_recipient(&mut self, to: AddressId) -> Result<MailVerdict, u16> {
        self.schedule.steps += 1;
        let account = self.setup.story.account_of_address(to);
        let cause = self.context_about(account).cause;
        let verdict = self.faults.plan.mail(account, &mut self.rng);
        self.record_struck(cause);
        let Transfer::Refused(code) = verdict.transfer else { return Ok(verdict) };
        self.feed_mail(cause, mail::Input::Refuse { to, code });
        self.settle();
        Err(code)
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
        let cause = self.context_about(self.setup.story.account_of_address(mail.to)).cause;
        let answer = self.feed_mail(cause, mail::Input::Mail { mail, verdict });
        self.settle();
        answer.filter(|answer| !matches!(answer, Answer::Lost(_)))
    }
}
