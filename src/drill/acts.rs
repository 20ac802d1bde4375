//! The acts that a drill draws moves from, with their weights and preconditions.
//!
//! An act that the current page does not offer has no effect, so the table may be broad. It lists
//! what a person could plausibly try with the page, mailbox or phone at hand.

use crate::base::id::PersonId;
use crate::base::number::Number;
use crate::event::{Control, PageName, Problem, WebhookKind};
use crate::message::Authenticity;
use crate::people::{
    Act, BrowserChoice, Claim, CodeChoice, DeviceChoice, ForgedWords, Forgery, FoundLink, Keys, LinkChoice,
    PairChoice, PasswordChoice, SpokenChoice, UserChoice, With,
};
use crate::story::Role;
use crate::world::World;

/// The circumstances of a person that decide which acts are plausible.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// The kind of page on screen, as in [`Situation::page`].
    page: usize,
    /// Bit set: the conditions below, and from bit [`OFFERS`] on the controls that the page offers.
    is: u64,
}

/// The bit index of the first control in [`Situation::is`].
const OFFERS: u32 = 16;

const STRANGER: u16 = 1;
const OWNER: u16 = 1 << 1;
const PASSWORD: u16 = 1 << 2;
const DEVICE: u16 = 1 << 3;
const DATA: u16 = 1 << 4;
const MAIL: u16 = 1 << 5;
const RINGS: u16 = 1 << 6;
const DESK: u16 = 1 << 7;
const CALLED: u16 = 1 << 8;
const LINK_OPEN: u16 = 1 << 9;
/// Not signed in, and no sign-in in progress.
const OUT: u16 = 1 << 10;
const MAILBOX: u16 = 1 << 11;
/// A thief's cookie: most wait until its session must have ended, and some use it at once.
const COOKIE: u16 = 1 << 12;

/// One of so many thieves of cookies comes back while the session may still be alive.
const HASTY: u64 = 4;

impl Situation {
    pub(super) fn of(world: &World, who: PersonId, role: Role) -> Self {
        let (Some(person), Some(character)) = (world.person(who), world.story().people.get(who.index()))
        else {
            return Self { page: 0, is: 0 };
        };
        let all = [
            (STRANGER, role == Role::Stranger),
            (OWNER, role == Role::Owner),
            (PASSWORD, character.has.password),
            (DEVICE, character.has.devices || !character.holds.is_empty()),
            (DATA, character.has.personal_data),
            (MAIL, person.has_a_link()),
            (MAILBOX, !character.reads.is_empty()),
            (RINGS, person.is_on_the_phone()),
            (DESK, person.called_back().is_some()),
            (CALLED, world.has_called()),
            (LINK_OPEN, person.can_confirm()),
            (COOKIE, world.has_old_cookie(who) || (is_hasty(world, who) && world.has_live_cookie(who))),
            (OUT, person.page().is_none_or(|page| is_out(page.name))),
        ];
        let bits = all.into_iter().filter(|(_, is)| *is).fold(0, |bits, (bit, _)| bits | bit);
        let page = person.page();
        let offers = page.map_or(0, |page| page.offers.bits());
        Self {
            page: page.map_or(0, |page| 1 + 2 * page.name as usize + usize::from(page.notice.is_some())),
            is: u64::from(bits) | u64::from(offers) << OFFERS,
        }
    }

    /// The acts of [`ACTS`] whose needs all hold, as a bit set.
    pub(super) const fn acts(&self) -> u128 {
        let mut missing = NEEDED & !self.is;
        let mut out = 0;
        while missing != 0 {
            out |= NEEDING[missing.trailing_zeros() as usize];
            missing &= missing - 1;
        }
        ALL_ACTS & !out
    }

    /// The kind of page: its name, and whether it shows a notice. 0 without a page.
    pub(super) const fn page(&self) -> usize {
        self.page
    }
}

/// Whether a thief uses a copied cookie at once. It depends on the seed alone, as nothing else is drawn for it.
fn is_hasty(world: &World, who: PersonId) -> bool {
    world.story().seed.wrapping_add(u64::from(who.0)) % HASTY == 0
}

