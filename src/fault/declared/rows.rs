//! The rows of the table of fault kinds.

use crate::base::time::Span;
use crate::event::{AnsweredBy, WebhookKind};
use crate::fault::declared::{Declared, Limit, first};
use crate::fault::{Around, CrashWhen, FaultKind, Point};

const fn mins(minutes: u64) -> Span {
    Span::from_mins(minutes)
}

const fn secs(seconds: u64) -> Span {
    Span::from_secs(seconds)
}

const WEBHOOKS: [WebhookKind; 3] = [WebhookKind::Fetch, WebhookKind::Action, WebhookKind::Status];
const DOCUMENTS: [WebhookKind; 2] = [WebhookKind::Fetch, WebhookKind::Action];
const DELAYS: [Span; 5] = [secs(30), mins(5), mins(20), mins(70), Span::from_hours(5)];
const DOWN_TIMES: [Span; 4] = [secs(1), secs(20), mins(2), mins(30)];
const AROUND: [Around; 6] =
    [Around::Page, Around::Mail, Around::Call, Around::Webhook, Around::Ticket, Around::Reset];

declare! {
    MailLate() = "mail-late" at Point::Mail;
    shorten by;
    example { by: Span::from_hours(2) };
    sample |it| { by: it.one_of(&DELAYS) };
    reports "250 at once; no error later";

    MailLost() = "mail-lost" at Point::Mail;
    example {};
    sample |_it| {};
    reports "250 at once; no error later";

    MailToSpam() = "mail-to-spam" at Point::Mail;
    example {};
    sample |_it| {};
    reports "250 at once; no error later";

    MailTwice() = "mail-twice" at Point::Mail;
    shorten after;
    example { after: mins(5) };
    sample |it| { after: it.one_of(&DELAYS) };
    reports "250 at once; no error later";

    MailBounced() = "mail-bounced" at Point::Mail;
    example {};
    sample |_it| {};
    reports "250 at once; the bounce goes to the return path, not to the flow";

    // The reply codes that a client reads as a refusal are not a single range; `check` validates them.
    MailRefused() = "mail-refused" at Point::Mail;
    example { code: 450, like: None, taken_after: None, taken: false };
    sample |it| {
        code: it.one_of(&[421, 450, 451, 452, 550, 552]),
        like: None,
        taken_after: None,
        taken: false,
    };
    reports "the reply code: 4xx is temporary, 5xx permanent";

    MailCut() = "mail-cut" at Point::Mail;
    example { taken: true, at: None };
    sample |it| { taken: it.coin, at: None };
    reports "a connection that closes without a reply, whether the email was accepted or not";

    MailScanned() = "mail-scanned" at Point::Mail;
    example { rung: None, when: None };
    sample |_it| { rung: None, when: None };
    reports "250; then HEAD and GET of the link before the recipient has it";

    LinkTruncated() = "link-truncated" at Point::Mail;
    example {};
    sample |_it| {};
    reports "250; then a request for an unknown link, if the recipient opens it";

    CallRefused() = "call-refused" at Point::Call;
    example { code: 21_211 };
    sample |it| { code: it.one_of(&[21_211, 21_215, 20_429]) };
    reports "HTTP 400 with the error code; no call, no callbacks";

    CallFailed() = "call-failed" at Point::Call;
    limit http: 500 to 599, "a failing server answers 5xx";
    example { http: 503, placed: false };
    sample |it| { http: it.one_of(&[500, 503]), placed: it.coin };
    reports "the HTTP status; callbacks nevertheless if the call was placed";

    CallTimesOut() = "call-times-out" at Point::Call;
    example { placed: true };
    sample |it| { placed: it.coin };
    reports "no answer; callbacks nevertheless if the call was placed";

    CallQueued() = "call-queued" at Point::Call;
    shorten by;
    example { by: mins(3) };
    sample |it| { by: it.one_of(&[DELAYS[0], DELAYS[1], DELAYS[2]]) };
    reports "201 queued; the next status comes later";

    CallStuck() = "call-stuck" at Point::Call;
    example {};
    sample |_it| {};
    reports "201 queued; no further status";

    CallNeverRings() = "call-never-rings" at Point::Call;
    example {};
    sample |_it| {};
    reports "201 queued, then `failed`";

    CallBusy() = "call-busy" at Point::Call;
    example {};
    sample |_it| {};
    reports "201 queued, then `busy`";

    CallRejected() = "call-rejected" at Point::Call;
    limit sip: 400 to 699, "SIP turns a call away with 4xx, 5xx or 6xx";
    example { sip: 480 };
    sample |it| { sip: it.one_of(&[404, 480, 603, 607, 608]) };
    reports "201 queued, then `busy` or `failed` with the SIP code";

    CallDeclined() = "call-declined" at Point::Call;
    limit sip: 400 to 699, "SIP turns a call away with 4xx, 5xx or 6xx";
    example { sip: 603 };
    sample |it| { sip: it.one_of(&[486, 603]) };
    reports "201 queued, then `ringing`, then `busy` with the SIP code";

    CallCanceled() = "call-canceled" at Point::Call;
    shorten after;
    example { after: secs(6) };
    sample |it| { after: it.one_of(&[DOWN_TIMES[0], DOWN_TIMES[1], DOWN_TIMES[2]]) };
    reports "201 queued, then `canceled`; `completed` if the call was already picked up";

    CallToVoicemail() = "call-to-voicemail" at Point::Call;
    example { taken_for: AnsweredBy::MachineStart };
    sample |it| { taken_for: it.one_of(&[AnsweredBy::MachineStart, AnsweredBy::Human, AnsweredBy::Unknown]) };
    reports "`in-progress` as if a person answered; with machine detection, its result";

    CallDrops() = "call-drops" at Point::Call;
    shorten after;
    example { after: secs(9) };
    sample |it| { after: secs(u64::from(it.up_to(20))) };
    reports "`completed`, with the digits keyed in so far, if any";

    KeyLost() = "key-lost" at Point::Call;
    limit nth: 1 to 255, "keys are counted from 1, so this never strikes";
    example { nth: 4 };
    sample |it| { nth: it.up_to(6) };
    reports "the digits with one missing, or no digits";

    KeyDoubled() = "key-doubled" at Point::Call;
    limit nth: 1 to 255, "keys are counted from 1, so this never strikes";
    example { nth: 2 };
    sample |it| { nth: it.up_to(6) };
    reports "the digits with one doubled";

    KeysSilent() = "keys-silent" at Point::Call;
    example {};
    sample |_it| {};
    reports "no digits: the gather times out";

    WebhookFails(webhook) = "webhook-fails" at Point::Webhook(webhook);
    limit http: 400 to 599, "HTTP's errors are 4xx and 5xx";
    example { webhook: WebhookKind::Fetch, http: 500 };
    sample |it| { webhook: it.one_of(&WEBHOOKS), http: it.one_of(&[500, 502, 503]) };
    reports "nothing: the call continues without the app's answer, then `completed`";

    WebhookTimesOut(webhook) = "webhook-times-out" at Point::Webhook(webhook);
    example { webhook: WebhookKind::Action, heard: true };
    sample |it| { webhook: it.one_of(&WEBHOOKS), heard: it.coin };
    reports "nothing: the call continues without the app's answer, then `completed`";

    WebhookUnreadable(webhook) = "webhook-unreadable" at Point::Webhook(webhook);
    example { webhook: WebhookKind::Fetch };
    sample |it| { webhook: it.one_of(&DOCUMENTS) };
    reports "nothing: the call continues without the app's answer, then `completed`";

    WebhookHtml(webhook) = "webhook-html" at Point::Webhook(webhook);
    example { webhook: WebhookKind::Action };
    sample |it| { webhook: it.one_of(&DOCUMENTS) };
    reports "nothing: the call continues without the app's answer, then `completed`";

    WebhookRedirected(webhook) = "webhook-redirected" at Point::Webhook(webhook);
    example { webhook: WebhookKind::Action };
    sample |it| { webhook: it.one_of(&DOCUMENTS) };
    reports "nothing: the call continues without the app's answer, then `completed`";

    CallbackLost() = "callback-lost" at Point::Webhook(WebhookKind::Status);
    example {};
    sample |_it| {};
    reports "nothing: the app keeps the previous status";

    CallbackTwice() = "callback-twice" at Point::Webhook(WebhookKind::Status);
    example {};
    sample |_it| {};
    reports "the same status twice";

    CallbackLate() = "callback-late" at Point::Webhook(WebhookKind::Status);
    shorten by;
    example { by: mins(2) };
    sample |it| { by: it.one_of(&DELAYS) };
    reports "the status later, possibly after newer ones";

    AppCrashes(around) = "app-crashes" at Point::Crash(around);
    shorten down;
    example { around: Around::Mail, when: CrashWhen::After, down: mins(1) };
    sample |it| {
        around: it.one_of(&AROUND),
        when: if it.coin { CrashWhen::Before } else { CrashWhen::After },
        down: it.one_of(&DOWN_TIMES),
    };
    reports "nothing that was in flight: it restarts from its records";

    TicketLost() = "ticket-lost" at Point::Ticket;
    example {};
    sample |_it| {};
    reports "that the ticket was accepted";

    TicketFails() = "ticket-fails" at Point::Ticket;
    example {};
    sample |_it| {};
    reports "HTTP 503";

    TicketLate() = "ticket-late" at Point::Ticket;
    shorten by;
    example { by: Span::DAY };
    sample |it| { by: it.one_of(&DELAYS) };
    reports "that the ticket was accepted";

    TextRefused() = "text-refused" at Point::Text;
    example { code: 21_610 };
    sample |it| { code: it.one_of(&[21_211, 21_408, 21_610, 21_614, 20_429]) };
    reports "HTTP 400 with the error code; for 21610 and 21612 with a messaging service, `failed` later";

    TextFailed() = "text-failed" at Point::Text;
    limit http: 500 to 599, "a failing server answers 5xx";
    example { http: 503, sent: false };
    sample |it| { http: it.one_of(&[500, 503]), sent: it.coin };
    reports "the HTTP status; status callbacks nevertheless if the text was sent";

    TextTimesOut() = "text-times-out" at Point::Text;
    example { sent: true };
    sample |it| { sent: it.coin };
    reports "no answer; status callbacks nevertheless if the text was sent";

    TextQueued() = "text-queued" at Point::Text;
    shorten by;
    example { by: mins(3) };
    sample |it| { by: it.one_of(&[DELAYS[0], DELAYS[1], DELAYS[2]]) };
    reports "201 queued; `sent` comes later";

    TextLate() = "text-late" at Point::Text;
    shorten by;
    example { by: mins(10) };
    sample |it| { by: it.one_of(&DELAYS) };
    reports "`sent`, and `delivered` much later";

    TextLost() = "text-lost" at Point::Text;
    example {};
    sample |_it| {};
    reports "`sent`; no further status";

    TextTwice() = "text-twice" at Point::Text;
    shorten after;
    example { after: secs(20) };
    sample |it| { after: it.one_of(&DELAYS) };
    reports "`delivered` once";

    TextTruncated() = "text-truncated" at Point::Text;
    example {};
    sample |_it| {};
    reports "`delivered`";

    TextUndelivered() = "text-undelivered" at Point::Text;
    limit code: 30_001 to 30_999, "Twilio's delivery errors are 30xxx";
    example { code: 30_003 };
    sample |it| { code: it.one_of(&[30_003, 30_004, 30_005, 30_006, 30_007, 30_034]) };
    reports "`sent`, then `undelivered` with the error code";

    TextUnsent() = "text-unsent" at Point::Text;
    limit code: 30_001 to 30_999, "Twilio's delivery errors are 30xxx";
    example { code: 30_410, arrives: true };
    sample |it| { code: it.one_of(&[30_001, 30_002, 30_410, 30_450]), arrives: it.coin };
    reports "201 queued, then `failed` with the error code";

    TextAnsweredLate() = "text-answered-late" at Point::Text;
    example {};
    sample |_it| {};
    reports "the status callback of an unknown SID, then the response to the order";

    ReceiptLost() = "receipt-lost" at Point::Receipt;
    example {};
    sample |_it| {};
    reports "nothing: the app keeps the previous status";

    ReceiptTwice() = "receipt-twice" at Point::Receipt;
    example {};
    sample |_it| {};
    reports "the same status twice";

    ReceiptLate() = "receipt-late" at Point::Receipt;
    shorten by;
    example { by: mins(2) };
    sample |it| { by: it.one_of(&DELAYS) };
    reports "the status later, possibly after newer ones";

    VerifyRefused() = "verify-refused" at Point::Verify;
    limit code: 20_001 to 69_999, "Twilio's error codes of Verify are 2xxxx and 6xxxx";
    example { code: 60_203 };
    sample |it| { code: it.one_of(&[60_203, 60_205, 60_212, 60_238, 60_410, 60_605, 20_429]) };
    reports "HTTP 400, 403 or 429 with the error code";

    VerifyTimesOut() = "verify-times-out" at Point::Verify;
    example { sent: true };
    sample |it| { sent: it.coin };
    reports "no answer; the code arrives nevertheless if it was sent";
}
