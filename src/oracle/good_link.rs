//! *Good link*: a link works only for the reader of its email, until it is used, replaced or expired.

use crate::base::id::{AccountId, EventId, LinkId, SessionId};
use crate::base::time::Time;
use crate::event::{Control, Event, EventKind, Refusal, Typed};
use crate::oracle::by_id::ById;
use crate::oracle::rule::rules;
use crate::oracle::{Evidence, Finding, Oracle, Reading, Verdict, dispatch};
use crate::policy::{LinkFetch, LinkShown, LinkToken, OutboxOrder, Resend};

rules! {
    "good-link";
    CONFIRMED_UNREAD = "confirmed-unread", "a link was confirmed by a person who had not read it in an email";
    REFUSED_AS_USED = "refused-as-used", "a link was refused as used, but nobody had confirmed it";
    REFUSED_AS_REPLACED = "refused-as-replaced", "a link was refused as replaced, but its sign-in had requested no other";
    REFUSED_AS_UNKNOWN = "refused-as-unknown", "a link was refused as unknown, but had been emailed";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "good-link",
    sentence: "only a person who read the email can confirm its link, and the link is not refused as used, replaced or unknown before that, unless its sign-in requested a newer one or a factor changed",
    source: "OWASP Forgot Password Cheat Sheet (F1: no change before a valid token, always a way to recover); L04, L09, L12, L14, C01, H04, H05",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

#[derive(Clone, Copy, Debug)]
struct Issued {
    at: Time,
    account: AccountId,
    /// The sign-in attempt that requested it.
    attempt: SessionId,
    confirmed: bool,
    /// Replaced by a newer link of the same sign-in, or by a factor change.
    replaced: bool,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut links: ById<Issued> = ById::default();
    for (id, event) in reading.events_for(dispatch::GOOD_LINK) {
        match event.kind {
            EventKind::LinkIssued { link, session, account } => {
                let attempt = reading.root(session);
                replace(&mut links, |old| old.attempt == attempt);
                let (confirmed, replaced) = (false, false);
                links.insert(link.index(), Issued { at: event.at, account, attempt, confirmed, replaced });
            }
            EventKind::LinkConfirmed { link, .. } => {
                if let Some(issued) = links.get_mut(link.index()) {
                    issued.confirmed = true;
                }
                if opened(reading, event) != Some(link) {
                    let says = format!("{link} was confirmed by a person who had not read it in an email");
                    findings.push(reading.finding(CONFIRMED_UNREAD.says(says), unread(reading), id));
                }
            }
            EventKind::DeviceDeactivated { account, .. }
            | EventKind::DeviceAssigned { account, .. }
            | EventKind::PhoneChanged { account, .. }
            | EventKind::PasswordChanged { account, .. }
            | EventKind::FactorsReset { account, .. } => replace(&mut links, |old| old.account == account),
            EventKind::LinkRefused { link, why } => {
                let opened = opened(reading, event).filter(|_| is_about_link(why));
                let good = opened.filter(|opened| is_good(reading, &links, *opened, event.at));
                // A truncated link is unknown to every service. If the story has faults, consider only links
                // that the service recognized.
                let whole = link.is_some() || reading.story.faults.is_empty();
                findings.extend(good.filter(|_| whole).map(|link| complaint(reading, id, link, why)));
            }
            _ => {}
        }
    }
}

fn replace(links: &mut ById<Issued>, which: impl Fn(&Issued) -> bool) {
    for old in links.values_mut().filter(|old| which(old)) {
        old.replaced = true;
    }
}

/// The link that a person opened or confirmed, according to its email.
fn opened(reading: &Reading<'_>, event: &Event) -> Option<LinkId> {
    let EventKind::Requested { action, typed: Typed::Link(mail), .. } = reading.trace.get(event.cause?)?.kind
    else {
        return None;
    };
    matches!(action, Control::FollowLink | Control::ConfirmLink).then(|| reading.link_in(mail))?
}

/// Whether the reason concerns the link instead of its sign-in.
const fn is_about_link(why: Refusal) -> bool {
    matches!(why, Refusal::Used | Refusal::Replaced | Refusal::Unknown)
}

fn is_good(reading: &Reading<'_>, links: &ById<Issued>, link: LinkId, now: Time) -> bool {
    links.get(link.index()).is_some_and(|issued| {
        let young = now.since(issued.at) <= reading.story.policy.link_lifetime;
        young && !issued.confirmed && !issued.replaced
    })
}

/// The verdict on a confirmation by a person who had not read the email.
fn unread(reading: &Reading<'_>) -> Verdict {
    let policy = &reading.story.policy;
    let promised = policy.link_token == LinkToken::Random
        && policy.link_shown == LinkShown::InMail
        && policy.link_fetch != LinkFetch::Confirms;
    if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm }
}

fn complaint(reading: &Reading<'_>, id: EventId, link: LinkId, why: Refusal) -> Finding {
    let asked = reading.asked(id);
    let who = asked.map_or("somebody", |asked| reading.name(asked.person));
    let (rule, told) = match why {
        Refusal::Used => (REFUSED_AS_USED, "used, but nobody had confirmed it"),
        Refusal::Replaced => (REFUSED_AS_REPLACED, "replaced, but its sign-in had requested no other"),
        _ => (REFUSED_AS_UNKNOWN, "unknown, but it had been emailed"),
    };
    let policy = &reading.story.policy;
    let promised = policy.link_fetch != LinkFetch::Burns
        && policy.resend != Resend::KillsAllOfAccount
        && policy.outbox == OutboxOrder::RecordThenSend;
    let verdict = if promised { Verdict::BrokePolicy } else { Verdict::OutsideNorm };
    let objection = rule.says(format!("{link} was refused to {who} as {told}"));
    reading.finding(objection.of(asked.and_then(|asked| reading.role(asked.person))), verdict, id)
}
