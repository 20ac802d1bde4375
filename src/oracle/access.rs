//! *Access*: a sign-in or a change of factors requires the proofs that the norm demands.
//!
//! Proofs are actions of people: which account's password and which device's code were typed, which email's
//! link was confirmed, in which call to which number the code shown on the page was keyed in. The service's
//! own report that it accepted something is not sufficient.

use crate::base::id::{AccountId, BrowserId, CallId, CodeId, DeviceId, EventId, LinkId, SessionId};
use crate::event::{Actor, Control, Event, EventKind, SessionEnd, Typed};
use crate::oracle::authenticators::Authenticators;
use crate::oracle::by_id::ById;
use crate::oracle::rule::{Objection, rules};
use crate::oracle::{Evidence, Finding, Oracle, Reading, Rule, Verdict, dispatch, reading};
use crate::story::Role;

rules! {
    "access";
    FOREIGN_DEACTIVATION = "foreign-form-deactivates", "a form that another site posted deactivated an MFA device";
    FOREIGN_SET_UP = "foreign-form-begins-set-up", "a form that another site posted began to set up an MFA device";
    FOREIGN_MAIL = "foreign-form-sends-mail", "a form that another site posted sent an email with a link";
    FOREIGN_CALL = "foreign-form-places-call", "a form that another site posted placed a call";
    FOREIGN_SIGN_OUT = "foreign-form-signs-out", "a form that another site posted signed a person out";
    CODE_OF_ANOTHER_CALL = "code-of-another-call", "a phone code was accepted in a call that was placed for another code";
    CODE_OFF_THE_PAGE = "code-off-the-page", "a phone code was accepted although the page that asks for it revealed it";
    RESYNC_WITHOUT_PAIR = "re-sync-without-pair", "a device was re-synced without two consecutive codes of that device";
    ASSIGNED_WITHOUT_PAIR = "assignment-without-pair", "a device was assigned without two consecutive codes of that device";
    UNPROVEN_SIGN_IN = "unproven-sign-in", "a person got into an account without the proofs that the norm demands";
    PASSWORD_AFTER_REMOVAL = "password-after-removal", "a person got in with the password alone after MFA had been removed";
    UNPROVEN_ASSIGNMENT = "unproven-assignment", "a person assigned a device without a proven sign-in";
    UNPROVEN_DEACTIVATION = "unproven-deactivation", "a person deactivated a device without a proven sign-in";
    UNPROVEN_PHONE_CHANGE = "unproven-phone-change", "a person changed the phone number without a proven sign-in";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "access",
    sentence: "a sign-in or a change of factors requires the proofs that the norm demands",
    source: "NIST SP 800-63B-4 sections 4.2.2.2 and 4.1.2.1 (N6, N12); OWASP ASVS 3.5.1, 6.4.3, 6.4.4, 7.5.1; WSTG-ATHN-11",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

/// The proofs given in one sign-in attempt.
#[derive(Clone, Copy, Debug, Default)]
struct Proofs {
    password: Option<AccountId>,
    code: bool,
    email: bool,
    phone: bool,
    /// The account of a sign-in with sufficient proofs.
    in_rightly: Option<AccountId>,
}

struct Judge<'a, 'b> {
    reading: &'a Reading<'b>,
    proofs: ById<Proofs>,
    authenticators: Authenticators<'a, 'b>,
    /// The browser in which the last device of each account was removed with sufficient proofs.
    removed_in: ById<BrowserId>,
    codes: ById<SessionId>,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        proofs: ById::default(),
        authenticators: Authenticators::new(reading),
        removed_in: ById::default(),
        codes: ById::default(),
    };
    for (id, event) in reading.events_for(dispatch::ACCESS) {
        if let Some(objection) = judge.next(id, event) {
            findings.push(reading.finding(objection, Verdict::OutsideNorm, id));
        }
        judge.authenticators.take_in(event);
    }
}

