//! Checks devices: kind, clock or counter, state; and resolves device names.

use serde_yaml::Spanned;

use crate::base::id::{AccountId, DeviceId};
use crate::base::otp::{BadKind, Kind, Spec};
use crate::base::time::{Epoch, Span, Time};
use crate::story::check::at;
use crate::story::error::{Checked, Found};
use crate::story::mistake::Mistake;
use crate::story::nearest::nearest;
use crate::story::raw::{RawDevice, Text};
use crate::story::{Account, Device, DeviceState, limit};

/// Checks a device and adds it to its account.
pub(super) fn checked(name: String, account: AccountId, raw: &RawDevice, epoch: Epoch) -> Checked<Device> {
    let kind = kind(raw)?;
    if kind.is_counter() {
        no_clock(raw)?;
    } else {
        no_counter(raw)?;
    }
    Ok(Device {
        name,
        account,
        kind,
        state: raw.state.unwrap_or(DeviceState::Works),
        clock_off: clock_off(raw, epoch)?,
        drift_ppm: drift_ppm(raw)?,
        counter: counted(raw.counter.as_ref(), "counter", limit::COUNTER_MAX)?,
        ran_ahead: counted(raw.ran_ahead.as_ref(), "ran-ahead", limit::RAN_AHEAD_MAX)?,
    })
}

fn bad(message: String, help: impl Into<String>) -> Mistake {
    Mistake::BadValue { message, help: help.into() }
}

fn kind(raw: &RawDevice) -> Checked<Kind> {
    let spec = Spec {
        kind: raw.kind.as_ref().map(|kind| kind.value).unwrap_or_default(),
        hash: raw.hash.as_ref().map(|hash| hash.value),
        digits: raw.digits.as_ref().map(|digits| digits.value),
        step: raw.step.as_ref().map(|step| step.value),
    };
    Kind::try_from(spec).map_err(|why| {
        let (place, help) = match why {
            BadKind::Digits(_) => (raw.digits.as_ref().map(at), "write `digits: 6`, 7 or 8"),
            BadKind::Step(_) => (raw.step.as_ref().map(at), "write whole seconds: `step: 60s`"),
            BadKind::HotpStep => (raw.step.as_ref().map(at), "remove `step`, or write `kind: totp`"),
            BadKind::HotpHash => (raw.hash.as_ref().map(at), "remove `hash`, or write `kind: totp`"),
        };
        Found::new(bad(why.to_string(), help), place.unwrap_or_default())
    })
}

/// An HOTP device has no clock, so it can be neither ahead, behind nor drifting.
fn no_clock(raw: &RawDevice) -> Checked<()> {
    let spans = [("ahead", &raw.ahead), ("behind", &raw.behind)];
    let span = spans.into_iter().find_map(|(field, said)| Some((field, at(said.as_ref()?))));
    match span.or_else(|| Some(("drift-ppm", at(raw.drift_ppm.as_ref()?)))) {
        None => Ok(()),
        Some((field, place)) => {
            let message = format!("an HOTP device counts codes and has no clock for `{field}`");
            Err(Found::new(
                bad(message, "write `ran-ahead: 20` for codes that were shown but never typed"),
                place,
            ))
        }
    }
}

/// A TOTP device has no counter.
fn no_counter(raw: &RawDevice) -> Checked<()> {
    let counter = raw.counter.as_ref().map(|counter| ("counter", at(counter)));
    match counter.or_else(|| Some(("ran-ahead", at(raw.ran_ahead.as_ref()?)))) {
        None => Ok(()),
        Some((field, place)) => {
            let message = format!("a TOTP device uses its clock and has no `{field}`");
            Err(Found::new(bad(message, "write `kind: hotp` for a token that counts"), place))
        }
    }
}

fn counted<T: Copy + Default + PartialOrd + std::fmt::Display>(
    said: Option<&Spanned<T>>,
    field: &str,
    most: T,
) -> Checked<T> {
    match said {
        None => Ok(T::default()),
        Some(said) if said.value <= most => Ok(said.value),
        Some(said) => {
            let message = format!("the number of codes is too large: `{field}: {}`", said.value);
            Err(Found::new(bad(message, format!("write at most {most}")), at(said)))
        }
    }
}

fn clock_off(raw: &RawDevice, epoch: Epoch) -> Checked<i64> {
    let millis = |span: Span| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Ok(match (&raw.ahead, &raw.behind) {
        (None, None) => 0,
        (Some(ahead), None) => millis(not_forever(ahead)?),
        (None, Some(behind)) if behind.value.as_millis() > epoch.unix_millis(Time::ZERO) => {
            let message = format!("`{}` behind is before 1970, when Unix time begins", behind.value);
            let help = "no authenticator can show a code for that time: write a shorter time";
            return Err(Found::new(bad(message, help), at(behind)));
        }
        (None, Some(behind)) => -millis(not_forever(behind)?),
        (Some(ahead), Some(behind)) => {
            return Err(Found::new(Mistake::AheadAndBehind, at(behind)).and(at(ahead), "first here"));
        }
    })
}

fn not_forever(span: &Spanned<Span>) -> Checked<Span> {
    if span.value == Span::FOREVER {
        let message = "a clock cannot be `forever` ahead".to_owned();
        return Err(Found::new(bad(message, "write how far: `20m`"), at(span)));
    }
    Ok(span.value)
}

fn drift_ppm(raw: &RawDevice) -> Checked<i32> {
    match &raw.drift_ppm {
        None => Ok(0),
        Some(drift) if drift.value.unsigned_abs() <= limit::DRIFT_PPM_MAX => Ok(drift.value),
        Some(drift) => {
            let message = format!("a clock cannot drift by {} parts per million", drift.value);
            let help = format!("write -{0} to {0}; a quartz clock stays within 100", limit::DRIFT_PPM_MAX);
            Err(Found::new(bad(message, help), at(drift)))
        }
    }
}

/// The name of a device, prefixed with the account (`ana/phone-app`) if another device has the same
/// name.
pub(in crate::story) fn called(device: &Device, devices: &[Device], accounts: &[Account]) -> String {
    let alike = devices.iter().filter(|other| other.name.to_lowercase() == device.name.to_lowercase());
    let account = accounts.get(device.account.index()).map_or("", |account| account.name.as_str());
    if alike.count() > 1 { format!("{account}/{}", device.name) } else { device.name.clone() }
}

/// Resolves a device name, as written by [`called`].
pub(super) fn find(said: &Text, devices: &[Device], accounts: &[Account]) -> Checked<DeviceId> {
    let wanted = said.value.to_lowercase();
    let names: Vec<String> = devices.iter().map(|device| called(device, devices, accounts)).collect();
    let place = names.iter().position(|name| name.to_lowercase() == wanted);
    place.and_then(|place| u16::try_from(place).ok()).map(DeviceId).ok_or_else(|| {
        let near = nearest(&said.value, names.iter().map(String::as_str)).map(str::to_owned);
        Found::new(Mistake::UnknownDevice { name: said.value.clone(), near, known: names }, at(said))
    })
}
