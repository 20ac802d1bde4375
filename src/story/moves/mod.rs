//! Phrases of timed moves: the plain-English form of each [`Act`].
//!
//! [`phrase`] writes the phrase of an act, and [`act`] is its inverse: it looks the phrase up in the
//! table of all acts. Only acts with a parameter (a phone number, the ordinal of a link) are parsed.

mod device;
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use self::device::{device_of, ordinal};
use self::words::*;
use crate::base::id::DeviceId;
use crate::base::number::{BadNumber, Number};
use crate::base::time::Time;
use crate::event::{Control, DeviceChange, PageName, Problem};
use crate::message::Authenticity;
use crate::people::{Act, BrowserChoice, Claim, DeviceChoice, Forgery, LinkChoice, With};
use crate::story::nearest::nearest;

/// Why a phrase is not an act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPhrase {
    /// The phrase matches no act.
    #[error("there is no move `{phrase}`")]
    Unknown {
        /// The phrase.
        phrase: String,
        /// The nearest known phrase.
        near: Option<String>,
        /// The first word, if it is a known verb.
        verb: Option<String>,
        /// What can follow that verb; without a verb, one phrase of each kind.
        known: Vec<String>,
    },
    /// The phone number is invalid.
    #[error("{0}")]
    Number(BadNumber),
    /// The time of a backup is invalid.
    #[error("{0}")]
    Backup(String),
    /// The count or ordinal is not a number from 1 on.
    #[error("`{said}` is not the number of {of}")]
    Count {
        /// What is counted.
        of: &'static str,
        /// The text in place of the number.
        said: String,
    },
}

/// The phrase of an act, as read by [`act`].
pub fn phrase(act: Act) -> String {
    match act {
        Act::SignIn(With { user: who, password: which, code: None }) => {
            format!("signs in with {}{}", user(who), password(which))
        }
        Act::SignIn(With { user: who, password: which, code: Some(choice) }) => {
            format!("signs in with {}{} and {}", user(who), password(which), code(choice))
        }
        Act::EnterCode(choice) => format!("types {}", code(choice)),
        Act::GuessAtOnce => "types thirty wrong codes at once".to_owned(),
        Act::GuessCalls => "guesses at the codes of two calls".to_owned(),
        Act::GuessAndDetour => "guesses at codes between visits to alternative factors".to_owned(),
        Act::EnterPair(choice) => format!("types {}", pair(choice)),
        Act::Resync(choice) => format!("re-syncs with {}", pair(choice)),
        Act::Choose(control) => format!("chooses \"{}\"", control.label()),
        Act::GoTo(page) => format!("goes to \"{}\"", page.label()),
        Act::GetTo(page) => format!("gets as far as \"{}\"", page.label()),
        Act::OpenLink(LinkChoice { nth: 0, browser: which }) => {
            format!("opens the newest link{}", browser(which))
        }
        Act::OpenLink(LinkChoice { nth, browser: which }) => format!("{OPENS_LINK}{nth}{}", browser(which)),
        Act::Confirm => "confirms".to_owned(),
        Act::KeyIn(choice) => format!("keys in {}", keys(choice)),
        Act::PickUp => "picks up".to_owned(),
        Act::HangUp => "hangs up".to_owned(),
        Act::TypeSpoken(choice) => format!("types {}", spoken(choice)),
        Act::Take(device) => format!("{TAKES}{}{IN_HAND}", ordinal(device)),
        Act::Change(which, change) => device::phrase(which, change),
        Act::Press(times) => format!("{PRESSES}{times}{TIMES}"),
        Act::Deactivate(DeviceChoice::First) => "deactivates the device".to_owned(),
        Act::Deactivate(DeviceChoice::This(device)) => format!("{DEACTIVATES}{}", ordinal(device)),
        Act::Assign => "assigns a device".to_owned(),
        Act::Reactivate => "reactivates a device".to_owned(),
        Act::ChangePhone(number) => format!("{CHANGES_PHONE}{number}"),
        Act::ChangePassword(choice) => changes_password(choice).to_owned(),
        Act::SignOutEverywhere => SIGNS_OUT_EVERYWHERE.to_owned(),
        Act::React => REACTS.to_owned(),
        Act::PostPhone(number) => format!("{POSTS_PHONE}{number}"),
        Act::FileTicket(Claim { problem, phone: None }) => {
            format!("asks support because \"{}\"", problem.label())
        }
        Act::FileTicket(Claim { problem, phone: Some(number) }) => {
            format!("{}{GIVING_PHONE}{number}", phrase(Act::FileTicket(Claim { problem, phone: None })))
        }
        Act::TakeCallBack(true) => "takes the call-back and proves it".to_owned(),
        Act::TakeCallBack(false) => "takes the call-back without proof".to_owned(),
        Act::SignOut => "signs out".to_owned(),
        Act::Use(which) => format!("goes on in {}", place(which)),
        Act::CrossSite(control) => format!("is lured into posting \"{}\" from another site", control.label()),
        Act::BeginRecovery => "signs in and chooses alternative factors".to_owned(),
        Act::OpenFound(which) => format!("opens a link {}", found(which)),
        Act::KeepOpen(minutes) => format!("{KEEPS_OPEN}{minutes}{MINUTES}"),
        Act::Post(control) => format!("posts \"{}\" without its page", control.label()),
        Act::Forge(Forgery { says, signature }) => {
            let signed = if signature == Authenticity::Missing {
                "without a signature"
            } else {
                "with a wrong signature"
            };
            format!("forges {} {signed}", forged(says))
        }
        Act::Replay(webhook) => format!("posts the call's last {} once more", hook(webhook)),
        Act::StealCookie => "steals the session cookie".to_owned(),
        Act::ComeBack => "comes back with the stolen session cookie".to_owned(),
    }
}

