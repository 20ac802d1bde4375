//! *Budgets*: guesses are limited across codes, sessions and restarts, as are calls and emails.

use std::collections::BTreeMap;

use crate::base::id::{AccountId, AddressId, CodeId, EventId, LinkId, OutboxId};
use crate::base::time::{Span, Time};
use crate::event::{Control, EventKind, MailKind, Refusal};
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, dispatch};
use crate::policy::ProviderFailure;

rules! {
    "budgets";
    MFA_CODES_PER_HOUR = "mfa-codes-per-hour", "too many wrong MFA codes were checked within an hour";
    PHONE_CODES_PER_HOUR = "phone-codes-per-hour", "too many wrong phone codes were checked within an hour";
    PASSWORDS_PER_HOUR = "passwords-per-hour", "too many wrong passwords were checked within an hour";
    CALLS_PER_HOUR = "calls-per-hour", "too many calls were placed within an hour";
    MAILS_PER_HOUR = "mails-per-hour", "too many emails with a link were sent within an hour";
    MFA_CODES_IN_A_ROW = "mfa-codes-in-a-row", "too many wrong MFA codes were checked in a row";
    PHONE_CODES_IN_A_ROW = "phone-codes-in-a-row", "too many wrong phone codes were checked in a row";
    PASSWORDS_IN_A_ROW = "passwords-in-a-row", "too many wrong passwords were checked in a row";
    PHONE_CODES_WITHOUT_WAIT = "phone-codes-without-wait", "a wrong phone code was checked without a wait after earlier ones";
    TRIES_OF_A_CODE = "tries-of-a-phone-code", "too many wrong tries of one phone code were checked";
    CODES_FOR_ONE_REQUEST = "two-codes-for-one-request", "two phone codes were issued for one request, each with a call";
    CALL_REFUSED_TOO_SOON = "call-refused-too-soon", "a call was refused before the limit was reached";
    MAIL_REFUSED_TOO_SOON = "mail-refused-too-soon", "an email was refused before the limit was reached";
    TRIES_USED_UP_TOO_SOON = "tries-used-up-too-soon", "phone codes were refused for lack of tries before the limit was reached";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "budgets",
    sentence: "wrong codes, wrong passwords, calls and emails are limited per account across sessions, codes and restarts; calls that the phone company refused do not count, and no request is refused before its limit is reached",
    source: "NIST SP 800-63B-4 sections 3.1.3 and 3.2.2 (N8, N11); RFC 4226 section 7.3 (R4, R5); OWASP ASVS 2.4.1, 6.6.3; WSTG-ATHN-09; A03; rules 5 and 10",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    MfaCodes,
    PhoneCodes,
    Passwords,
    Calls,
    Mails,
}

impl Counted {
    const fn per_hour(self) -> Rule {
        match self {
            Self::MfaCodes => MFA_CODES_PER_HOUR,
            Self::PhoneCodes => PHONE_CODES_PER_HOUR,
            Self::Passwords => PASSWORDS_PER_HOUR,
            Self::Calls => CALLS_PER_HOUR,
            Self::Mails => MAILS_PER_HOUR,
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::MfaCodes => "wrong MFA codes were checked",
            Self::PhoneCodes => "wrong phone codes were checked",
            Self::Passwords => "wrong passwords were checked",
            Self::Calls => "calls were placed",
            Self::Mails => "emails with a link were sent",
        }
    }
}

struct Judge<'a, 'b, 'c> {
    reading: &'a Reading<'b>,
    findings: &'c mut Vec<Finding>,
    recent: BTreeMap<(AccountId, Counted), Vec<Time>>,
    in_a_row: BTreeMap<(AccountId, Counted), u16>,
    /// Budgets that were already reported, to report each only once.
    told: Vec<(AccountId, Counted)>,
    codes: ById<(AccountId, u16)>,
    /// The account of each link.
    links: ById<AccountId>,
    /// The orders for which a call was placed.
    called: Vec<EventId>,
    /// The requests for which a phone code was issued.
    answered: Vec<EventId>,
    /// The calls that were ordered.
    orders: Vec<Order>,
}

