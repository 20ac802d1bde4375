//! Reads the service's HTML into a [`Page`], as a browser would.

use scraper::{Html, Selector};

use crate::base::id::{AddressId, DeviceId};
use crate::base::number::Masked;
use crate::base::secret::{Code, Token};
use crate::event::{Control, Notice, PageName};
use crate::message::{Held, Offers, Page, Shown};
use crate::wire::form::Form;
use crate::wire::reference::otpauth;

/// A page, with the forms and the token that the browser needs for its next request.
#[derive(Clone, Debug)]
pub struct Read {
    /// What the reader sees.
    pub page: Page,
    /// The CSRF token of its forms.
    pub csrf: Option<String>,
    /// Each button's form: its path and its hidden fields.
    pub forms: Vec<(Control, String, Form)>,
}

/// Why a document is not one of the service's pages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAPage {
    /// The heading does not name a page.
    #[error("the heading `{0}` is not the title of a page")]
    Heading(String),
    /// The status line is not a known notice.
    #[error("`{0}` is not a known notice")]
    Notice(String),
}

/// Reads a page.
///
/// # Errors
/// [`NotAPage`] if the heading or the notice is unknown.
pub fn read(html: &str) -> Result<Read, NotAPage> {
    let document = Html::parse_document(html);
    let heading = text(&document, "h1").unwrap_or_default();
    let name = PageName::from_label(&heading).ok_or(NotAPage::Heading(heading))?;
    let notice = match text(&document, "p[role=status]") {
        None => None,
        Some(told) => Some(Notice::from_label(&told).ok_or(NotAPage::Notice(told))?),
    };
    let csrf = attribute(&document, "meta[name=csrf-token]", "content");
    let forms = forms(&document);
    let mut offers = forms.iter().fold(Offers::NONE, |offers, (control, ..)| offers.with(*control));
    for link in select(&document, "a") {
        if let Some(control) = Control::from_label(&link.text().collect::<String>()) {
            offers = offers.with(control);
        }
    }
    let page = Page { name, notice, shown: shown(&document, name, &forms), offers };
    Ok(Read { page, csrf, forms })
}

fn shown(document: &Html, name: PageName, forms: &[(Control, String, Form)]) -> Shown {
    if let Some(number) = text(document, "output#number").and_then(|text| Masked::read(&text)) {
        let code = text(document, "output#code").and_then(|text| Code::read(&text));
        return Shown::Phone { number, code };
    }
    if let Some(address) = attribute(document, "output#address", "data-address") {
        return address.parse().map_or(Shown::Nothing, |address| Shown::Address(AddressId(address)));
    }
    // An app that scans the QR code gets the URI in this link.
    let uri = attribute(document, "a#otpauth", "href");
    if let Some((kind, seed)) = uri.and_then(|uri| otpauth::read(&uri)) {
        let device = attribute(document, "section#enrolment", "data-device");
        let device = DeviceId(device.and_then(|text| text.parse().ok()).unwrap_or(u16::MAX));
        return Shown::Enrolment { device, kind, seed };
    }
    if name == PageName::SecurityCredentials && select(document, "ul#devices").next().is_some() {
        let mut held = Held::default();
        for item in select(document, "ul#devices li") {
            if let Some(device) = item.attr("data-device").and_then(|text| text.parse().ok()) {
                held.add(DeviceId(device));
            }
        }
        for item in select(document, "ul#stopped li") {
            if let Some(device) = item.attr("data-device").and_then(|text| text.parse().ok()) {
                held.add_stopped(DeviceId(device));
            }
        }
        return Shown::Devices(held);
    }
    let link = forms.iter().find(|(control, ..)| *control == Control::ConfirmLink);
    let token = link.and_then(|(_, _, form)| form.get("token")).and_then(Token::read);
    let token = token.or_else(|| text(document, "output#link").and_then(|text| Token::read(&text)));
    token.map_or(Shown::Nothing, Shown::Link)
}

/// The forms, by the text on their buttons.
fn forms(document: &Html) -> Vec<(Control, String, Form)> {
    let mut forms = Vec::new();
    for form in select(document, "form") {
        let (Ok(button), Ok(hidden)) = (Selector::parse("button"), Selector::parse("input[type=hidden]"))
        else {
            continue;
        };
        let label = form.select(&button).next().map(|button| button.text().collect::<String>());
        let Some(control) = label.and_then(|label| Control::from_label(&label)) else { continue };
        let fields = form.select(&hidden).fold(Form::new(), |fields, input| {
            fields.with(input.attr("name").unwrap_or_default(), input.attr("value").unwrap_or_default())
        });
        forms.push((control, form.attr("action").unwrap_or_default().to_owned(), fields));
    }
    forms
}

fn select<'a>(document: &'a Html, selector: &str) -> impl Iterator<Item = scraper::ElementRef<'a>> {
    let parsed = Selector::parse(selector).ok();
    let found: Vec<_> = parsed.iter().flat_map(|selector| document.select(selector)).collect();
    found.into_iter()
}

fn text(document: &Html, selector: &str) -> Option<String> {
    select(document, selector).next().map(|element| element.text().collect())
}

