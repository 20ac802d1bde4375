//! What a finding says besides its sentence: what would have been enough, and why a proof did not count.

use super::*;

const CONSOLE: Actor = Actor::Console;
const OTHER: SessionId = SessionId(7);

/// An MFA code or, for an account without MFA, what else there is.
const CODE_OR_BOTH: &str =
    "an MFA code, or the email address with the phone number, would have been enough in addition";
const CODE_OR_EMAIL: &str = "an MFA code or the email address would have been enough in addition";
const CODE_OR_PHONE: &str = "an MFA code or the phone number would have been enough in addition";

fn guess() -> Typed {
    Typed::Guess(Told::new().story.accounts[0].full_name_digest)
}

fn mfa_accepted(told: Told, typed: Typed) -> Told {
    let accepted = EventKind::MfaAccepted { session: SESSION, account: ACCOUNT, device: TOKEN, step: 1 };
    told.asks(Control::SubmitCode, typed).then(CONSOLE, accepted)
}

fn confirmed(told: Told, action: Control, mail: MailId, session: SessionId) -> Told {
    told.asks(action, Typed::Link(mail)).then(CONSOLE, EventKind::LinkConfirmed { link: LinkId(0), session })
}

/// Traces before a sign-in with a password and a code, and the notes of their finding.
fn with_codes() -> Vec<(Told, Vec<&'static str>)> {
    let proven = || Told::new().with_password();
    let step = Told::new().step();
    let wrong_password = Told::new()
        .asks(Control::SubmitPassword, Typed::Password(None))
        .then(CONSOLE, EventKind::PasswordAccepted { session: SESSION, account: ACCOUNT });
    vec![
        (proven(), vec![CODE_OR_BOTH]),
        (
            wrong_password,
            vec![
                "the password with an MFA code, or the email address with the phone number, would have been enough in addition",
                "the password does not count: it was not the right one",
            ],
        ),
        (mfa_accepted(proven(), guess()), vec![CODE_OR_BOTH, "the MFA code does not count: it was a guess"]),
        (
            mfa_accepted(proven(), Typed::Nothing),
            vec![CODE_OR_BOTH, "the MFA code does not count: none was typed"],
        ),
        (
            mfa_accepted(proven(), Typed::Code { device: DeviceId(3), step }),
            vec![CODE_OR_BOTH, "the MFA code does not count: new device 3 is not on file for this account"],
        ),
        (
            mfa_accepted(proven(), Typed::Code { device: TOKEN, step: step + 9 }),
            vec![
                CODE_OR_BOTH,
                "the MFA code does not count: it is outside the window that the norm allows for token",
            ],
        ),
    ]
}

/// Traces before a sign-in by alternative factors, and the notes of their finding.
fn by_alternatives() -> Vec<(Told, Vec<&'static str>)> {
    let mailed = || Told::new().with_password().mailed_link();
    let by_phone = |told: Told| told.called("+34600000001").keyed_in(Typed::Screen(BROWSER));
    let by_mail = || mailed().confirmed_link();
    let keyed = |typed| by_mail().called("+34600000001").keyed_in(typed);
    let posted = EventKind::CodeAccepted { code: CodeId(0), session: SESSION, account: ACCOUNT };
    vec![
        (by_mail(), vec![CODE_OR_PHONE]),
        (
            by_phone(confirmed(mailed(), Control::FollowLink, MailId(0), SESSION)),
            vec![
                CODE_OR_EMAIL,
                "the email address does not count: a mere GET of link 1 proves nothing, as scanners fetch links, too",
            ],
        ),
        (
            by_phone(confirmed(mailed(), Control::ConfirmLink, MailId(5), SESSION)),
            vec![
                CODE_OR_EMAIL,
                "the email address does not count: whoever confirmed link 1 had not read it in an email",
            ],
        ),
        (
            // The link was asked for in another sign-in than the one that it opens.
            Told { session: OTHER, ..mailed() }.with_password().confirmed_elsewhere(),
            vec![CODE_OR_BOTH, "the email address does not count: link 1 was sent for another sign-in"],
        ),
        (
            keyed(guess()),
            vec![CODE_OR_PHONE, "the phone number does not count: the keys pressed in call 1 were a guess"],
        ),
        (
            by_mail().called("+14155550100").keyed_in(Typed::Screen(BROWSER)),
            vec![
                CODE_OR_PHONE,
                "the phone number does not count: call 1 went to a number that is not on file",
            ],
        ),
        (
            keyed(Typed::Screen(BrowserId(3))),
            vec![CODE_OR_PHONE, "the phone number does not count: the code was shown for another sign-in"],
        ),
        (
            by_mail().called("+34600000001").then(CONSOLE, posted),
            vec![CODE_OR_PHONE, "the phone number does not count: nobody keyed in the code in a call"],
        ),
    ]
}

impl Told {
    fn confirmed_elsewhere(self) -> Self {
        let session = self.session;
        confirmed(self, Control::ConfirmLink, MailId(0), session)
    }
}

#[test]
fn access_tells_what_would_have_been_enough_and_why_a_proof_does_not_count() {
    for (told, notes) in with_codes().into_iter().chain(by_alternatives()) {
        let findings = told.signed_in(Way::Recovery).findings("access");
        let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
        assert_eq!(finding.notes, notes, "{}", finding.says);
    }
}

#[test]
fn what_is_enough_depends_on_what_is_on_file() {
    let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: None };
    let told = Told::new().then(CONSOLE, removed).with_password().signed_in(Way::Password);
    let notes: Vec<String> = told.findings("access").remove(0).notes;
    assert_eq!(notes, ["the email address or the phone number would have been enough in addition"]);
    let never = Told::of(&STORY.replace("    devices:\n      token: {}\n", ""));
    let notes = never.signed_in(Way::Password).findings("access").remove(0).notes;
    assert_eq!(notes, ["the password would have been enough in addition"]);
    // What was proven is not told as missing, although MFA has been removed since.
    let removed = EventKind::DeviceDeactivated { account: ACCOUNT, device: TOKEN, session: Some(SESSION) };
    let mailed = Told::new().with_password().mailed_link().confirmed_link().signed_in(Way::Recovery);
    let mailed = mailed.asks(Control::Deactivate, Typed::Nothing).then(CONSOLE, removed);
    let mut findings = mailed.assigned(DeviceId(1), 7).findings("access");
    assert_eq!(findings.pop().map(|finding| finding.notes), Some(vec![CODE_OR_PHONE.to_owned()]));
}

/// The tests of this module, for the test that every rule is violated by some trace.
pub(super) const TESTS: &[fn()] = &[
    access_tells_what_would_have_been_enough_and_why_a_proof_does_not_count,
    what_is_enough_depends_on_what_is_on_file,
];
