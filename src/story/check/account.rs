//! Checks accounts, their devices, and all email addresses of a story.

use std::ops::Range;

use crate::base::id::{AccountId, AddressId};
use crate::base::number::{BadNumber, Number};
use crate::base::secret::{Digest, Password};
use crate::base::time::Epoch;
use crate::story::check::{at, at_most, device, missing, name, text};
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::outline::Outline;
use crate::story::raw::{Named, RawAccount, RawDevice, Text};
use crate::story::{Account, Device, limit};

/// The length of an account number.
const NUMBER_DIGITS: usize = 12;

/// Help lines for missing fields.
const USER: &str = "add the user name, an email address: `user: ana@example.com`";
const PASSWORD: &str = "add one, any text will do: `password: correct horse battery staple`";
const NUMBER: &str = "add its 12 digits: `number: 1234 5678 9012`";
const EMAILS: &str = "list at least one, or omit `emails` to use the user name";

/// The accounts of a story, with their devices and addresses.
pub(super) struct Accounts {
    pub(super) accounts: Vec<Account>,
    pub(super) devices: Vec<Device>,
    pub(super) addresses: Addresses,
}

impl Accounts {
    /// Checks all accounts, in file order.
    pub(super) fn checked(named: Named<RawAccount>, epoch: Epoch, outline: &Outline<'_>) -> Checked<Self> {
        name::all(&named, limit::ACCOUNTS_MAX, "the story", "accounts")?;
        let mut all = Self { accounts: Vec::new(), devices: Vec::new(), addresses: Addresses::default() };
        let mut users: Vec<Range<usize>> = Vec::new();
        let mut numbers: Vec<Range<usize>> = Vec::new();
        for (name, mut raw) in named.0 {
            let devices = raw.devices.take().unwrap_or_default();
            let Placed { account, user, number } = all.account(&name, &raw, outline)?;
            if let Some(other) = all.accounts.iter().position(|other| other.user == account.user) {
                let (text, first) = (all.addresses.text(account.user), all.accounts[other].name.clone());
                let mistake = Mistake::SameUser { user: text.to_owned(), first, second: account.name };
                return Err(Found::new(mistake, user).and(users[other].clone(), "first here"));
            }
            if let Some(other) = all.accounts.iter().position(|other| other.number == account.number) {
                let first = all.accounts[other].name.clone();
                let mistake = Mistake::SameAccountNumber { first, second: account.name };
                return Err(Found::new(mistake, number).and(numbers[other].clone(), "first here"));
            }
            let id = AccountId(u16::try_from(all.accounts.len()).unwrap_or(u16::MAX));
            all.accounts.push(account);
            users.push(user);
            numbers.push(number);
            all.put_on_file(id, &name.value, devices, epoch)?;
        }
        Ok(all)
    }

    /// The names of all accounts, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.accounts.iter().map(|account| account.name.as_str())
    }

    fn account(&mut self, name: &Text, raw: &RawAccount, outline: &Outline<'_>) -> Checked<Placed> {
        let of = format!("account `{}`", name.value);
        let owner = at(name);
        let lacks = |field: &str, help: &str| {
            let place = outline.empty_field(owner.start, field).unwrap_or_else(|| owner.clone());
            missing(field, &of, place, help)
        };
        let user = raw.user.as_ref().ok_or_else(|| lacks("user", USER))?;
        let password = raw.password.as_ref().ok_or_else(|| lacks("password", PASSWORD))?;
        let number = raw.number.as_ref().ok_or_else(|| lacks("number", NUMBER))?;
        let user_id = self.addresses.checked(user)?;
        let emails = match &raw.emails {
            None => vec![user_id],
            Some(list) => {
                at_most(list, limit::EMAILS_MAX, &of, "addresses on file")?;
                let emails = self.addresses.all(list)?;
                if emails.is_empty() {
                    return Err(lacks("emails", EMAILS));
                }
                emails
            }
        };
        let full_name = raw.full_name.as_ref().map_or_else(|| Ok(name.value.clone()), text)?;
        let password_text = text(password)?;
        let account = Account {
            name: name.value.clone(),
            user: user_id,
            password: Password::of(&password_text),
            password_text,
            number: account_number(number)?,
            full_name_digest: Digest::of(&full_name),
            full_name,
            emails,
            phone: raw.phone.as_ref().map(phone_number).transpose()?,
        };
        Ok(Placed { account, user: at(user), number: at(number) })
    }

    fn put_on_file(
        &mut self,
        id: AccountId,
        account: &str,
        named: Named<RawDevice>,
        epoch: Epoch,
    ) -> Checked<()> {
        name::all(&named, limit::DEVICES_MAX, &format!("account `{account}`"), "devices")?;
        for (name, raw) in named.0 {
            self.devices.push(device::checked(name.value, id, &raw, epoch)?);
        }
        Ok(())
    }
}

