//! What a request to the console says: bytes in, stated facts out. The core decides on them.

use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::header;
use hmac::KeyInit;
use hmac::Mac;

use crate::crossing::Action;
use crate::crossing::Link;
use crate::crossing::PageRequest;
use crate::crossing::Proof;
use crate::crossing::ResetRequest;
use crate::crossing::TicketForm;
use crate::event::PageName;
use crate::event::Problem;
use crate::id::DeviceId;
use crate::id::TicketId;
use crate::number::Number;
use crate::secret::Code;
use crate::secret::Digest;
use crate::secret::Password;
use crate::secret::Token;
use crate::story::Story;
use crate::wire::console::paths;
use crate::wire::form::Form;

/// The page request that `method`, `path`, headers and body make; `None` if the console has
/// nothing there.
pub fn page_request(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &Form,
    story: &Story,
) -> Option<PageRequest> {
    let cookie = session_cookie(headers);
    let action = match *method {
        Method::GET => get(path)?,
        Method::HEAD => match get(path)? {
            Action::FollowLink(link) => Action::ProbeLink(link),
            other => other,
        },
        Method::POST => post(path, body, story)?,
        _ => return None,
    };
    let csrf = match (body.get(paths::CSRF), cookie) {
        (None, _) => Proof::Missing,
        (Some(shown), Some(cookie)) if is_csrf_of(cookie, shown) => Proof::Valid,
        (Some(_), _) => Proof::Wrong,
    };
    Some(PageRequest { cookie, csrf, action })
}

fn get(path: &str) -> Option<Action> {
    if let Some(token) = path.strip_prefix(paths::LINK) {
        return Some(Action::FollowLink(Token::read(token).map(Link::Token)));
    }
    if path == "/" {
        return Some(Action::Open(PageName::SignIn));
    }
    paths::page_at(path).map(Action::Open)
}

fn post(path: &str, body: &Form, story: &Story) -> Option<Action> {
    let code = |name: &str| body.get(name).and_then(Code::read);
    let number = |name: &str| body.get(name).and_then(|text| Number::read(text).ok());
    Some(match path {
        "/sign-in/user" => Action::SubmitUser(story.address(body.get("user").unwrap_or_default())),
        "/sign-in/password" => Action::SubmitPassword(Password::of(body.get("password").unwrap_or_default())),
        "/mfa/code" => Action::SubmitCode(code("code")),
        "/mfa/choose/troubleshoot" => Action::Troubleshoot,
        "/mfa/choose/re-sync" => Action::ChooseResync,
        "/mfa/choose/alternative" => Action::ChooseAlternative,
        "/mfa/re-sync" => Action::SubmitPair(code("code1"), code("code2")),
        "/recovery/email" => Action::SendEmail,
        "/verify" => Action::ConfirmLink(body.get("token").and_then(Token::read)),
        "/recovery/call" => Action::CallMe,
        "/recovery/phone" => Action::SubmitSpoken(code("code")),
        "/recovery/finish" => Action::FinishSignIn,
        "/security-credentials/deactivate" => {
            let device = body.get("device").and_then(|text| text.parse().ok());
            Action::Deactivate(DeviceId(device.unwrap_or(u16::MAX)))
        }
        "/security-credentials/begin" => Action::BeginAssign,
        "/security-credentials/assign" => Action::FinishAssign(code("code1"), code("code2")),
        "/security-credentials/phone" => Action::ChangePhone(number("phone")),
        "/sign-out" => Action::SignOut,
        "/support" => Action::SubmitTicket(ticket_form(body, story)),
        _ => return None,
    })
}

/// A support form, as page 10 and the desk's API hold it.
pub fn ticket_form(body: &Form, story: &Story) -> TicketForm {
    let problem = body.get("problem").and_then(Problem::from_label);
    let digits = body.get("account-number").unwrap_or_default();
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    TicketForm {
        problem: problem.unwrap_or(Problem::Other),
        email: story.address(body.get("email").unwrap_or_default()),
        account_number: digits.parse().unwrap_or(0),
        phone: body.get("phone").and_then(|text| Number::read(text).ok()),
        full_name: Digest::of(body.get("full-name").unwrap_or_default()),
    }
}

/// The desk's request to reset MFA; `None` if its form says nothing that can be read.
pub fn reset_request(headers: &HeaderMap, body: &Form) -> Option<ResetRequest> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        None => Proof::Missing,
        Some(shown) if is_same(shown, paths::DESK_CREDENTIAL) => Proof::Valid,
        Some(_) => Proof::Wrong,
    };
    let ticket = TicketId(body.get("ticket")?.parse().ok()?);
    Some(ResetRequest { ticket, account_number: body.get("account-number")?.parse().ok()?, credential })
}

fn is_same(one: &str, other: &str) -> bool {
    subtle::ConstantTimeEq::ct_eq(one.as_bytes(), other.as_bytes()).into()
}

/// The session cookie of a request (RFC 6265 section 5.4).
fn session_cookie(headers: &HeaderMap) -> Option<Token> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut named = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    named.find_map(|(name, value)| (name == paths::COOKIE).then(|| Token::read(value)))?
}

/// The token for the forms of the browser that holds this cookie: a MAC of the cookie, so that
/// nothing has to be kept for it.
pub fn csrf_of(cookie: Token) -> String {
    mac(cookie).map_or_else(String::new, |mac| {
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

fn mac(cookie: Token) -> Option<hmac::Hmac<sha1::Sha1>> {
    // The cookie is 128 secret bits: as a key it needs no other.
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(cookie.reveal().as_bytes()).ok()?;
    mac.update(b"csrf token of this session's forms");
    Some(mac)
}
