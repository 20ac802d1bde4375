//! Decodes requests to the service into facts; the core decides on them.

use axum::http::{HeaderMap, Method, header};
use hmac::{KeyInit, Mac};

use crate::base::id::TicketId;
use crate::base::secret::{Password, Token};
use crate::event;
use crate::event::{Control, PageName, Path, Problem};
use crate::message::{Action, Authenticity, Fields, Link, PageRequest, ResetRequest};
use crate::story::Story;
use crate::wire::form::Form;
use crate::wire::reference::{fields, paths};

/// Decodes a page request; `None` if the service has no such page.
pub fn page_request(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &Form,
    story: &Story,
) -> Option<PageRequest> {
    let cookie = session_cookie(headers);
    let control = match *method {
        Method::GET => Control::at(event::Method::Get, path)?,
        // A `HEAD` request returns the headers of the corresponding `GET`.
        Method::HEAD => {
            Control::at(event::Method::Head, path).or_else(|| Control::at(event::Method::Get, path))?
        }
        Method::POST => Control::at(event::Method::Post, path)?,
        _ => return None,
    };
    let fields = match control.path() {
        Path::At(_) => fields::read(control, body, story),
        Path::OfPage => Fields::Page(PageName::at(path)?),
        Path::WithToken(_) => Fields::Link(paths::token_at(path).map(Link::Token)),
    };
    let action = Action::new(control, fields);
    let csrf = match (body.get(paths::CSRF), cookie) {
        (None, _) => Authenticity::Missing,
        (Some(shown), Some(cookie)) if is_csrf_of(cookie, shown) => Authenticity::Valid,
        (Some(_), _) => Authenticity::Wrong,
    };
    Some(PageRequest { cookie, csrf, action })
}

/// Decodes the desk's request to reset MFA; `None` if a field is missing or malformed.
pub fn reset_request(headers: &HeaderMap, body: &Form) -> Option<ResetRequest> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        None => Authenticity::Missing,
        Some(shown) if is_same(shown, paths::DESK_CREDENTIAL) => Authenticity::Valid,
        Some(_) => Authenticity::Wrong,
    };
    let ticket = TicketId(body.get("ticket")?.parse().ok()?);
    let account_number = body.get("account-number")?.parse().ok()?;
    let problem = body.get("problem").and_then(Problem::from_label).unwrap_or(Problem::Other);
    let password = body.get("password").map(Password::of);
    Some(ResetRequest { ticket, account_number, problem, password, credential })
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), other.as_bytes()).into()
}

/// The session cookie of a request (RFC 6265 section 5.4).
fn session_cookie(headers: &HeaderMap) -> Option<Token> {
    let mut pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs.find_map(paths::session_cookie)
}

/// The CSRF token for a session: a MAC keyed with the cookie, so that the server stores nothing.
pub fn csrf_of(cookie: Token) -> String {
    signature_of(cookie, "csrf token of this session's forms")
}

/// The signature of a text that only the session with this cookie gets.
pub(super) fn signature_of(cookie: Token, text: &str) -> String {
    mac(cookie, text).map_or_else(String::new, |mac| {
        mac.finalize().into_bytes().iter().take(16).fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _infallible = write!(text, "{byte:02x}");
            text
        })
    })
}

fn is_csrf_of(cookie: Token, shown: &str) -> bool {
    is_same(&csrf_of(cookie), shown)
}

