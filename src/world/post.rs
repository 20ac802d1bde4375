//! Mail that nobody in the world queued: it has an account and a verdict of its own.

use crate::crossing::Answer;
use crate::crossing::Body;
use crate::crossing::Mail;
use crate::crossing::Papers;
use crate::crossing::Urls;
use crate::email;
use crate::fault::MailVerdict;
use crate::fault::Transfer;
use crate::id::AddressId;
use crate::world::World;
use crate::world::carry::NO_ANSWER;

impl World {
    /// The texts that came from outside.
    pub const fn papers(&self) -> &Papers {
        &self.papers
    }

    /// The same, to add to them.
    pub const fn papers_mut(&mut self) -> &mut Papers {
        &mut self.papers
    }

    /// A client that nobody in the world is names a recipient. Faults strike by the recipient's own
    /// account, whatever is being carried.
    ///
    /// # Errors
    /// The SMTP reply code, if the recipient is refused; that is recorded.
    pub fn name_recipient(&mut self, to: AddressId) -> Result<MailVerdict, u16> {
        let account = self.story.account_of_address(to);
        let before = self.cause.take();
        let verdict = self.faults.mail(account, &mut self.draw);
        self.record_struck();
        self.cause = before;
        let Transfer::Refused(code) = verdict.transfer else { return Ok(verdict) };
        self.feed_unsolicited(email::Input::Refuse { to, code });
        Err(code)
    }

    /// A mail that nobody in the world queued, for one recipient, with the verdict that
    /// [`Self::name_recipient`] gave; `None` if the connection is to be cut.
    pub fn take_mail(&mut self, mut mail: Mail, verdict: MailVerdict) -> Option<Answer> {
        if let (true, Body::Raw(raw, urls)) = (verdict.truncated, mail.body) {
            let halves: Vec<_> = urls.iter().map(|url| self.papers.half_url_id(url)).collect();
            mail.body = Body::Raw(raw, Urls::of(halves));
        }
        match self.feed_unsolicited(email::Input::Mail { mail, verdict }) {
            Answer::Lost(_) => None,
            answer => Some(answer),
        }
    }

    /// The crossing that is being carried, if there is one, keeps its cause and its reply.
    fn feed_unsolicited(&mut self, input: email::Input) -> Answer {
        let cause = self.cause.take();
        let reply = std::mem::replace(&mut self.reply, NO_ANSWER);
        self.feed_mail(input);
        self.settle();
        self.cause = cause;
        std::mem::replace(&mut self.reply, reply)
    }
}