const fn is_out(page: PageName) -> bool {
    matches!(page, PageName::SignIn | PageName::Password | PageName::Forbidden | PageName::ContactSupport)
}

/// The weight of each of [`ACTS`]. A separate, compact array, as every move reads it.
pub(super) const WEIGHTS: [u32; ACTS.len()] = {
    let mut weights = [0; ACTS.len()];
    let mut place = 0;
    while place < ACTS.len() {
        weights[place] = ACTS[place].weight;
        place += 1;
    }
    weights
};

/// For each bit of [`Situation::is`], the acts that need it, as a bit set.
const NEEDING: [u128; u64::BITS as usize] = {
    let mut needing = [0; u64::BITS as usize];
    let mut place = 0;
    while place < ACTS.len() {
        let mut needs = ACTS[place].needs;
        while needs != 0 {
            needing[needs.trailing_zeros() as usize] |= 1 << place;
            needs &= needs - 1;
        }
        place += 1;
    }
    needing
};

/// The bits of [`Situation::is`] that any act needs.
const NEEDED: u64 = {
    let mut needed = 0;
    let mut place = 0;
    while place < ACTS.len() {
        needed |= ACTS[place].needs;
        place += 1;
    }
    needed
};

/// A bit for each of [`ACTS`].
const ALL_ACTS: u128 = u128::MAX >> (u128::BITS - ACTS.len() as u32);

/// Whether an act spans several pages, so that the person makes no other move meanwhile.
pub(super) const fn takes_its_time(act: Act) -> bool {
    matches!(act, Act::GetTo(_))
}

/// An act with its weight and preconditions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    act: Act,
    weight: u32,
    /// Bit set of conditions and offered controls, as in [`Situation::is`].
    needs: u64,
    with_number: bool,
}

impl Candidate {
    /// The act, with the stranger's own phone number filled in where the act takes one.
    pub(super) fn act(&self, number: Option<Number>) -> Act {
        match (self.act, number) {
            (Act::FileTicket(claim), number) if self.with_number => {
                Act::FileTicket(Claim { phone: number, ..claim })
            }
            (Act::GoTo(_), Some(number)) if self.with_number => Act::ChangePhone(number),
            (Act::PostPhone(_), Some(number)) if self.with_number => Act::PostPhone(number),
            (act, _) => act,
        }
    }

    /// Whether an impatient owner might repeat it.
    pub(super) const fn is_pressed_again(&self) -> bool {
        matches!(self.act, Act::Choose(Control::ResendEmail | Control::CallMe))
    }

    /// Whether a stranger might repeat it to exhaust a limit.
    pub(super) fn floods(&self) -> bool {
        matches!(
            self.act,
            Act::EnterCode(CodeChoice::Wrong)
                | Act::EnterPair(PairChoice::Wrong)
                | Act::Resync(PairChoice::Wrong)
                | Act::SignIn(_)
                | Act::Choose(Control::ResendEmail | Control::CallMe | Control::SendEmail)
                | Act::KeyIn(Keys::Wrong)
                | Act::TypeSpoken(SpokenChoice::Wrong)
                | Act::FileTicket(_)
        )
    }
}

const fn on(weight: u32, needs: u16, control: Control, act: Act) -> Candidate {
    Candidate { act, weight, needs: needs as u64 | 1 << (OFFERS + control as u32), with_number: false }
}

const fn any(weight: u32, needs: u16, act: Act) -> Candidate {
    Candidate { act, weight, needs: needs as u64, with_number: false }
}

const fn choose(weight: u32, needs: u16, control: Control) -> Candidate {
    on(weight, needs, control, Act::Choose(control))
}

const fn sign_in(user: UserChoice, password: PasswordChoice, code: Option<CodeChoice>) -> Act {
    Act::SignIn(With { user, password, code })
}

const fn link(nth: u16, browser: BrowserChoice) -> Act {
    Act::OpenLink(LinkChoice { nth, browser })
}