/// An account, with the locations of user name and number for duplicate errors.
struct Placed {
    account: Account,
    user: Range<usize>,
    number: Range<usize>,
}

/// Reads a phone number. One that is not in E.164 is accepted: the phone company refuses it.
pub(super) fn phone_number(text: &Text) -> Checked<Number> {
    Number::read(&text.value).map_err(|bad| Found::new(bad_phone(bad), at(text)))
}

/// Keeps the message of [`BadNumber`] and drops its help; [`Mistake::BadPhone`] has its own.
pub(super) fn bad_phone(bad: BadNumber) -> Mistake {
    let why = bad.to_string();
    Mistake::BadPhone { why: why.split("; ").next().unwrap_or_default().to_owned() }
}

fn account_number(text: &Text) -> Checked<u64> {
    let digits: String = text.value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let why = match digits.chars().find(|c| !c.is_ascii_digit()) {
        Some(other) => format!("`{other}` is not a digit"),
        None => format!("it has {} digits", digits.len()),
    };
    let number = digits.parse().ok().filter(|_| digits.len() == NUMBER_DIGITS && !digits.starts_with('+'));
    number.ok_or_else(|| Found::new(Mistake::BadAccountNumber { text: text.value.clone(), why }, at(text)))
}

/// All email addresses of a story, in order of first mention.
#[derive(Default)]
pub(super) struct Addresses {
    texts: Vec<String>,
}

impl Addresses {
    /// Interns an address, ignoring case, and returns its id.
    pub(super) fn checked(&mut self, text: &Text) -> Checked<AddressId> {
        if let Some(why) = flaw(&text.value) {
            return Err(Found::new(Mistake::BadAddress { text: text.value.clone(), why }, at(text)));
        }
        let known = self.texts.iter().position(|known| known.eq_ignore_ascii_case(&text.value));
        let place = known.unwrap_or_else(|| {
            self.texts.push(text.value.clone());
            self.texts.len() - 1
        });
        Ok(u16::try_from(place).map_or(AddressId::UNKNOWN, AddressId))
    }

    /// The ids of a list of distinct addresses.
    pub(super) fn all(&mut self, list: &[Text]) -> Checked<Vec<AddressId>> {
        let mut ids = Vec::new();
        for (index, address) in list.iter().enumerate() {
            let id = self.checked(address)?;
            if let Some(first) = ids.iter().position(|known| *known == id) {
                let mistake = Mistake::SameAddress { address: address.value.clone() };
                return Err(Found::new(mistake, at(&list[index])).and(at(&list[first]), "first here"));
            }
            ids.push(id);
        }
        Ok(ids)
    }

    pub(super) fn into_texts(self) -> Vec<String> {
        self.texts
    }

    fn text(&self, id: AddressId) -> &str {
        self.texts.get(id.index()).map_or("", String::as_str)
    }
}

/// Why an address is invalid, if it is. Accepts the RFC 5321 form without quotes and address literals.
fn flaw(text: &str) -> Option<&'static str> {
    let Some((local, domain)) = text.split_once('@') else { return Some("it has no `@`") };
    let in_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let in_domain = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.len() > limit::ADDRESS_MAX || local.len() > 64 {
        Some("it is too long")
    } else if local.is_empty() {
        Some("there is nothing before the `@`")
    } else if !local.chars().all(in_local) || local.split('.').any(str::is_empty) {
        Some("the part before the `@` is not valid")
    } else if !domain.contains('.') {
        Some("there is no dot after the `@`")
    } else if !domain.split('.').all(in_domain) {
        Some("the part after the `@` is not a domain")
    } else {
        None
    }
}