impl Judge<'_, '_> {
    /// Processes one event and returns the objection to it, if any.
    fn next(&mut self, id: EventId, event: &Event) -> Option<Objection> {
        if let Some(objection) = self.lured(event) {
            return Some(objection);
        }
        match event.kind {
            EventKind::PasswordAccepted { session, account } => {
                let asked = self.reading.asked_directly(event)?;
                if asked.typed == Typed::Password(Some(account)) {
                    self.proofs(session).password = Some(account);
                }
            }
            EventKind::MfaAccepted { session, account, .. }
                if self.authenticators.is_code_of(event, account) =>
            {
                self.proofs(session).code = true;
            }
            EventKind::LinkConfirmed { link, session } if self.link_was_read(event, link, session) => {
                self.proofs(session).email = true;
            }
            EventKind::CodeIssued { code, session, .. } => {
                self.codes.insert(code.index(), session);
            }
            EventKind::CodeAccepted { code, session, account } => {
                let foul = self.of_another_call(id, code).or_else(|| self.off_the_page(event, code));
                if foul.is_some() {
                    return foul;
                }
                if self.code_was_keyed_in(id, code, session, account) {
                    self.proofs(session).phone = true;
                }
            }
            EventKind::Resynced { device, .. } => {
                return self.not_two_in_a_row(event, device, RESYNC_WITHOUT_PAIR, "re-synced");
            }
            EventKind::SignedIn { session, account, .. } => return self.signed_in(id, session, account),
            EventKind::DeviceAssigned { session, account, device } => {
                let unproven = self.changed(id, session, account, UNPROVEN_ASSIGNMENT);
                return unproven
                    .or_else(|| self.not_two_in_a_row(event, device, ASSIGNED_WITHOUT_PAIR, "assigned"));
            }
            EventKind::DeviceDeactivated { account, session, .. } => {
                self.removed_in.remove(account.index());
                let unproven = self.changed(id, session?, account, UNPROVEN_DEACTIVATION);
                if let (None, Some(asked)) = (&unproven, self.reading.asked_directly(event)) {
                    self.removed_in.insert(account.index(), asked.browser);
                }
                return unproven;
            }
            EventKind::PhoneChanged { account, session: Some(session), .. } => {
                return self.changed(id, session, account, UNPROVEN_PHONE_CHANGE);
            }
            _ => {}
        }
        None
    }

    /// The service acted on a form that another site had posted, without a request by the user (S11).
    fn lured(&self, event: &Event) -> Option<Objection> {
        let (rule, did) = match event.kind {
            EventKind::DeviceDeactivated { .. } => (FOREIGN_DEACTIVATION, "deactivated an MFA device"),
            EventKind::DeviceOffered { .. } => (FOREIGN_SET_UP, "began to set up an MFA device"),
            EventKind::LinkIssued { .. } => (FOREIGN_MAIL, "sent an email with a link"),
            EventKind::CodeIssued { .. } => (FOREIGN_CALL, "placed a call"),
            EventKind::SessionEnded { why: SessionEnd::SignedOut, .. } => {
                (FOREIGN_SIGN_OUT, "signed the person out")
            }
            _ => return None,
        };
        let trace = self.reading.trace;
        let asked =
            trace.get(event.cause?).filter(|asked| matches!(asked.kind, EventKind::Requested { .. }))?;
        let before = trace.get(asked.cause?)?;
        match (before.by, before.kind) {
            (Actor::Person(who), EventKind::Lured { .. }) => {
                let name = self.reading.name(who);
                let says =
                    format!("the console {did} for a form that another site posted from {name}'s browser");
                Some(rule.says(says).of(self.reading.role(who)))
            }
            _ => None,
        }
    }

    fn proofs(&mut self, session: SessionId) -> &mut Proofs {
        self.proofs.or_default(self.reading.root(session).index())
    }

    /// Whether a person confirmed the link of an email that was sent for this sign-in.
    fn link_was_read(&self, event: &Event, link: LinkId, session: SessionId) -> bool {
        let Some(cause) = event.cause.and_then(|cause| self.reading.trace.get(cause)) else { return false };
        let EventKind::Requested { action, typed: Typed::Link(mail), .. } = cause.kind else { return false };
        let issued = self.reading.issued(link);
        action == Control::ConfirmLink
            && self.reading.link_in(mail) == Some(link)
            && issued.is_some_and(|(_, by)| self.reading.same_attempt(by, session))
    }