const fn forge(says: ForgedWords, signature: Authenticity) -> Act {
    Act::Forge(Forgery { says, signature })
}

const fn ticket(problem: Problem) -> Act {
    Act::FileTicket(Claim { problem, phone: None })
}

const fn numbered(candidate: Candidate) -> Candidate {
    Candidate { with_number: true, ..candidate }
}

/// An international premium-rate number (+979): calls to it cost the caller, as in toll fraud.
const PREMIUM: Number = Number::international(979_123_456_789);

/// All acts. At most 128, as each mover keeps a `u128` bit set of those it has tried.
pub(super) const ACTS: &[Candidate] = &[
    // Strangers, in the order of the flow.
    any(40, STRANGER | PASSWORD | OUT, sign_in(UserChoice::Own, PasswordChoice::Right, None)),
    any(30, STRANGER | PASSWORD | MAILBOX | OUT, Act::GetTo(PageName::VerifyPhone)),
    any(2, STRANGER | PASSWORD, sign_in(UserChoice::Own, PasswordChoice::Right, None)),
    any(3, STRANGER | PASSWORD, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Wrong))),
    any(6, STRANGER | OUT, sign_in(UserChoice::Own, PasswordChoice::Wrong, None)),
    any(3, STRANGER | OUT, sign_in(UserChoice::Nobody, PasswordChoice::Wrong, None)),
    on(10, STRANGER, Control::SubmitCode, Act::EnterCode(CodeChoice::Wrong)),
    on(3, STRANGER, Control::SubmitCode, Act::GuessAtOnce),
    on(3, STRANGER, Control::SubmitCode, Act::GuessAndDetour),
    on(3, STRANGER, Control::SubmitCode, Act::EnterCode(CodeChoice::Same)),
    on(8, STRANGER | DEVICE, Control::SubmitCode, Act::EnterCode(CodeChoice::Shown)),
    on(4, STRANGER, Control::Troubleshoot, Act::Resync(PairChoice::Wrong)),
    choose(14, STRANGER, Control::Troubleshoot),
    choose(5, STRANGER, Control::ChooseResync),
    choose(18, STRANGER, Control::ChooseAlternative),
    on(10, STRANGER, Control::SubmitPair, Act::EnterPair(PairChoice::Wrong)),
    on(4, STRANGER, Control::SubmitPair, Act::EnterPair(PairChoice::Again)),
    choose(18, STRANGER, Control::SendEmail),
    choose(8, STRANGER, Control::ResendEmail),
    any(24, STRANGER | MAIL, link(0, BrowserChoice::Same)),
    any(6, STRANGER | MAIL, link(1, BrowserChoice::Same)),
    any(5, STRANGER | MAIL, link(0, BrowserChoice::Other)),
    any(3, STRANGER | MAIL, link(1, BrowserChoice::Other)),
    any(2, STRANGER | MAIL, link(2, BrowserChoice::Same)),
    any(70, STRANGER | LINK_OPEN, Act::Confirm),
    choose(40, STRANGER, Control::CallMe),
    any(12, STRANGER | RINGS, Act::KeyIn(Keys::Code)),
    any(24, STRANGER | RINGS, Act::KeyIn(Keys::Wrong)),
    any(6, STRANGER | RINGS, Act::KeyIn(Keys::OldCode)),
    any(2, STRANGER | RINGS, Act::PickUp),
    any(2, STRANGER | RINGS, Act::HangUp),
    on(12, STRANGER, Control::SubmitSpoken, Act::TypeSpoken(SpokenChoice::Heard)),
    on(24, STRANGER, Control::SubmitSpoken, Act::GuessCalls),
    on(14, STRANGER, Control::SubmitSpoken, Act::TypeSpoken(SpokenChoice::OnThePage)),
    on(12, STRANGER, Control::SubmitSpoken, Act::TypeSpoken(SpokenChoice::Wrong)),
    choose(40, STRANGER, Control::FinishSignIn),
    on(12, STRANGER, Control::Deactivate, Act::Deactivate(DeviceChoice::First)),
    on(14, STRANGER, Control::BeginAssign, Act::Assign),
    numbered(on(8, STRANGER, Control::ChangePhone, Act::GoTo(PageName::SecurityCredentials))),
    numbered(any(2, STRANGER | PASSWORD, Act::PostPhone(Number::NONE))),
    choose(2, STRANGER, Control::SignOut),
    any(3, STRANGER, Act::GoTo(PageName::SecurityCredentials)),
    any(3, STRANGER, Act::GoTo(PageName::FinishSignIn)),
    any(2, STRANGER, Act::GoTo(PageName::VerifyPhone)),
    any(3, STRANGER | MAIL, Act::GoTo(PageName::VerifyEmail)),
    any(1, STRANGER, Act::GoTo(PageName::AssignDevice)),
    any(1, STRANGER, Act::GoTo(PageName::Resync)),
    any(1, STRANGER, Act::GoTo(PageName::MfaCode)),
    any(6, STRANGER | DATA, ticket(Problem::NoCall)),
    numbered(any(6, STRANGER | DATA, ticket(Problem::PhoneChanged))),
    any(20, STRANGER | DESK, Act::TakeCallBack(false)),
    any(2, STRANGER, Act::Use(BrowserChoice::Other)),
    any(1, STRANGER, Act::Use(BrowserChoice::Tab)),
    any(2, STRANGER, Act::Use(BrowserChoice::Same)),
    any(3, STRANGER | CALLED, forge(ForgedWords::Completed, Authenticity::Missing)),
    any(1, STRANGER | CALLED, forge(ForgedWords::Completed, Authenticity::Wrong)),
    any(6, STRANGER | CALLED, forge(ForgedWords::RightDigits, Authenticity::Missing)),
    any(3, STRANGER | CALLED, forge(ForgedWords::RightDigits, Authenticity::Wrong)),
    any(10, STRANGER | CALLED, Act::Replay(WebhookKind::Action)),
    any(1, STRANGER | CALLED, Act::Replay(WebhookKind::Status)),
    any(1, STRANGER | CALLED, Act::Replay(WebhookKind::Fetch)),
    any(5, STRANGER | OUT, sign_in(UserChoice::Other, PasswordChoice::Wrong, None)),
    any(40, STRANGER | PASSWORD | OUT, Act::BeginRecovery),
    on(5, STRANGER, Control::SubmitCode, Act::EnterCode(CodeChoice::Missing)),
    on(6, STRANGER, Control::ResendEmail, Act::OpenFound(FoundLink::OnPage)),
    on(6, STRANGER, Control::ResendEmail, Act::OpenFound(FoundLink::WorkedOut)),
    on(14, STRANGER, Control::ResendEmail, Act::KeepOpen(15)),
    on(18, STRANGER, Control::ResendEmail, Act::KeepOpen(90)),
    any(2, STRANGER | PASSWORD, Act::Post(Control::BeginAssign)),
    any(1, STRANGER | PASSWORD, Act::Post(Control::FinishSignIn)),
    any(1, STRANGER | PASSWORD, Act::Post(Control::CallMe)),
    // Owners: clumsy, hasty, or lured by another site; a few commit toll fraud.
    any(4, OWNER, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Shown))),
    any(4, OWNER, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Same))),
    any(8, OWNER, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Next))),
    any(8, OWNER, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::BeforeLast))),
    any(4, OWNER, sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Old))),
    any(3, OWNER, sign_in(UserChoice::Own, PasswordChoice::Wrong, None)),
    any(6, OWNER | MAIL, link(0, BrowserChoice::Same)),
    any(2, OWNER, sign_in(UserChoice::Other, PasswordChoice::Wrong, None)),
    on(6, OWNER, Control::SubmitCode, Act::EnterCode(CodeChoice::Wrong)),
    on(6, OWNER, Control::SubmitCode, Act::EnterCode(CodeChoice::Same)),
    on(4, OWNER, Control::SubmitCode, Act::EnterCode(CodeChoice::BeforeLast)),
    on(4, OWNER, Control::SubmitCode, Act::EnterCode(CodeChoice::Next)),
    on(3, OWNER, Control::Troubleshoot, Act::Resync(PairChoice::Again)),
    on(3, OWNER, Control::Troubleshoot, Act::Resync(PairChoice::SameTwice)),
    on(3, OWNER, Control::Troubleshoot, Act::Resync(PairChoice::Reversed)),
    on(3, OWNER, Control::Troubleshoot, Act::Resync(PairChoice::Apart)),
    choose(4, OWNER, Control::Troubleshoot),
    choose(4, OWNER, Control::ChooseResync),
    choose(6, OWNER, Control::ChooseAlternative),
    on(4, OWNER, Control::SubmitPair, Act::EnterPair(PairChoice::SameTwice)),
    on(4, OWNER, Control::SubmitPair, Act::EnterPair(PairChoice::Reversed)),
    on(4, OWNER, Control::SubmitPair, Act::EnterPair(PairChoice::Apart)),
    on(6, OWNER, Control::SubmitPair, Act::EnterPair(PairChoice::Again)),
    on(
        6,
        OWNER,
        Control::BeginAssign,
        sign_in(UserChoice::Own, PasswordChoice::Right, Some(CodeChoice::Old)),
    ),
    on(4, OWNER, Control::SubmitPair, Act::EnterPair(PairChoice::Consecutive)),
    choose(6, OWNER, Control::ResendEmail),
    any(6, OWNER | MAIL, link(1, BrowserChoice::Same)),
    any(4, OWNER | MAIL, link(0, BrowserChoice::Tab)),
    any(4, OWNER | MAIL, link(0, BrowserChoice::Other)),
    any(4, OWNER | MAIL, link(2, BrowserChoice::Same)),
    any(6, OWNER | LINK_OPEN, Act::Confirm),
    choose(8, OWNER, Control::CallMe),
    any(4, OWNER | RINGS, Act::KeyIn(Keys::Wrong)),
    any(4, OWNER | RINGS, Act::KeyIn(Keys::OldCode)),
    any(3, OWNER | RINGS, Act::KeyIn(Keys::Short)),
    any(4, OWNER | RINGS, Act::HangUp),
    on(8, OWNER, Control::Deactivate, Act::Deactivate(DeviceChoice::First)),
    on(6, OWNER, Control::BeginAssign, Act::Assign),
    on(2, OWNER, Control::ChangePhone, Act::ChangePhone(PREMIUM)),
    choose(3, OWNER, Control::SignOut),
    any(3, OWNER, Act::Press(4)),
    any(3, OWNER, Act::Use(BrowserChoice::Tab)),
    any(3, OWNER, Act::Use(BrowserChoice::Other)),
    any(2, OWNER, Act::Use(BrowserChoice::Same)),
    any(3, OWNER, Act::GoTo(PageName::SignIn)),
    any(2, OWNER, Act::GoTo(PageName::VerifyPhone)),
    any(2, OWNER, Act::GoTo(PageName::SecurityCredentials)),
    any(2, OWNER, Act::GoTo(PageName::FinishSignIn)),
    any(2, OWNER | DATA, ticket(Problem::NoCall)),
    any(3, OWNER, Act::CrossSite(Control::Deactivate)),
    any(2, OWNER, Act::CrossSite(Control::BeginAssign)),
    any(2, OWNER, Act::CrossSite(Control::SignOut)),
    any(2, OWNER, Act::CrossSite(Control::SendEmail)),
    any(2, OWNER, Act::CrossSite(Control::CallMe)),
    any(60, STRANGER | COOKIE, Act::ComeBack),
    on(4, OWNER, Control::Reactivate, Act::Reactivate),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_its_bits_and_every_act_can_be_written_down() {
        assert!(ACTS.len() <= 128, "{}", ACTS.len());
        let number = Number::read("+14155550100").unwrap();
        for candidate in ACTS {
            let act = candidate.act(Some(number));
            assert_eq!(crate::story::act(&crate::story::phrase(act)), Ok(act));
        }
    }
}