fn attribute(document: &Html, selector: &str, name: &str) -> Option<String> {
    select(document, selector).next()?.attr(name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::number::Number;
    use crate::base::otp::kinds;
    use crate::base::secret::Seed;
    use crate::story::Story;
    use crate::wire::reference::html;

    const STORY: &str = "\
about: Ana has her phone.
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    devices: { phone-app: {}, token: {} }
";

    fn story() -> Story {
        Story::read(STORY, "read.yaml").unwrap()
    }

    #[test]
    fn an_address_is_masked_and_devices_are_told_apart_by_name() {
        let page = |name, shown, offers| Page { name, notice: None, shown, offers: Offers::of(offers) };
        let told = |page: &Page| html::render(page, None, &story());
        let mail = told(&page(PageName::VerifyEmail, Shown::Address(AddressId(0)), &[]));
        assert!(mail.contains("a•••@example.com") && !mail.contains("ana@"), "{mail}");
        let mut held = Held::default();
        assert!(held.add(DeviceId(1)) && held.add(DeviceId(2)) && held.add_stopped(DeviceId(0)));
        let devices =
            told(&page(PageName::SecurityCredentials, Shown::Devices(held), &[Control::Deactivate]));
        for part in [
            ">token<",
            ">new device 1<",
            ">phone-app<",
            "\"Deactivate token\"",
            "\"Deactivate new device 1\"",
        ] {
            assert!(devices.contains(part), "{part}: {devices}");
        }
        let trouble = told(&page(PageName::TroubleshootMfa, Shown::Nothing, &[]));
        assert!(trouble.contains("lost, damaged or not working"), "{trouble}");
    }

    #[test]
    fn the_support_form_requires_what_support_needs() {
        let (shown, offers) = (Shown::Nothing, Offers::of(&[Control::SubmitTicket]));
        let page = Page { name: PageName::ContactSupport, notice: None, shown, offers };
        let form = html::render(&page, None, &story());
        for (field, required) in
            [("email", true), ("account-number", true), ("phone", false), ("full-name", true)]
        {
            let input =
                form.split("<input").find(|input| input.contains(&format!("name=\"{field}\""))).unwrap();
            let input = input.split('>').next().unwrap();
            assert_eq!(input.contains("required"), required, "{input}");
        }
        assert!(form.contains("<option>My MFA device is lost</option>"), "{form}");
    }

    fn shown() -> impl Strategy<Value = (PageName, Shown)> {
        let phone = ("[+][1-9][0-9]{8,12}", prop::option::of(0_u32..1_000_000)).prop_map(|(number, code)| {
            let number = Number::read(&number).unwrap().masked();
            (PageName::VerifyPhone, Shown::Phone { number, code: code.map(|code| Code::new(code, 6)) })
        });
        let devices = (prop::collection::vec(0_u16..900, 0..=8), 0_usize..=8).prop_map(|(devices, count)| {
            let mut held = Held::default();
            for (at, device) in devices.into_iter().enumerate() {
                let device = DeviceId(device);
                assert!(if at < count { held.add(device) } else { held.add_stopped(device) });
            }
            (PageName::SecurityCredentials, Shown::Devices(held))
        });
        let enrolment = (any::<u16>(), kinds(), any::<[u8; 20]>()).prop_map(|(device, kind, seed)| {
            let (device, seed) = (DeviceId(device), Seed::new(seed));
            (PageName::AssignDevice, Shown::Enrolment { device, kind, seed })
        });
        let plain = prop::sample::select(PageName::ALL.to_vec()).prop_filter_map("these show more", |name| {
            (name != PageName::SecurityCredentials).then_some((name, Shown::Nothing))
        });
        let address = (0_u16..9).prop_map(|at| (PageName::VerifyEmail, Shown::Address(AddressId(at))));
        prop_oneof![phone, devices, enrolment, address, plain]
    }

    proptest! {
        #[test]
        fn a_page_reads_back_as_it_is_written(
            (name, shown) in shown(),
            notice in prop::option::of(prop::sample::select(Notice::ALL.to_vec())),
            offers in prop::collection::vec(prop::sample::select(Control::on_pages().collect::<Vec<_>>()), 0..6),
        ) {
            let mut offers = Offers::of(&offers);
            if matches!(shown, Shown::Devices(held) if held.iter().next().is_none()) && offers.has(Control::Deactivate) {
                // Without devices there is no button.
                offers = Offers::NONE;
            }
            let page = Page { name, notice, shown, offers };
            let read = read(&html::render(&page, Some("token"), &story())).unwrap();
            prop_assert_eq!(read.page, page);
            prop_assert_eq!(read.csrf.as_deref(), Some("token"));
        }

        #[test]
        fn no_document_makes_the_reader_panic(html in ".*") {
            let _ = read(&html);
        }
    }

    #[test]
    fn a_page_that_says_that_the_call_failed_does_not_ask_for_its_code_as_if_it_came() {
        let number = Number::read("+34600000001").unwrap().masked();
        let shown = Shown::Phone { number, code: Some(Code::new(123_456, 6)) };
        let page = |notice| Page {
            name: PageName::VerifyPhone,
            notice: Some(notice),
            shown,
            offers: Offers::of(&[Control::CallMe]),
        };
        let calling = html::render(&page(Notice::Calling), None, &story());
        assert!(calling.contains("<p>Key in this code on the phone: "), "{calling}");
        let failed = html::render(&page(Notice::PhoneFailed), None, &story());
        assert!(failed.contains("<p>If the call comes after all, key in this code"), "{failed}");
        assert_eq!(read(&failed).unwrap().page, page(Notice::PhoneFailed));
    }

    #[test]
    fn a_link_behind_a_button_or_in_the_source_reads_back() {
        for (name, control) in
            [(PageName::ConfirmEmail, Control::ConfirmLink), (PageName::VerifyEmail, Control::ResendEmail)]
        {
            let (shown, offers) = (Shown::Link(Token::new(77)), Offers::of(&[control]));
            let page = Page { name, notice: None, shown, offers };
            assert_eq!(read(&html::render(&page, None, &story())).unwrap().page, page);
        }
    }
}
