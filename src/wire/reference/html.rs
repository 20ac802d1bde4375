//! The service's pages as HTML: labelled forms with a CSRF token, and no scripts.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::base::id::DeviceId;
use crate::base::otp::Kind;
use crate::base::secret::Seed;
use crate::event::{Control, Field, FormKind, Input, Notice, PageName, Path, Problem};
use crate::message::{Page, Shown};
use crate::story::Story;
use crate::wire::reference::{otpauth, paths};

/// Renders a page; `csrf` is the token for its forms, if the browser has a session. The story has the names of
/// devices and the texts of addresses.
pub fn render(page: &Page, csrf: Option<&str>, story: &Story) -> String {
    let calling = page.notice == Some(Notice::Calling);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // The page of step 2 refreshes itself while a call is under way.
                @if calling { meta http-equiv="refresh" content="10"; }
                @if let Some(csrf) = csrf { meta name="csrf-token" content=(csrf); }
                title { (page.name) }
            }
            body {
                h1 { (page.name) }
                @if let Some(notice) = page.notice { p role="status" { (notice) } }
                (explained(page))
                (shown(page, story))
                @for control in page.offers.iter() { (offered(page, control, csrf, story)) }
            }
        }
    };
    markup.into_string()
}

/// Which way is for whom, and what comes first.
fn explained(page: &Page) -> Markup {
    if page.offers.has(Control::ChangePassword) && !page.offers.has(Control::BeginAssign) {
        return html! {
            p {
                "Support was told of something that you did not do, so somebody else may know your password. \
                 Change it first: everything else on this page comes after that."
            }
        };
    }
    if page.name != PageName::TroubleshootMfa {
        return html! {};
    }
    html! {
        p {
            "Does your MFA device show codes that do not work? Choose \"" (Control::ChooseResync.label())
            "\" and type two consecutive codes."
        }
        p {
            "Is it lost, damaged or not working? Choose \"" (Control::ChooseAlternative.label())
            "\" and verify your email address and your phone number."
        }
    }
}

/// The name of a device in the story, or the number of a device that was assigned later.
fn named(device: DeviceId, story: &Story) -> String {
    let later = device.index().saturating_sub(story.devices.len()) + 1;
    let known = story.devices.get(device.index()).map(|device| device.name.clone());
    known.unwrap_or_else(|| format!("new device {later}"))
}

/// An address with its first character and its domain only.
fn masked(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    format!("{first}•••@{domain}")
}

fn shown(page: &Page, story: &Story) -> Markup {
    match page.shown {
        Shown::Address(address) => html! {
            p {
                "The email goes to "
                output #address data-address=(address.0) { (masked(story.address_text(address))) } "."
            }
        },
        // A service that leaks the link in its response has it in the page source, not in view.
        Shown::Link(token) if page.name == PageName::VerifyEmail => html! {
            output #link hidden { (token.reveal()) }
        },
        Shown::Nothing | Shown::Link(_) => html! {},
        Shown::Phone { number, code } => html! {
            p { "The number on file is " output #number { (number) } "." }
            @if let Some(code) = code {
                p { (key_in(page.notice)) output #code { (code.reveal_text()) } }
            }
        },
        Shown::Devices(held) => html! {
            h2 { "MFA devices" }
            ul #devices {
                @for device in held.iter() { li data-device=(device.0) { (named(device, story)) } }
            }
            @if held.stopped().next().is_some() {
                h2 { "MFA devices that no longer count" }
                ul #stopped {
                    @for device in held.stopped() { li data-device=(device.0) { (named(device, story)) } }
                }
                p {
                    "You signed in without these devices. Do you still have one of them? Type two \
                     consecutive codes of it to use it again."
                }
            }
        },
        Shown::Enrolment { device, kind, seed } => enrolment(device, kind, &seed),
    }
}

/// What to do with the code on the page of step 2. A call that failed, as far as the service knows, may still
/// ring: the phone company may have placed it without answering the order.
const fn key_in(notice: Option<Notice>) -> &'static str {
    match notice {
        Some(Notice::PhoneFailed) => "If the call comes after all, key in this code on the phone: ",
        _ => "Key in this code on the phone: ",
    }
}

/// The QR code of the otpauth URI, and the secret for typing.
fn enrolment(device: DeviceId, kind: Kind, seed: &Seed) -> Markup {
    let uri = otpauth::write(device, kind, seed);
    let code = uri.as_deref().and_then(|uri| qrcode::QrCode::new(uri).ok());
    let svg =
        code.map(|code| code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(180, 180).build());
    html! {
        section #enrolment data-device=(device.0) {
            p { "Scan this code with your authenticator app, then type two consecutive codes." }
            p { "Code type: " (kind) }
            @if let Some(svg) = svg { figure { (PreEscaped(svg)) } }
            @if let Some(uri) = uri { p { a #otpauth href=(uri) { "Open in an app on this device" } } }
            p { "Secret key: " output #secret { (secret_text(seed)) } }
        }
    }
}

/// A seed in Base32 (RFC 4648 section 6), as authenticator apps accept it.
pub fn secret_text(seed: &Seed) -> String {
    totp_rs::Secret::from(seed.reveal().to_vec()).to_base32()
}

fn offered(page: &Page, control: Control, csrf: Option<&str>, story: &Story) -> Markup {
    let Path::At(path) = control.path() else { return html! {} };
    if control.is_safe() {
        return html! { p { a href=(path) { (control.label()) } } };
    }
    if let (FormKind::Device, Shown::Devices(held)) = (control.form(), page.shown) {
        return html! {
            @for device in held.iter() {
                (form(path, control, csrf, Some((&device.0.to_string(), Some(named(device, story))))))
            }
        };
    }
    let token = if let Shown::Link(token) = page.shown { Some(token.reveal()) } else { None };
    form(path, control, csrf, token.as_deref().map(|token| (token, None)))
}

/// The form of a control; `hidden` is the value of its hidden field, and the name of what it stands for.
fn form(path: &str, control: Control, csrf: Option<&str>, hidden: Option<(&str, Option<String>)>) -> Markup {
    let (hidden, of) = hidden.map_or((None, None), |(value, of)| (Some(value), of));
    let says = of.map(|of| format!("{} {of}", control.label()));
    html! {
        form method="post" action=(path) {
            @if let Some(csrf) = csrf { input type="hidden" name=(paths::CSRF) value=(csrf); }
            @for field in control.form().fields() { (input(field, hidden)) }
            button type="submit" aria-label=[says.as_deref()] title=[says.as_deref()] { (control.label()) }
        }
    }
}

fn input(field: &Field, hidden: Option<&str>) -> Markup {
    let kind = match field.input {
        Input::Text => "text",
        Input::Email => "email",
        Input::Password => "password",
        Input::Phone => "tel",
        Input::Problem => {
            return html! {
                label { (field.label) " " select name=(field.name) {
                    @for problem in Problem::ALL { option { (problem) } }
                } }
            };
        }
        Input::Hidden => {
            return html! {
                @if let Some(hidden) = hidden { input type="hidden" name=(field.name) value=(hidden); }
            };
        }
    };
    html! {
        label {
            (field.label) " " input type=(kind) name=(field.name) autocomplete="off" required[field.required];
        }
    }
}

/// The HTTP status of a page.
pub const fn status(page: &Page) -> u16 {
    match page.name {
        PageName::Forbidden => 403,
        _ => 200,
    }
}
