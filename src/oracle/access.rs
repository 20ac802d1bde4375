//! *Access*: a sign-in or a change of factors requires the proofs that the norm demands.
//!
//! Proofs are actions of people: which account's password and which device's code were typed, which email's
//! link was confirmed, in which call to which number the code shown on the page was keyed in. The service's
//! own report that it accepted something is not sufficient.

mod copied;
mod lured;
mod proofs;

use self::proofs::{Proofs, Takes, Uncounted};
use crate::base::id::{AccountId, BrowserId, CallId, CodeId, DeviceId, EventId, LinkId, SessionId};
use crate::event::{Control, Event, EventKind, Typed};
use crate::oracle::authenticators::Authenticators;
use crate::oracle::by_id::ById;
use crate::oracle::copies::Copies;
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
    CHANGE_BY_COPY = "change-by-copied-session", "a person changed factors or the phone number with a copied session cookie, long after the sign-in and without a new one";
}

pub(super) const ORACLE: Oracle = Oracle {
    id: "access",
    sentence: "a sign-in or a change of factors requires the proofs that the norm demands",
    source: "NIST SP 800-63B-4 sections 4.2.2.2 and 4.1.2.1 (N6, N12); OWASP ASVS 3.5.1, 6.4.3, 6.4.4, 7.5.1; WSTG-ATHN-11; S17",
    evidence: Evidence::Witnessed,
    rules: RULES,
    judge,
};

struct Judge<'a, 'b> {
    reading: &'a Reading<'b>,
    proofs: ById<Proofs>,
    authenticators: Authenticators<'a, 'b>,
    /// The browser in which the last device of each account was removed with sufficient proofs.
    removed_in: ById<BrowserId>,
    codes: ById<SessionId>,
    copies: Copies,
}

