//! Checks timed moves: `TIME WHO DOES`, in order.

use std::ops::Range;

use crate::base::id::{AccountId, PersonId};
use crate::base::time::Time;
use crate::event::DeviceChange;
use crate::people::Act;
use crate::story::check::account::bad_phone;
use crate::story::check::in_order::{Misplaced, misplaced};
use crate::story::check::{at, at_most, device, name};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::moves::BadPhrase;
use crate::story::outline::Outline;
use crate::story::raw::Text;
use crate::story::{Account, Character, Device, Move, Role, limit, moment, moves};

/// Checks all moves.
pub(super) fn moves(
    lines: Vec<Text>,
    people: &[Character],
    (devices, accounts): (&[Device], &[Account]),
    outline: &Outline<'_>,
) -> Checked<Vec<Move>> {
    at_most(&lines, limit::MOVES_MAX, "the story", "moves")?;
    let read =
        |line: &Text| Line { text: &line.value, at: at(line), outline }.read(people, (devices, accounts));
    let all: Vec<Move> = lines.iter().map(read).collect::<Checked<_>>()?;
    let times: Vec<Time> = all.iter().map(|next| next.at).collect();
    let Some(misplaced) = misplaced(&times) else { return Ok(all) };
    let (one, other, says) = match misplaced {
        Misplaced::Above(one, other) => (one, other, "it belongs above this one"),
        Misplaced::Below(one, other) => (one, other, "it belongs below this one"),
    };
    Err(Found::new(Mistake::OutOfOrder, at(&lines[one])).and(at(&lines[other]), says))
}

/// A line of `moves`.
struct Line<'a> {
    text: &'a str,
    at: Range<usize>,
    outline: &'a Outline<'a>,
}

impl Line<'_> {
    fn read(&self, people: &[Character], on_file: (&[Device], &[Account])) -> Checked<Move> {
        let names = people.iter().map(|person| person.name.as_str());
        let (moment, rest) = self.moment(names.clone())?;
        let (who, does) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        if who.is_empty() {
            return Err(self.half("a person", names));
        }
        let person = name::person(who, names.clone()).map_err(|mistake| self.wrong(mistake, who))?;
        let does = does.trim();
        if does.is_empty() {
            return Err(self.half("an action", names));
        }
        let act = moves::act(does).or_else(|bad| {
            let own = people.get(usize::from(person)).map(|person| person.account);
            let named = own.and_then(|own| with_numbers(does, own, on_file));
            let named = named.unwrap_or_else(|| Err(with_names(bad, own, on_file)));
            named.map_err(|bad| self.bad_phrase(bad, does))
        })?;
        let made = Move { at: moment, who: PersonId(person), does: act };
        match people.get(usize::from(person)).and_then(|person| idle_change(&made, person, on_file)) {
            Some(mistake) => Err(self.wrong(mistake, does)),
            None => Ok(made),
        }
    }

    /// The time at the start of the line, and the rest.
    fn moment<'n>(&self, names: impl Iterator<Item = &'n str>) -> Checked<(Time, &str)> {
        let text = self.text.trim();
        let (first, rest) = word(text);
        let (days, clock, rest) = match moment::read_days(first) {
            None => (None, first, rest),
            Some(days) => {
                let (clock, rest) = word(rest);
                (Some(days.map_err(|why| self.bad_time(first, why))?), clock, rest)
            }
        };
        if !clock.contains(|c: char| c.is_ascii_digit()) {
            return Err(self.half("a time", names));
        }
        let time = moment::read_clock(clock).map_err(|why| self.bad_time(clock, why))?;
        Ok((days.map_or(time, |days| time + days), rest))
    }

    fn half<'n>(&self, lacks: &'static str, mut names: impl Iterator<Item = &'n str>) -> Box<Found> {
        let who = names.next().unwrap_or("ana").to_owned();
        Found::new(Mistake::HalfAMove { lacks, who }, self.at.clone())
    }

    fn bad_time(&self, text: &str, why: &'static str) -> Box<Found> {
        self.wrong(Mistake::BadTime { text: text.to_owned(), why }, text)
    }

    fn bad_phrase(&self, bad: BadPhrase, does: &str) -> Box<Found> {
        match bad {
            BadPhrase::Number(bad) => self.wrong(bad_phone(bad), does),
            other @ (BadPhrase::Unknown { .. } | BadPhrase::Count { .. } | BadPhrase::Backup(_)) => {
                self.wrong(Mistake::UnknownMove(other), does)
            }
        }
    }

    /// A mistake at the part of the line that contains it.
    fn wrong(&self, mistake: Mistake, part: &str) -> Box<Found> {
        Found::new(mistake, self.outline.part(self.at.clone(), part))
    }
}