/// Reads a phrase. Runs of whitespace count as one space.
///
/// # Errors
/// [`BadPhrase`] if no act has this phrase; it suggests the nearest one.
pub fn act(text: &str) -> Result<Act, BadPhrase> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(act) = PHRASES.get(text.as_str()) {
        return Ok(*act);
    }
    if let Some(number) = text.strip_prefix(CHANGES_PHONE) {
        return Number::read(number).map(Act::ChangePhone).map_err(BadPhrase::Number);
    }
    if let Some(number) = text.strip_prefix(POSTS_PHONE) {
        return Number::read(number).map(Act::PostPhone).map_err(BadPhrase::Number);
    }
    if let Some(link) = text.strip_prefix(OPENS_LINK) {
        return open_link(link);
    }
    if let Some(device) = text.strip_prefix(TAKES).and_then(|rest| rest.strip_suffix(IN_HAND)) {
        return device_of(device).map(Act::Take);
    }
    if let Some(device) = text.strip_prefix(DEACTIVATES) {
        return device_of(device).map(|device| Act::Deactivate(DeviceChoice::This(device)));
    }
    if let Some(times) = text.strip_prefix(PRESSES).and_then(|rest| rest.strip_suffix(TIMES)) {
        let count = count_of(times).ok_or_else(|| BadPhrase::Count { of: "presses", said: times.to_owned() });
        return count.map(Act::Press);
    }
    if let Some(minutes) = text.strip_prefix(KEEPS_OPEN).and_then(|rest| rest.strip_suffix(MINUTES)) {
        let count =
            count_of(minutes).ok_or_else(|| BadPhrase::Count { of: "minutes", said: minutes.to_owned() });
        return count.map(Act::KeepOpen);
    }
    if let Some(changed) = device::act(&text) {
        return changed;
    }
    if let Some((front, number)) = text.split_once(GIVING_PHONE)
        && let Some(Act::FileTicket(claim)) = PHRASES.get(front)
    {
        let phone = Some(Number::read(number).map_err(BadPhrase::Number)?);
        return Ok(Act::FileTicket(Claim { phone, ..*claim }));
    }
    Err(unknown(text))
}

fn open_link(text: &str) -> Result<Act, BadPhrase> {
    let elsewhere = [BrowserChoice::Other, BrowserChoice::Tab];
    let told = elsewhere.into_iter().find_map(|which| Some((text.strip_suffix(browser(which))?, which)));
    let (ordinal, browser) = told.unwrap_or((text, BrowserChoice::Same));
    let nth = count_of(ordinal).ok_or_else(|| BadPhrase::Count { of: "a link", said: ordinal.to_owned() })?;
    Ok(Act::OpenLink(LinkChoice { nth, browser }))
}

/// A positive whole number.
fn count_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|nth| *nth > 0 && !text.starts_with('+'))
}

/// The phrases of all acts without parameters.
static PHRASES: LazyLock<BTreeMap<String, Act>> = LazyLock::new(|| {
    let mut phrases: BTreeMap<String, Act> = acts().into_iter().map(|act| (phrase(act), act)).collect();
    for (also, same) in ALSO {
        if let Some(act) = phrases.get(*same).copied() {
            phrases.insert((*also).to_owned(), act);
        }
    }
    phrases
});