    /// Whether the code shown in this sign-in was keyed in during a call to the number on file, or the code
    /// spoken by such a call was typed.
    fn code_was_keyed_in(&self, id: EventId, code: CodeId, session: SessionId, account: AccountId) -> bool {
        let reading = self.reading;
        let issued = self.codes.get(code.index()).copied();
        let Some(issued) = issued.filter(|issued| reading.same_attempt(*issued, session)) else {
            return false;
        };
        let on_file = |call| {
            let called = reading.number_of_call(call);
            let at = reading.trace.get(id).map(|event| event.at);
            called.is_some() && at.is_some_and(|at| called == reading.number_on_file(account, at))
        };
        // Find the trigger: keys pressed in a call, or a code typed on the page. A replay before those keys
        // can only have caused the call, so it is ignored.
        let replayed = reading.trace.causes(id).find_map(|(at, event)| match event.kind {
            EventKind::Replayed { call, .. } => Some(Some((at, call?))),
            EventKind::KeyedIn { .. } | EventKind::Requested { typed: Typed::Spoken(_), .. } => Some(None),
            _ => None,
        });
        let replayed = replayed.flatten();
        // A replayed webhook proves nothing about its sender. Look up who keyed in the digits originally, in
        // the call that was replayed; other keys may have been pressed since, and in other calls.
        let collected = |(replay, call): (EventId, CallId)| {
            let before = reading.trace.iter().rev().filter(move |(at, _)| *at < replay);
            let gathered =
                move |event: &Event| matches!(event.kind, EventKind::Gathered { call: of, .. } if of == call);
            before.filter(move |(_, event)| gathered(event)).map(|(at, _)| at)
        };
        let keys = |event: &Event| match event.kind {
            EventKind::KeyedIn { call, typed } => Some((call, typed)),
            // What the service receives counts, not what the line made it from.
            EventKind::Gathered { call, shown_in: Some(browser), .. } => Some((call, Typed::Screen(browser))),
            EventKind::Requested { typed: Typed::Spoken(call), .. } => Some((call, Typed::Spoken(call))),
            _ => None,
        };
        let keyed = match replayed {
            Some(replay) => collected(replay)
                .find_map(|gathered| reading.trace.causes(gathered).find_map(|(_, event)| keys(event))),
            None => reading.trace.causes(id).find_map(|(_, event)| keys(event)),
        };
        match keyed {
            Some((call, Typed::Screen(browser))) => on_file(call) && self.is_screen_of(issued, browser),
            Some((call, Typed::Spoken(_))) => on_file(call),
            _ => false,
        }
    }

    /// The code was keyed in during a call that was placed for another code.
    fn of_another_call(&self, id: EventId, code: CodeId) -> Option<Objection> {
        let mut causes = self.reading.trace.causes(id);
        let call = causes.find_map(|(_, event)| match event.kind {
            EventKind::Replayed { .. } | EventKind::Forged { .. } => Some(None),
            EventKind::KeyedIn { call, .. } | EventKind::Requested { typed: Typed::Spoken(call), .. } => {
                Some(Some(call))
            }
            _ => None,
        })??;
        let meant = self.reading.code_of_call(call)?;
        (meant != code).then(|| {
            let says = format!("phone {code} was accepted in {call}, which was placed for {meant}");
            CODE_OF_ANOTHER_CALL.says(says)
        })
    }

    /// The code was read off the page that asks for it, so no call proves possession of the phone.
    fn off_the_page(&self, event: &Event, code: CodeId) -> Option<Objection> {
        let typed = self.reading.asked_directly(event)?.typed;
        matches!(typed, Typed::Screen(_)).then(|| {
            let says = format!("phone {code} was accepted although the page that asks for it revealed it");
            CODE_OFF_THE_PAGE.says(says)
        })
    }

    /// The device was enrolled or re-synced without two consecutive codes of its own; a single code could be
    /// a guess.
    fn not_two_in_a_row(&self, event: &Event, device: DeviceId, rule: Rule, what: &str) -> Option<Objection> {
        let typed = match self.reading.asked_directly(event)?.typed {
            Typed::Pair { device: shown, apart: 1, .. } if shown == device => return None,
            Typed::Pair { device: shown, apart: 0, .. } if shown == device => "one code, typed twice",
            Typed::Pair { device: shown, .. } if shown == device => "two codes that are not consecutive",
            // A request without any codes is covered by the oracle *factors*.
            Typed::Nothing => return None,
            _ => "codes that it did not show",
        };
        Some(rule.says(format!("{device} was {what} with {typed}")).with(typed))
    }

