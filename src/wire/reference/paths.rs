//! The service's origin and the paths of its pages, webhooks and admin requests.

use crate::base::secret::Token;
use crate::event::{Control, Path};
use crate::message::{Action, Fields, Link};

/// The service's origin in emails, signatures and webhook URLs. It is the same in each play, and
/// clients resolve it to loopback, so that no random port appears in a trace.
pub const ORIGIN: &str = "http://console.test";

/// The service's host name.
pub const HOST: &str = "console.test";

/// Name of the session cookie.
pub const COOKIE: &str = "session";

/// Name of the form field with the CSRF token.
pub const CSRF: &str = "csrf";

/// Path of the desk's MFA reset: `POST`, with [`DESK_CREDENTIAL`].
pub const RESET: &str = "/admin/reset-mfa";

/// The desk's credential, sent as `Authorization: Bearer`.
pub const DESK_CREDENTIAL: &str = "desk-credential-of-this-play";

/// Path prefix of webhooks, followed by the service's reference for the call and the kind of request.
pub const VOICE: &str = "/voice/";

/// The path of an action.
pub fn of_action(action: &Action) -> String {
    match action.control().path() {
        Path::At(path) => path.to_owned(),
        Path::OfPage => action.fields().page().path().to_owned(),
        Path::WithToken(before) => {
            // A link that was split by a line break opens with the rest of its token.
            let token = action.fields().token().map_or_else(|| "0123456789abcdef".to_owned(), Token::reveal);
            format!("{before}{token}")
        }
    }
}

/// The session cookie in the text of a `Cookie` header (RFC 6265 section 5.4).
pub fn session_cookie(header: &str) -> Option<Token> {
    let mut named = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    named.find_map(|(name, value)| (name == COOKIE).then(|| Token::read(value)))?
}

/// The path of the link with this token in an email.
pub fn of_link(token: Token) -> String {
    of_action(&Action::new(Control::FollowLink, Fields::Link(Some(Link::Token(token)))))
}

/// The token in the path of an email's link; `None` for any other path.
pub fn token_at(path: &str) -> Option<Token> {
    let Path::WithToken(before) = Control::FollowLink.path() else { return None };
    path.strip_prefix(before).and_then(Token::read)
}