/// All acts without parameters, in the order of the flow.
pub(super) fn acts() -> Vec<Act> {
    let mut acts = Vec::new();
    for user in USERS.iter().copied() {
        for password in PASSWORDS.iter().copied() {
            acts.push(Act::SignIn(With { user, password, code: None }));
            acts.extend(CODES.iter().map(|code| Act::SignIn(With { user, password, code: Some(*code) })));
        }
    }
    acts.extend(CODES.iter().copied().map(Act::EnterCode));
    acts.extend(PAIRS.iter().copied().map(Act::EnterPair));
    acts.extend(Control::on_pages().map(Act::Choose));
    acts.extend(PAIRS.iter().copied().map(Act::Resync));
    acts.extend(PageName::ALL.iter().copied().map(Act::GoTo));
    acts.extend(PageName::ALL.iter().copied().map(Act::GetTo));
    acts.extend(BROWSERS.iter().map(|browser| Act::OpenLink(LinkChoice { nth: 0, browser: *browser })));
    acts.push(Act::Confirm);
    acts.extend(KEYS.iter().copied().map(Act::KeyIn));
    acts.extend([Act::PickUp, Act::HangUp, Act::GuessAtOnce, Act::GuessCalls, Act::GuessAndDetour]);
    acts.extend(SPOKEN.iter().copied().map(Act::TypeSpoken));
    acts.extend([Act::Deactivate(DeviceChoice::First), Act::Assign, Act::Reactivate]);
    acts.extend(Problem::ALL.iter().map(|problem| Act::FileTicket(Claim { problem: *problem, phone: None })));
    acts.extend([true, false].map(Act::TakeCallBack));
    acts.extend(PASSWORDS.iter().copied().map(Act::ChangePassword));
    acts.extend([Act::SignOut, Act::SignOutEverywhere, Act::React]);
    acts.extend(PLACES.iter().copied().map(Act::Use));
    acts.extend(ELSEWHERE.map(Act::CrossSite));
    for says in FORGED.iter().copied() {
        acts.extend(
            [Authenticity::Missing, Authenticity::Wrong]
                .map(|signature| Act::Forge(Forgery { says, signature })),
        );
    }
    acts.push(Act::BeginRecovery);
    acts.extend(FOUND.iter().copied().map(Act::OpenFound));
    acts.extend(UNOFFERED.map(Act::Post));
    acts.extend(HOOKS.iter().copied().map(Act::Replay));
    acts.extend([Act::StealCookie, Act::ComeBack]);
    acts
}

/// Suggests phrases for one that matches no act.
fn unknown(phrase_said: String) -> BadPhrase {
    let verb = phrase_said.split(' ').next().unwrap_or_default();
    let mut said: Vec<String> = acts().into_iter().map(phrase).collect();
    said.extend(counted());
    // A prefix of a known phrase is more likely unfinished than misspelled.
    let unfinished =
        said.iter().filter(|known| known.starts_with(&phrase_said)).min_by_key(|known| known.len());
    let near =
        unfinished.map(String::as_str).or_else(|| nearest(&phrase_said, said.iter().map(String::as_str)));
    let near = near.map(str::to_owned);
    let after_verb = |known: &String| known.strip_prefix(verb)?.strip_prefix(' ').map(str::to_owned);
    let follows: Vec<String> = said.iter().filter_map(after_verb).collect();
    let (verb, known) =
        if follows.is_empty() { (None, one_of_each_kind()) } else { (Some(verb.to_owned()), follows) };
    BadPhrase::Unknown { phrase: phrase_said, near, verb, known }
}

/// One example per verb, for a phrase whose verb is unknown.
fn one_of_each_kind() -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for said in acts().into_iter().map(phrase) {
        let verb = said.split(' ').next().unwrap_or_default();
        if !kinds.iter().any(|kind| kind.split(' ').next() == Some(verb)) {
            kinds.push(said);
        }
    }
    for said in counted() {
        let verb = said.split(' ').next().unwrap_or_default();
        if !kinds.iter().any(|kind| kind.split(' ').next() == Some(verb)) {
            kinds.push(said);
        }
    }
    kinds
}

