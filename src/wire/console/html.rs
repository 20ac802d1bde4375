//! The console's pages as HTML: real forms with labels, buttons and a token; no script.

use maud::DOCTYPE;
use maud::Markup;
use maud::PreEscaped;
use maud::html;

use crate::crossing::Offer;
use crate::crossing::Page;
use crate::crossing::Shown;
use crate::event::Notice;
use crate::event::PageName;
use crate::event::Problem;
use crate::id::DeviceId;
use crate::otp::Kind;
use crate::secret::Seed;
use crate::wire::console::otpauth;
use crate::wire::console::paths;

/// A page as HTML; `csrf` is the token for its forms, where its browser has a session.
pub fn render(page: &Page, csrf: Option<&str>) -> String {
    let calling = page.notice == Some(Notice::Calling);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // The page of step 2 goes on by itself while a call is under way.
                @if calling { meta http-equiv="refresh" content="10"; }
                @if let Some(csrf) = csrf { meta name="csrf-token" content=(csrf); }
                title { (page.name) }
            }
            body {
                h1 { (page.name) }
                @if let Some(notice) = page.notice { p role="status" { (notice) } }
                (shown(page))
                @for offer in page.offers.iter() { (offered(page, offer, csrf)) }
            }
        }
    };
    markup.into_string()
}

fn shown(page: &Page) -> Markup {
    match page.shown {
        // A service that gives the link away in its answer has it in the source, not for the eye.
        Shown::Link(token) if page.name == PageName::VerifyEmail => html! {
            output #link hidden { (token.reveal()) }
        },
        Shown::Nothing | Shown::Link(_) => html! {},
        Shown::Phone { number, code } => html! {
            p { "The number on file is " output #number { (number) } "." }
            @if let Some(code) = code {
                p { "Key in this code on the phone: " output #code { (code.reveal_text()) } }
            }
        },
        Shown::Devices(held) => html! {
            h2 { "MFA devices" }
            ul #devices {
                @for device in held.iter() { li data-device=(device.0) { (device) } }
            }
        },
        Shown::Enrolment { device, kind, seed } => enrolment(device, kind, &seed),
    }
}

/// The QR code of the otpauth URI, and the secret for those who type it.
fn enrolment(device: DeviceId, kind: Kind, seed: &Seed) -> Markup {
    let uri = otpauth::write(device, kind, seed);
    let code = uri.as_deref().and_then(|uri| qrcode::QrCode::new(uri).ok());
    let svg =
        code.map(|code| code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(180, 180).build());
    html! {
        section #enrolment data-device=(device.0) {
            p { "Scan this code with your authenticator app, then type two consecutive codes." }
            p { "The device makes codes by " (kind) "." }
            @if let Some(svg) = svg { figure { (PreEscaped(svg)) } }
            @if let Some(uri) = uri { p { a #otpauth href=(uri) { "Open in an app on this device" } } }
            p { "Secret key: " output #secret { (secret_text(seed)) } }
        }
    }
}

/// A seed in Base32 (RFC 4648 section 6), as authenticator apps take it.
pub fn secret_text(seed: &Seed) -> String {
    totp_rs::Secret::from(seed.reveal().to_vec()).to_base32()
}

fn offered(page: &Page, offer: Offer, csrf: Option<&str>) -> Markup {
    let path = paths::of_offer(offer);
    if offer == Offer::Support {
        return html! { p { a href=(path) { (offer.label()) } } };
    }
    if let (Offer::Deactivate, Shown::Devices(held)) = (offer, page.shown) {
        return html! {
            @for device in held.iter() {
                (form(path, offer, csrf, &html! { input type="hidden" name="device" value=(device.0); }))
            }
        };
    }
    form(path, offer, csrf, &fields(page, offer))
}

fn form(path: &str, offer: Offer, csrf: Option<&str>, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(path) {
            @if let Some(csrf) = csrf { input type="hidden" name=(paths::CSRF) value=(csrf); }
            (fields)
            button type="submit" { (offer.label()) }
        }
    }
}

fn fields(page: &Page, offer: Offer) -> Markup {
    match offer {
        Offer::Next => html! { (input("User name", "user", "email")) },
        Offer::SignIn => html! { (input("Password", "password", "password")) },
        Offer::SubmitCode => html! { (input("MFA code", "code", "text")) },
        Offer::SubmitPair | Offer::FinishAssign => html! {
            (input("MFA code 1", "code1", "text"))
            (input("MFA code 2", "code2", "text"))
        },
        Offer::SubmitSpoken => html! { (input("The code you heard", "code", "text")) },
        Offer::ConfirmEmail => html! {
            @if let Shown::Link(token) = page.shown {
                input type="hidden" name="token" value=(token.reveal());
            }
        },
        Offer::ChangePhone => html! { (input("Phone number", "phone", "tel")) },
        Offer::SubmitTicket => html! {
            label { "Problem " select name="problem" {
                @for problem in Problem::ALL { option { (problem) } }
            } }
            (input("E-mail address", "email", "email"))
            (input("Account number", "account-number", "text"))
            (input("Phone number", "phone", "tel"))
            (input("Full name", "full-name", "text"))
        },
        Offer::Troubleshoot
        | Offer::Resync
        | Offer::Alternative
        | Offer::SendEmail
        | Offer::ResendEmail
        | Offer::CallMe
        | Offer::FinishSignIn
        | Offer::Deactivate
        | Offer::Assign
        | Offer::SignOut
        | Offer::Support => html! {},
    }
}

fn input(label: &str, name: &str, kind: &str) -> Markup {
    html! { label { (label) " " input type=(kind) name=(name) autocomplete="off"; } }
}

/// The HTTP status that goes with a page.
pub const fn status(page: &Page) -> u16 {
    match page.name {
        PageName::Forbidden => 403,
        _ => 200,
    }
}