    /// Whether the code issued in `session` was shown in this browser.
    fn is_screen_of(&self, session: SessionId, browser: BrowserId) -> bool {
        self.reading.trace.events().iter().any(|event| match event.kind {
            EventKind::CodeIssued { session: issued, .. } => {
                self.reading.same_attempt(issued, session)
                    && self
                        .reading
                        .asked_directly(event)
                        .is_some_and(|asked| reading::same_cookies(asked.browser, browser))
            }
            _ => false,
        })
    }

    fn signed_in(&mut self, id: EventId, session: SessionId, account: AccountId) -> Option<Objection> {
        let mfa_is_on = self.authenticators.any_of(account);
        let removed = self.authenticators.were_removed(account);
        let here = self.removed_here(id, account);
        let proofs = self.proofs(session);
        let password = proofs.password == Some(account);
        // After MFA was removed, one alternative factor stands in for it (N6) until a new device counts. The
        // browser in which it was removed is known by its session.
        let stands_in = proofs.email || proofs.phone || here;
        let no_code = !mfa_is_on && (!removed || stands_in);
        let enough = password && (no_code || proofs.code || (proofs.email && proofs.phone));
        if enough {
            proofs.in_rightly = Some(account);
            return None;
        }
        let told = proofs.told(password);
        let (who, owner) = (self.who(id), self.reading.account(account));
        if removed && password {
            let says = format!(
                "{who} got into the account of {owner} with the password alone after MFA had been removed; the email address or the phone number would have been enough in addition"
            );
            return Some(PASSWORD_AFTER_REMOVAL.says(says).of(self.role(id)));
        }
        let says = format!("{who} got into the account of {owner} having proven only {told}");
        Some(UNPROVEN_SIGN_IN.says(says).of(self.role(id)).with(told))
    }

    /// Whether the sign-in comes from the browser in which MFA was removed.
    fn removed_here(&self, id: EventId, account: AccountId) -> bool {
        let asked = self.reading.asked(id);
        let removed = self.removed_in.get(account.index());
        asked.zip(removed).is_some_and(|(asked, removed)| reading::same_cookies(asked.browser, *removed))
    }

    fn changed(
        &mut self,
        id: EventId,
        session: SessionId,
        account: AccountId,
        rule: Rule,
    ) -> Option<Objection> {
        let proofs = *self.proofs(session);
        if proofs.in_rightly == Some(account) || proofs.recovered(account) {
            return None;
        }
        let told = proofs.told(proofs.password == Some(account));
        let did = match rule {
            UNPROVEN_ASSIGNMENT => "assigned an MFA device to",
            UNPROVEN_DEACTIVATION => "deactivated an MFA device of",
            _ => "changed the phone number of",
        };
        let (who, owner) = (self.who(id), self.reading.account(account));
        let says = format!("{who} {did} {owner} having proven only {told}");
        Some(rule.says(says).of(self.role(id)).with(told))
    }

    fn role(&self, id: EventId) -> Option<Role> {
        self.reading.role(self.reading.asked(id)?.person)
    }

    fn who(&self, id: EventId) -> &str {
        self.reading.asked(id).map_or("somebody", |asked| self.reading.name(asked.person))
    }
}

impl Proofs {
    /// Whether the proofs of a recovery are complete. A recovery that ends with a new sign-in removes the
    /// lost devices before anybody is signed in.
    fn recovered(self, account: AccountId) -> bool {
        self.password == Some(account) && self.email && self.phone
    }

    fn told(self, password: bool) -> String {
        let proven = [
            (password, "the password"),
            (self.code, "an MFA code"),
            (self.email, "the email address"),
            (self.phone, "the phone number"),
        ];
        let told: Vec<&str> =
            proven.into_iter().filter(|(proven, _)| *proven).map(|(_, what)| what).collect();
        if told.is_empty() { "nothing".to_owned() } else { told.join(" and ") }
    }
}