/// Examples of phrases with parameters.
fn counted() -> [String; 12] {
    let changed = |change| device::phrase(DeviceId(0), change);
    let [lost, found, clock_set, battery] = CHANGES.map(|(change, ..)| changed(change));
    [
        format!("{OPENS_LINK}2"),
        format!("{TAKES}2{IN_HAND}"),
        format!("{PRESSES}3{TIMES}"),
        format!("{DEACTIVATES}2"),
        format!("{CHANGES_PHONE}+34600000001"),
        format!("{POSTS_PHONE}+34600000001"),
        format!("{KEEPS_OPEN}90{MINUTES}"),
        lost,
        found,
        clock_set,
        battery,
        changed(DeviceChange::Restored { backup: Time::ZERO }),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::people::{CodeChoice, PasswordChoice, UserChoice};

    fn numbers() -> impl Strategy<Value = Number> {
        r"\+?[0-9]{1,15}".prop_map(|text| Number::read(&text).unwrap())
    }

    fn changes() -> impl Strategy<Value = DeviceChange> {
        let backups = (0..90_000_000_u64)
            .prop_map(|millis| DeviceChange::Restored { backup: Time::from_millis(millis) });
        prop_oneof![proptest::sample::select(CHANGES.map(|(change, ..)| change).to_vec()), backups]
    }

    fn any_act() -> impl Strategy<Value = Act> {
        let browser = proptest::sample::select(BROWSERS);
        let problem = proptest::sample::select(Problem::ALL);
        prop_oneof![
            proptest::sample::select(acts()),
            (any::<u16>(), browser).prop_map(|(nth, browser)| Act::OpenLink(LinkChoice { nth, browser })),
            numbers().prop_map(Act::ChangePhone),
            numbers().prop_map(Act::PostPhone),
            (0..u16::MAX).prop_map(|place| Act::Take(DeviceId(place))),
            (0..u16::MAX).prop_map(|place| Act::Deactivate(DeviceChoice::This(DeviceId(place)))),
            (1..=u16::MAX).prop_map(Act::Press),
            (0..u16::MAX, changes()).prop_map(|(place, change)| Act::Change(DeviceId(place), change)),
            (1..=u16::MAX).prop_map(Act::KeepOpen),
            (problem, proptest::option::of(numbers()))
                .prop_map(|(problem, phone)| Act::FileTicket(Claim { problem, phone })),
        ]
    }

    proptest! {
        #[test]
        fn every_act_reads_back_as_it_is_written(act_drawn in any_act()) {
            prop_assert_eq!(act(&phrase(act_drawn)), Ok(act_drawn));
        }

        #[test]
        fn no_phrase_makes_the_reader_panic(text in ".*") {
            let _ = act(&text);
        }
    }

    #[test]
    fn each_act_has_a_phrase_of_its_own() {
        let all = acts();
        let phrases: std::collections::BTreeSet<String> = all.iter().map(|act| phrase(*act)).collect();
        assert_eq!(phrases.len(), all.len());
        for act_listed in all {
            assert_eq!(act(&phrase(act_listed)), Ok(act_listed));
        }
    }

    #[test]
    fn phrases_read_as_people_speak() {
        let sign_in = |password, code| Act::SignIn(With { user: UserChoice::Own, password, code });
        for (text, means) in [
            ("signs in", sign_in(PasswordChoice::Right, None)),
            (
                "signs in with the password and a wrong code",
                sign_in(PasswordChoice::Right, Some(CodeChoice::Wrong)),
            ),
            (
                "opens  link 2   in another browser",
                Act::OpenLink(LinkChoice { nth: 2, browser: BrowserChoice::Other }),
            ),
            ("opens the link", Act::OpenLink(LinkChoice { nth: 0, browser: BrowserChoice::Same })),
            (
                "changes the phone number to +34 600 000 002",
                Act::ChangePhone(Number::read("+34600000002").unwrap()),
            ),
            (
                "asks support because \"Other\" giving phone +34 600-000-002",
                Act::FileTicket(Claim {
                    problem: Problem::Other,
                    phone: Some(Number::read("+34600000002").unwrap()),
                }),
            ),
            ("goes to \"Step 2: phone number verification\"", Act::GoTo(PageName::VerifyPhone)),
        ] {
            assert_eq!(act(text), Ok(means), "{text}");
        }
    }

    #[test]
    fn the_nearest_phrase_is_named() {
        for (text, meant) in [
            ("signs in with password", Some("signs in with the password")),
            ("chooses \"Cal me now\"", Some("chooses \"Call me now\"")),
            ("keys in", Some("keys in the code")),
            ("dances", None),
        ] {
            let Err(BadPhrase::Unknown { near, known, .. }) = act(text) else { panic!("{text}") };
            assert_eq!(near.as_deref(), meant, "{text}");
            assert!(!known.is_empty());
        }
        let not_counted = |of, said: &str| Err(BadPhrase::Count { of, said: said.to_owned() });
        assert_eq!(act("opens link 0"), not_counted("a link", "0"));
        assert_eq!(act("opens link two"), not_counted("a link", "two"));
        assert_eq!(act("takes device 0 in hand"), not_counted("a device", "0"));
        assert_eq!(act("presses the button many times"), not_counted("presses", "many"));
        assert_eq!(act("loses device one"), not_counted("a device", "one"));
        let backup = "`10 o'clock` is not a time: it does not have the form `00:10:00`";
        assert_eq!(
            act("restores device 1 from the backup of 10 o'clock"),
            Err(BadPhrase::Backup(backup.to_owned()))
        );
        assert_eq!(act("changes the phone number to 34a"), Err(BadPhrase::Number(BadNumber::Character('a'))));
    }
}