/// A call order.
#[derive(Clone, Copy, Debug)]
struct Order {
    outbox: OutboxId,
    account: AccountId,
    at: Time,
    /// When the phone company refused it.
    refused: Option<Time>,
    /// Whether the service received the refusal.
    known: bool,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        findings,
        recent: BTreeMap::new(),
        in_a_row: BTreeMap::new(),
        told: Vec::new(),
        codes: ById::default(),
        links: ById::default(),
        called: Vec::new(),
        answered: Vec::new(),
        orders: Vec::new(),
    };
    for (id, event) in reading.events_for(dispatch::BUDGETS) {
        judge.next(id, event.at, &event.kind);
    }
}

impl Judge<'_, '_, '_> {
    fn next(&mut self, id: EventId, at: Time, kind: &EventKind) {
        let norm = self.reading.norm;
        match *kind {
            EventKind::MfaRefused { account, why: Refusal::Wrong, .. }
            | EventKind::ResyncRefused { account, why: Refusal::Wrong | Refusal::NotConsecutive, .. } => {
                self.wrong(id, at, account, Counted::MfaCodes, MFA_CODES_IN_A_ROW);
            }
            // A correct code or a proven change of devices clears earlier failures (NIST SP 800-63B-4
            // section 3.2.2).
            EventKind::MfaAccepted { account, .. } | EventKind::DeviceAssigned { account, .. } => {
                self.in_a_row.remove(&(account, Counted::MfaCodes));
            }
            EventKind::FactorsReset { account, .. } => {
                self.in_a_row.remove(&(account, Counted::MfaCodes));
                self.in_a_row.remove(&(account, Counted::PhoneCodes));
            }
            EventKind::PasswordRefused { account: Some(account), why: Refusal::Wrong } => {
                self.wrong(id, at, account, Counted::Passwords, PASSWORDS_IN_A_ROW);
            }
            // A correct password clears earlier failures (NIST SP 800-63B-4 section 3.2.2: earlier failures
            // are disregarded).
            EventKind::PasswordAccepted { account, .. } => {
                self.in_a_row.remove(&(account, Counted::Passwords));
                self.recent.remove(&(account, Counted::Passwords));
            }
            EventKind::LinkIssued { link, account, .. } => {
                self.links.insert(link.index(), account);
            }
            EventKind::CodeIssued { code, account, .. } => {
                self.codes.insert(code.index(), (account, 0));
                self.issued(id, account);
            }
            EventKind::CallTaken { .. } | EventKind::CallUnclear { placed: Some(_), .. } => self.placed(id),
            EventKind::CallOrdered { outbox, code, .. } => {
                if let Some((account, _)) = self.codes.get(code.index()).copied() {
                    self.orders.push(Order { outbox, account, at, refused: None, known: false });
                }
            }
            EventKind::CallRefused { .. } => self.refused(id, at),
            EventKind::NotSent { outbox, .. } => {
                // A service that crashed during the response does not know why the order failed.
                let told = |order: &&mut Order| order.outbox == outbox && order.refused == Some(at);
                if let Some(order) = self.orders.iter_mut().find(told) {
                    order.known = true;
                }
            }
            EventKind::RequestRefused { action: Control::CallMe, why: Refusal::Throttled } => {
                self.one_too_many(id, at);
            }
            EventKind::RequestRefused { action: Control::SendEmail, why: Refusal::Throttled } => {
                self.mail_too_many(id, at);
            }
            EventKind::RequestRefused { action: Control::CallMe, why: Refusal::UsedUp } => {
                if let Some(account) = self.account_asked_for(id) {
                    self.used_up_too_soon(id, account, 0);
                }
            }
            EventKind::CodeRefused { code: Some(code), why: Refusal::UsedUp } => {
                if let Some((account, tries)) = self.codes.get(code.index()).copied() {
                    self.used_up_too_soon(id, account, tries);
                }
            }
            EventKind::CodeRefused { code: Some(code), why: Refusal::Wrong } => {
                self.wrong_phone_code(id, at, code)
            }
            EventKind::CodeAccepted { account, .. } => {
                self.in_a_row.remove(&(account, Counted::PhoneCodes));
            }
            EventKind::MailOrdered { to, kind: MailKind::Verification, link, .. } => {
                if let Some(account) = self.mailed(id, to, link) {
                    self.in_an_hour(id, at, account, Counted::Mails, norm.mails_per_hour);
                }
            }
            _ => {}
        }
    }

    /// The account that an email was ordered for: that of its link; without one, the only account with this
    /// address on file, or that of the person who asked for it, if a family shares the address.
    fn mailed(&self, id: EventId, to: AddressId, link: Option<LinkId>) -> Option<AccountId> {
        if let Some(account) = link.and_then(|link| self.links.get(link.index())) {
            return Some(*account);
        }
        let on_file = self.reading.story.accounts_of_address(to);
        on_file.only().or_else(|| self.account_asked_for(id).filter(|account| on_file.has(*account)))
    }

    /// A call was placed. Refused calls are not counted, and an order that is placed twice after a lost
    /// response counts once.
    fn placed(&mut self, id: EventId) {
        let ordered = self.reading.trace.causes(id).find_map(|(order, event)| match event.kind {
            EventKind::CallOrdered { code, .. } => Some((order, event.at, code)),
            _ => None,
        });
        let Some((order, at, code)) = ordered.filter(|(order, ..)| !self.called.contains(order)) else {
            return;
        };
        self.called.push(order);
        if let Some((account, _)) = self.codes.get(code.index()).copied() {
            self.in_an_hour(id, at, account, Counted::Calls, self.reading.norm.calls_per_hour);
        }
    }

    /// A phone code was issued: one request allows for one call with one code (P19).
    fn issued(&mut self, id: EventId, account: AccountId) {
        let asked = self.reading.trace.causes(id).find_map(|(asked, event)| match event.kind {
            EventKind::Requested { .. } => Some(asked),
            _ => None,
        });
        let Some(asked) = asked else { return };
        if self.answered.contains(&asked) {
            let owner = self.reading.account(account);
            let says = format!("two phone codes were issued for {owner} for one request, each with a call");
            self.complain(id, account, Counted::Calls, CODES_FOR_ONE_REQUEST.says(says));
        }
        self.answered.push(asked);
    }

    /// The phone company refused a call, so no phone rang.
    fn refused(&mut self, id: EventId, at: Time) {
        let ordered = self.reading.trace.causes(id).find_map(|(_, event)| match event.kind {
            EventKind::CallOrdered { outbox, .. } => Some(outbox),
            _ => None,
        });
        let order = self.orders.iter_mut().find(|order| Some(order.outbox) == ordered);
        if let Some(order) = order {
            order.refused = Some(at);
        }
    }

    /// A call was refused because of its budget, which must not include calls that the phone company refused.
    fn one_too_many(&mut self, id: EventId, at: Time) {
        let (reading, policy) = (self.reading, &self.reading.story.policy);
        let Some(account) = self.account_asked_for(id) else { return };
        let within = |span: Span| {
            let counts =
                |order: &&Order| order.account == account && !order.known && at.since(order.at) < span;
            self.orders.iter().filter(counts).count()
        };
        let (hour, day) = (within(Span::HOUR), within(Span::DAY));
        if hour < usize::from(policy.calls_per_hour) && day < usize::from(policy.calls_per_day) {
            let owner = reading.account(account);
            let says = format!(
                "a call for {owner} is refused after {hour} within an hour: the phone company's refusals are counted"
            );
            let objection = CALL_REFUSED_TOO_SOON.says(says);
            self.findings.push(reading.finding(objection, self.refused_all_the_same(), id));
        }
    }

    /// An email was refused because of its budget.
    fn mail_too_many(&mut self, id: EventId, at: Time) {
        let Some(account) = self.account_asked_for(id) else { return };
        let sent = self.recent.get(&(account, Counted::Mails)).into_iter().flatten();
        let sent = sent.filter(|time| at.since(**time) < Span::HOUR).count();
        let most = self.reading.story.policy.mails_per_hour;
        if sent < usize::from(most) {
            let owner = self.reading.account(account);
            let says =
                format!("an email for {owner} is refused after {sent} within an hour; the limit is {most}");
            let objection = MAIL_REFUSED_TOO_SOON.says(says);
            self.findings.push(self.reading.finding(objection, Verdict::BrokePolicy, id));
        }
    }

    /// The tries of phone codes were reported as used up, after `tries` tries of the current code.
    fn used_up_too_soon(&mut self, id: EventId, account: AccountId, tries: u16) {
        let row = self.in_a_row.get(&(account, Counted::PhoneCodes)).copied().unwrap_or(0);
        let policy = &self.reading.story.policy;
        let most = policy.code_tries.min(policy.failures_max);
        if row.max(tries) < most {
            let owner = self.reading.account(account);
            let says = format!(
                "{owner}'s phone codes are refused for lack of tries after {}; the limit is {most}",
                row.max(tries)
            );
            let objection = TRIES_USED_UP_TOO_SOON.says(says);
            self.findings.push(self.reading.finding(objection, self.refused_all_the_same(), id));
        }
    }

    /// The verdict on a refusal that a failure of the phone company may have caused.
    fn refused_all_the_same(&self) -> Verdict {
        match self.reading.story.policy.provider_failure {
            ProviderFailure::Nobody => Verdict::BrokePolicy,
            ProviderFailure::User => Verdict::OutsideNorm,
        }
    }

    /// The account of the person who sent the request.
    fn account_asked_for(&self, id: EventId) -> Option<AccountId> {
        let asked = self.reading.asked(id)?;
        Some(self.reading.story.people.get(asked.person.index())?.account)
    }

    fn wrong(&mut self, id: EventId, at: Time, account: AccountId, what: Counted, in_a_row: Rule) {
        let norm = self.reading.norm;
        let last = self.recent.get(&(account, what)).and_then(|times| times.last().copied());
        self.in_an_hour(id, at, account, what, norm.wrong_tries_per_hour);
        let row = self.in_a_row.entry((account, what)).or_default();
        *row += 1;
        if *row > norm.failures_max {
            let says = format!("{row} {} in a row for {}", what.told(), self.reading.account(account));
            self.complain(id, account, what, in_a_row.says(says));
            return;
        }
        let (row, waited) = (*row, last.map_or(Span::ZERO, |last| at.since(last)));
        if what == Counted::PhoneCodes && row > norm.code_tries && waited < norm.code_tries_wait {
            let owner = self.reading.account(account);
            let says = format!(
                "{row} {} in a row for {owner}, the last one {waited} after the previous one; the required wait is {}",
                what.told(),
                norm.code_tries_wait
            );
            self.complain(id, account, what, PHONE_CODES_WITHOUT_WAIT.says(says));
        }
    }

    fn wrong_phone_code(&mut self, id: EventId, at: Time, code: CodeId) {
        let Some((account, tries)) = self.codes.get_mut(code.index()) else { return };
        *tries += 1;
        let (account, tries) = (*account, *tries);
        if tries > self.reading.norm.code_tries {
            let says = format!("{tries} wrong tries of phone {code} were checked");
            self.complain(id, account, Counted::PhoneCodes, TRIES_OF_A_CODE.says(says));
        }
        self.wrong(id, at, account, Counted::PhoneCodes, PHONE_CODES_IN_A_ROW);
    }

    fn in_an_hour(&mut self, id: EventId, at: Time, account: AccountId, what: Counted, most: u16) {
        let times = self.recent.entry((account, what)).or_default();
        times.retain(|time| at.since(*time) < Span::HOUR);
        times.push(at);
        let count = times.len();
        if count > usize::from(most) {
            let owner = self.reading.account(account);
            let says = format!("{count} {} for {owner} within an hour; the limit is {most}", what.told());
            self.complain(id, account, what, what.per_hour().says(says));
        }
    }

    fn complain(&mut self, id: EventId, account: AccountId, what: Counted, objection: Objection) {
        if !self.told.contains(&(account, what)) {
            self.told.push((account, what));
            self.findings.push(self.reading.finding(objection, Verdict::OutsideNorm, id));
        }
    }
}
