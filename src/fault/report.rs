//! What the app hears of each fault, and what its occurrences are counted by.

use crate::fault::FaultKind;

impl FaultKind {
    /// What a provider reports to the app of this fault, in words: all that the app can know.
    pub const fn reports(self) -> &'static str {
        match self {
            Self::MailLate { .. } | Self::MailLost | Self::MailToSpam | Self::MailTwice { .. } => {
                "250 at once, as if all were well; nothing later"
            }
            Self::MailBounced => "250 at once; the bounce goes to the return path, and no page sees it",
            Self::MailRefused { .. } => "that reply code: 4xx try again, 5xx never",
            Self::MailCut { .. } => "a connection that ends without a reply, taken or not",
            Self::MailScanned => "250; then HEAD and GET of the link, before its reader has it",
            Self::LinkTruncated => "250; then a link that nobody was sent, if it is opened at all",
            Self::CallRefused { .. } => "HTTP 400 with that error code; no call, no callbacks",
            Self::CallFailed { .. } => "that HTTP status; callbacks all the same if the call was placed",
            Self::CallTimesOut { .. } => "no answer; callbacks all the same if the call was placed",
            Self::CallQueued { .. } => "201 queued; the next status comes later",
            Self::CallStuck => "201 queued; no status ever again",
            Self::CallNeverRings => "201 queued, then `failed`",
            Self::CallBusy => "201 queued, then `busy`",
            Self::CallRejected { .. } => "201 queued, then `busy` or `failed` with that SIP code",
            Self::CallDeclined { .. } => "201 queued, then `ringing`, then `busy` with that SIP code",
            Self::CallCanceled { .. } => {
                "201 queued, then `canceled`; `completed` if it was picked up by then"
            }
            Self::CallToVoicemail { .. } => {
                "`in-progress` as if a person answered; with machine detection, what it takes it for"
            }
            Self::CallDrops { .. } => "`completed`, with what was keyed in so far, if anything",
            Self::KeyLost { .. } => "digits with one too few, or no digits at all",
            Self::KeyDoubled { .. } => "digits with one twice",
            Self::KeysSilent => "no digits: the gather ends by its time-out",
            Self::WebhookFails { .. }
            | Self::WebhookTimesOut { .. }
            | Self::WebhookUnreadable { .. }
            | Self::WebhookHtml { .. }
            | Self::WebhookRedirected { .. } => {
                "nothing of it: the call goes on without what the app said, and then `completed`"
            }
            Self::CallbackLost => "nothing: the app goes on with the status before",
            Self::CallbackTwice => "the same status twice",
            Self::CallbackLate { .. } => "the status later, perhaps after its successors",
            Self::AppCrashes { .. } => "nothing that was in flight: it boots from what it has recorded",
            Self::TicketLost | Self::TicketLate { .. } => "that the ticket was taken",
            Self::TicketFails => "HTTP 503",
        }
    }

    /// What the occurrences of this fault are counted by.
    pub const fn counts(self) -> &'static str {
        match self {
            Self::MailLate { .. }
            | Self::MailLost
            | Self::MailToSpam
            | Self::MailTwice { .. }
            | Self::MailBounced
            | Self::MailRefused { .. }
            | Self::MailCut { .. }
            | Self::MailScanned
            | Self::LinkTruncated => "mails",
            Self::CallRefused { .. }
            | Self::CallFailed { .. }
            | Self::CallTimesOut { .. }
            | Self::CallQueued { .. }
            | Self::CallStuck
            | Self::CallNeverRings
            | Self::CallBusy
            | Self::CallRejected { .. }
            | Self::CallDeclined { .. }
            | Self::CallCanceled { .. }
            | Self::CallToVoicemail { .. }
            | Self::CallDrops { .. }
            | Self::KeyLost { .. }
            | Self::KeyDoubled { .. }
            | Self::KeysSilent => "calls",
            Self::WebhookFails { .. }
            | Self::WebhookTimesOut { .. }
            | Self::WebhookUnreadable { .. }
            | Self::WebhookHtml { .. }
            | Self::WebhookRedirected { .. } => "requests of that kind",
            Self::CallbackLost | Self::CallbackTwice | Self::CallbackLate { .. } => "status callbacks",
            Self::AppCrashes { .. } => "crossings of that kind",
            Self::TicketLost | Self::TicketFails | Self::TicketLate { .. } => "tickets",
        }
    }
}