/// Why a change of a device can never happen. Devices that are assigned later are not judged.
fn idle_change(
    made: &Move,
    person: &Character,
    (devices, accounts): (&[Device], &[Account]),
) -> Option<Mistake> {
    let Act::Change(device, change) = made.does else { return None };
    let known = devices.get(device.index())?;
    let (name, called) = (&person.name, device::called(known, devices, accounts));
    let has = known.account == person.account && (person.role == Role::Owner || person.has.devices);
    let (why, help) = match change {
        _ if !has => {
            (format!("{name} does not have `{called}`"), "let the person who has it do this".to_owned())
        }
        DeviceChange::Restored { backup } if backup > made.at => (
            format!("`{called}` cannot be restored from a backup of later"),
            "write a time before that of the move".to_owned(),
        ),
        DeviceChange::ClockSet if known.kind.is_counter() => {
            (format!("`{called}` counts button presses and has no clock"), "remove the move".to_owned())
        }
        DeviceChange::Restored { .. }
        | DeviceChange::ClockSet
        | DeviceChange::Lost
        | DeviceChange::Found
        | DeviceChange::BatteryReplaced => return None,
    };
    Some(Mistake::ChangeDoesNothing { why, help })
}

/// Reads a phrase that has the name of a device in place of `device 1`: `loses phone-app`. Where several
/// devices have this name, it is that of the person's account.
fn with_numbers(
    does: &str,
    own: AccountId,
    (devices, accounts): (&[Device], &[Account]),
) -> Option<Result<Act, BadPhrase>> {
    let (mine, others): (Vec<_>, Vec<_>) =
        devices.iter().enumerate().partition(|(_, device)| device.account == own);
    mine.into_iter().chain(others).find_map(|(place, known)| {
        let called = device::called(known, devices, accounts);
        let words = does.split_whitespace().map(|word| {
            let is_it = |name: &str| word.eq_ignore_ascii_case(name);
            let named = is_it(&called) || (known.account == own && is_it(&known.name));
            if named { format!("device {}", place + 1) } else { word.to_owned() }
        });
        match moves::act(&words.collect::<Vec<_>>().join(" ")) {
            Err(BadPhrase::Unknown { .. }) => None,
            read => Some(read),
        }
    })
}

/// Suggests phrases with the name of the person's first device.
fn with_names(
    mut bad: BadPhrase,
    own: Option<AccountId>,
    (devices, accounts): (&[Device], &[Account]),
) -> BadPhrase {
    let first = devices.iter().find(|device| Some(device.account) == own);
    if let (BadPhrase::Unknown { known, .. }, Some(first)) = (&mut bad, first) {
        let name = device::called(first, devices, accounts);
        for phrase in known {
            *phrase = phrase.replace("device 1", &name);
        }
    }
    bad
}

/// The first word, and the rest.
fn word(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use crate::base::id::DeviceId;
    use crate::event::DeviceChange;
    use crate::people::Act;
    use crate::story::Story;

    /// The act of this move in a story of two accounts whose devices have the same name.
    fn read(planned: &str) -> Result<Act, String> {
        let yaml = format!(
            "about: Two phones.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    devices: {{ phone-app: {{}}, token: {{ kind: hotp }} }}
  ben:
    user: ben@example.com
    password: staple battery horse correct
    number: 2234 5678 9012
    devices: {{ phone-app: {{}} }}
moves:
  - 00:01:00 {planned}
"
        );
        let story = Story::read(&yaml, "story.yaml").map_err(|error| error.rendered())?;
        Ok(story.moves[0].does)
    }

    #[test]
    fn a_move_can_name_a_device_and_means_that_of_its_person() {
        let lost = |device| Ok(Act::Change(DeviceId(device), DeviceChange::Lost));
        assert_eq!(read("ana loses phone-app"), lost(0));
        assert_eq!(read("ben loses Phone-App"), lost(2));
        assert_eq!(read("ana loses ana/phone-app"), lost(0));
        assert_eq!(read("ana loses device 2"), lost(1));
        assert_eq!(read("ana takes token in hand"), Ok(Act::Take(DeviceId(1))));
        let backup = crate::base::time::Time::from_millis(30_500);
        let restored = Act::Change(DeviceId(1), DeviceChange::Restored { backup });
        assert_eq!(read("ana restores token from the backup of 00:00:30.500"), Ok(restored));
    }

    #[test]
    fn a_change_that_cannot_happen_is_told() {
        for (planned, says) in [
            ("ben loses ana/phone-app", "ben does not have `ana/phone-app`"),
            ("ana restores token from the backup of 09:00:00", "from a backup of later"),
            ("ana sets the clock of token right", "counts button presses and has no clock"),
        ] {
            let told = read(planned).unwrap_err();
            assert!(told.contains(says), "{planned}: {told}");
        }
        assert!(read("ana restores token from the backup of 00:01:00").is_ok());
    }

    #[test]
    fn a_device_that_is_not_there_and_a_backup_of_no_time_are_told() {
        let says = read("ana loses telephone").unwrap_err();
        assert!(says.contains("there is no move `loses telephone`"), "{says}");
        assert!(says.contains("after `loses` comes `ana/phone-app`"), "{says}");
        let says = read("ana restores token from the backup of noon").unwrap_err();
        assert!(says.contains("from the backup of 00:10:00"), "{says}");
    }
}