fn judge(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge {
        reading,
        proofs: ById::default(),
        authenticators: Authenticators::new(reading),
        removed_in: ById::default(),
        codes: ById::default(),
        copies: Copies::default(),
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
                } else {
                    self.proofs(session).does_not_count(Uncounted::WrongPassword);
                }
            }
            EventKind::MfaAccepted { session, account, .. } => {
                if self.authenticators.is_code_of(event, account) {
                    self.proofs(session).code = true;
                } else {
                    let what = self.code_in_vain(event, account);
                    self.proofs(session).does_not_count(what);
                }
            }
            EventKind::LinkConfirmed { link, session } => match self.link_in_vain(event, link, session) {
                None => self.proofs(session).email = true,
                Some(what) => self.proofs(session).does_not_count(what),
            },
            EventKind::PutInCookie { browser } => self.copies.put_in(self.reading, event, browser),
            EventKind::CodeIssued { code, session, .. } => {
                self.codes.insert(code.index(), session);
            }
            EventKind::CodeAccepted { code, session, account } => {
                let foul = self.of_another_call(id, code).or_else(|| self.off_the_page(event, code));
                if foul.is_some() {
                    return foul;
                }
                match self.keys_in_vain(id, code, session, account) {
                    None => self.proofs(session).phone = true,
                    Some(what) => self.proofs(session).does_not_count(what),
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
                    self.removed_in.insert(account.index(), self.copies.own(asked.browser));
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

    fn proofs(&mut self, session: SessionId) -> &mut Proofs {
        self.proofs.or_default(self.reading.root(session).index())
    }

    /// Why an accepted MFA code proves nothing.
    fn code_in_vain(&self, event: &Event, account: AccountId) -> Uncounted {
        match self.reading.asked_directly(event).map(|asked| asked.typed) {
            Some(Typed::Code { device, .. }) if self.authenticators.is_on_file(device, account) => {
                Uncounted::CodeOutsideWindow(device)
            }
            Some(Typed::Code { device, .. }) => Uncounted::CodeOfNoDevice(device),
            Some(Typed::Guess(_)) => Uncounted::GuessedCode,
            _ => Uncounted::NoCode,
        }
    }

    /// Why an accepted link proves nothing, unless a person confirmed the link of an email that was sent for
    /// this sign-in.
    fn link_in_vain(&self, event: &Event, link: LinkId, session: SessionId) -> Option<Uncounted> {
        let cause = event.cause.and_then(|cause| self.reading.trace.get(cause)).map(|cause| cause.kind);
        let Some(EventKind::Requested { action: Control::ConfirmLink, typed: Typed::Link(mail), .. }) = cause
        else {
            return Some(Uncounted::LinkFetched(link));
        };
        if self.reading.link_in(mail) != Some(link) {
            return Some(Uncounted::LinkUnread(link));
        }
        let issued = self.reading.issued(link);
        let own = issued.is_some_and(|(_, by)| self.reading.same_attempt(by, session));
        (!own).then_some(Uncounted::LinkOfAnother(link))
    }

    /// Why an accepted phone code proves nothing, unless the code shown in this sign-in was keyed in during a
    /// call to the number on file, or the code spoken by such a call was typed.
    fn keys_in_vain(
        &self,
        id: EventId,
        code: CodeId,
        session: SessionId,
        account: AccountId,
    ) -> Option<Uncounted> {
        let reading = self.reading;
        let issued = self.codes.get(code.index()).copied();
        let Some(issued) = issued.filter(|issued| reading.same_attempt(*issued, session)) else {
            return Some(Uncounted::PhoneCodeOfAnother);
        };
        let Some((call, typed)) = self.keyed(id) else { return Some(Uncounted::NotKeyedIn) };
        let called = reading.number_of_call(call);
        let at = reading.trace.get(id).map(|event| event.at);
        let on_file = called.is_some() && at.is_some_and(|at| called == reading.number_on_file(account, at));
        match typed {
            Typed::Screen(_) | Typed::Spoken(_) if !on_file => Some(Uncounted::CallElsewhere(call)),
            Typed::Screen(browser) if !self.is_screen_of(issued, browser) => {
                Some(Uncounted::PhoneCodeOfAnother)
            }
            Typed::Screen(_) | Typed::Spoken(_) => None,
            _ => Some(Uncounted::GuessedKeys(call)),
        }
    }

    /// The call and the keys that led to an accepted phone code: keys pressed in a call, or a spoken code that
    /// was typed on the page.
    fn keyed(&self, id: EventId) -> Option<(CallId, Typed)> {
        let trace = self.reading.trace;
        // A replay before those keys can only have caused the call, so it is ignored.
        let replayed = trace.causes(id).find_map(|(at, event)| match event.kind {
            EventKind::Replayed { call, .. } => Some(Some((at, call?))),
            EventKind::KeyedIn { .. } | EventKind::Requested { typed: Typed::Spoken(_), .. } => Some(None),
            _ => None,
        });
        let keys = |event: &Event| match event.kind {
            EventKind::KeyedIn { call, typed } => Some((call, typed)),
            // What the service receives counts, not what the line made it from.
            EventKind::Gathered { call, shown_in: Some(browser), .. } => Some((call, Typed::Screen(browser))),
            EventKind::Requested { typed: Typed::Spoken(call), .. } => Some((call, Typed::Spoken(call))),
            _ => None,
        };
        // A replayed webhook proves nothing about its sender. Look up who keyed in the digits originally, in
        // the call that was replayed; other keys may have been pressed since, and in other calls.
        let collected = |(replay, call): (EventId, CallId)| {
            let before = trace.iter().rev().filter(move |(at, _)| *at < replay);
            let gathered =
                move |event: &Event| matches!(event.kind, EventKind::Gathered { call: of, .. } if of == call);
            before.filter(move |(_, event)| gathered(event)).map(|(at, _)| at)
        };
        match replayed.flatten() {
            Some(replay) => collected(replay)
                .find_map(|gathered| trace.causes(gathered).find_map(|(_, event)| keys(event))),
            None => trace.causes(id).find_map(|(_, event)| keys(event)),
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
        let device = self.reading.device(device);
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
        let mut proofs = *self.proofs(session);
        let password = proofs.password == Some(account);
        // After MFA was removed, one alternative factor stands in for it (N6) until a new device counts. The
        // browser in which it was removed is known by its session.
        let stands_in = proofs.email || proofs.phone || here;
        let no_code = !mfa_is_on && (!removed || stands_in);
        let enough = password && (no_code || proofs.code || (proofs.email && proofs.phone));
        if enough {
            proofs.in_rightly = Some(account);
            proofs.signed_in = self.reading.asked(id).map(|asked| (asked.person, asked.at));
            *self.proofs(session) = proofs;
            return None;
        }
        let told = proofs.told(password);
        let (who, owner) = (self.who(id), self.reading.account(account));
        if removed && password {
            let says = format!(
                "{who} got into the account of {owner} with the password alone after MFA had been removed"
            );
            let notes = proofs.notes(self.reading, password, self.takes(account));
            return Some(PASSWORD_AFTER_REMOVAL.says(says).of(self.role(id)).noting(notes));
        }
        let says = format!("{who} got into the account of {owner} having proven only {told}");
        let notes = proofs.notes(self.reading, password, self.takes(account));
        Some(UNPROVEN_SIGN_IN.says(says).of(self.role(id)).with(told).noting(notes))
    }

    /// What a sign-in to this account takes now.
    fn takes(&self, account: AccountId) -> Takes {
        match (self.authenticators.any_of(account), self.authenticators.were_removed(account)) {
            (true, _) => Takes::Code,
            (false, true) => Takes::OneAlternative,
            (false, false) => Takes::PasswordAlone,
        }
    }

    /// Whether the sign-in comes from the browser in which MFA was removed, or one that passes for it.
    fn removed_here(&self, id: EventId, account: AccountId) -> bool {
        let asked = self.reading.asked(id);
        let removed = self.removed_in.get(account.index());
        asked
            .zip(removed)
            .is_some_and(|(asked, removed)| reading::same_cookies(self.copies.own(asked.browser), *removed))
    }

    fn changed(
        &mut self,
        id: EventId,
        session: SessionId,
        account: AccountId,
        rule: Rule,
    ) -> Option<Objection> {
        let proofs = *self.proofs(session);
        if proofs.in_rightly == Some(account) {
            return self.by_copy(id, account, proofs, rule);
        }
        if proofs.recovered(account) {
            return None;
        }
        let password = proofs.password == Some(account);
        let told = proofs.told(password);
        // Whoever has proven an alternative factor signed in while MFA was on, which takes more.
        let takes = if proofs.email || proofs.phone { Takes::Code } else { self.takes(account) };
        let notes = proofs.notes(self.reading, password, takes);
        let did = did(rule);
        let (who, owner) = (self.who(id), self.reading.account(account));
        let says = format!("{who} {did} {owner} having proven only {told}");
        Some(rule.says(says).of(self.role(id)).with(told).noting(notes))
    }

    fn role(&self, id: EventId) -> Option<Role> {
        self.reading.role(self.reading.asked(id)?.person)
    }

    fn who(&self, id: EventId) -> &str {
        self.reading.asked(id).map_or("somebody", |asked| self.reading.name(asked.person))
    }
}

/// What a person did who broke the rule of a change.
fn did(rule: Rule) -> &'static str {
    match rule {
        UNPROVEN_ASSIGNMENT => "assigned an MFA device to",
        UNPROVEN_DEACTIVATION => "deactivated an MFA device of",
        _ => "changed the phone number of",
    }
}