fn mac(cookie: Token, text: &str) -> Option<hmac::Hmac<sha1::Sha1>> {
    // The cookie is 128 secret bits, enough for a key.
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(cookie.reveal().as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::id::{AddressId, DeviceId};
    use crate::base::number::Number;
    use crate::base::secret::{Code, Password};
    use crate::event::FormKind;
    use crate::message::TicketForm;
    use crate::people;

    const STORY: &str = "\
about: Ana has her phone.\n\
accounts:
  ana:
    user: ana@example.com
    password: correct horse battery staple
    number: 1234 5678 9012
    full-name: Ana Alvarez
    emails: [ana@example.com]
    phone: +34 600 000 001
    devices: { phone-app: {} }
";

    fn story() -> Story {
        Story::read(STORY, "decode.yaml").unwrap()
    }

    /// Any form of this kind that can be filled in.
    fn filled_in(kind: FormKind) -> BoxedStrategy<Fields> {
        let code = || prop::option::of((0_u32..1_000_000).prop_map(|code| Code::new(code, 6)));
        let token = any::<u128>().prop_map(|bits| Link::Token(Token::new(bits)));
        let link = prop::option::of(token).prop_map(Fields::Link);
        let number = || prop::option::of("[+][1-9][0-9]{8,12}".prop_map(|text| Number::read(&text).unwrap()));
        let user = || prop::sample::select(vec![AddressId(0), AddressId::UNKNOWN]);
        match kind {
            FormKind::Empty => Just(Fields::Empty).boxed(),
            FormKind::User => user().prop_map(Fields::User).boxed(),
            FormKind::Password => {
                prop::sample::select(vec!["correct horse battery staple", people::WRONG_PASSWORD])
                    .prop_map(|text| Fields::Password(Password::of(text)))
                    .boxed()
            }
            FormKind::NewPassword => {
                let texts = ["correct horse battery staple", people::WRONG_PASSWORD, "new password 1"];
                let password = || prop::sample::select(texts.to_vec()).prop_map(Password::of);
                (password(), prop::option::of(password()))
                    .prop_map(|(current, new)| Fields::NewPassword(current, new))
                    .boxed()
            }
            FormKind::Code | FormKind::SpokenCode => code().prop_map(Fields::Code).boxed(),
            FormKind::Pair => (code(), code()).prop_map(|(one, two)| Fields::Pair(one, two)).boxed(),
            FormKind::Link => link.boxed(),
            FormKind::Device => any::<u16>().prop_map(|device| Fields::Device(DeviceId(device))).boxed(),
            FormKind::Phone => number().prop_map(Fields::Phone).boxed(),
            FormKind::Ticket => {
                let problem = prop::sample::select(Problem::ALL);
                let full_name = story().accounts[0].full_name_digest;
                (problem, user(), 0_u64..1_000_000_000_000, number())
                    .prop_map(move |(problem, email, account_number, phone)| {
                        Fields::Ticket(TicketForm { problem, email, account_number, phone, full_name })
                    })
                    .boxed()
            }
        }
    }

    /// Any action that `control` can send.
    fn action(control: Control) -> BoxedStrategy<Action> {
        let fields = match control.path() {
            Path::At(_) => filled_in(control.form()),
            Path::OfPage => prop::sample::select(PageName::ALL).prop_map(Fields::Page).boxed(),
            Path::WithToken(_) => {
                any::<u128>().prop_map(|bits| Fields::Link(Some(Link::Token(Token::new(bits))))).boxed()
            }
        };
        fields.prop_map(move |fields| Action::new(control, fields)).boxed()
    }

    fn decoded(action: &Action, story: &Story) -> Option<PageRequest> {
        let method = match action.control().method() {
            event::Method::Get => Method::GET,
            event::Method::Head => Method::HEAD,
            event::Method::Post => Method::POST,
        };
        let body = Form::read(fields::write(action, story).body().as_bytes());
        page_request(&method, &paths::of_action(action), &HeaderMap::new(), &body, story)
    }

    proptest! {
        #[test]
        fn each_control_reads_back_as_a_browser_sends_it(
            actions in Control::ALL.iter().map(|control| action(*control)).collect::<Vec<_>>(),
        ) {
            let story = story();
            for action in actions {
                prop_assert_eq!(decoded(&action, &story).map(|request| request.action), Some(action));
            }
        }
    }

    #[test]
    fn the_headers_of_a_page_are_asked_for_like_the_page() {
        let (story, empty, none) = (story(), Form::new(), HeaderMap::new());
        let asked =
            |method, path| page_request(&method, path, &none, &empty, &story).map(|asked| asked.action);
        assert_eq!(asked(Method::HEAD, "/mfa"), Some(Action::open(PageName::MfaCode)));
        assert_eq!(asked(Method::GET, "/"), Some(Action::open(PageName::SignIn)));
        assert_eq!(asked(Method::PUT, "/mfa"), None);
        assert_eq!(asked(Method::POST, "/mfa"), None);
    }

    #[test]
    fn what_is_not_in_the_body_is_empty() {
        let (story, empty, none) = (story(), Form::new(), HeaderMap::new());
        for control in Control::ALL.iter().filter(|control| !control.is_safe()) {
            let Path::At(path) = control.path() else { panic!("{control:?} has no path") };
            let action = page_request(&Method::POST, path, &none, &empty, &story).unwrap().action;
            let (read, fields) = (action.fields(), Fields::Empty);
            assert_eq!(read.user(), fields.user());
            assert_eq!(read.password(), fields.password());
            assert_eq!(read.new_password(), fields.new_password());
            assert_eq!((read.code(), read.pair()), (fields.code(), fields.pair()));
            assert_eq!((read.token(), read.phone()), (fields.token(), fields.phone()));
            assert_eq!((read.device(), read.ticket()), (fields.device(), fields.ticket()));
        }
    }
}
