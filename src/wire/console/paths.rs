//! Where things are on the console: its origin, and the paths of actions, webhooks and admin requests.

use crate::crossing::Action;
use crate::crossing::Fields;
use crate::crossing::Link;
use crate::event::Control;
use crate::event::Path;
use crate::secret::Token;

/// The console's origin in mails, signatures and webhook URLs. It is the same in each play, and
/// resolved to loopback by our clients, so that no random port leaks into a trace.
pub const ORIGIN: &str = "http://console.test";

/// The console's host name.
pub const HOST: &str = "console.test";

/// The session's cookie.
pub const COOKIE: &str = "session";

/// The field of a form that holds its token.
pub const CSRF: &str = "csrf";

/// The admin request with which the desk resets MFA: `POST`, with [`DESK_CREDENTIAL`].
pub const RESET: &str = "/admin/reset-mfa";

/// The credential that the desk shows, as `Authorization: Bearer`.
pub const DESK_CREDENTIAL: &str = "desk-credential-of-this-play";

/// Where a call's requests go: this, the console's reference, and which request it is.
pub const VOICE: &str = "/voice/";

/// Where an action is sent.
pub fn of_action(action: &Action) -> String {
    match action.control().path() {
        Path::At(path) => path.to_owned(),
        Path::OfPage => action.fields().page().path().to_owned(),
        Path::WithToken(before) => {
            // A link that was wrapped on its way opens with what is left of it.
            let token = action.fields().token().map_or_else(|| "0123456789abcdef".to_owned(), Token::reveal);
            format!("{before}{token}")
        }
    }
}

/// Where a mail's link with this token leads.
pub fn of_link(token: Token) -> String {
    of_action(&Action::new(Control::FollowLink, Fields::Link(Some(Link::Token(token)))))
}

/// The token of the link that leads to this path, if a mail's link does.
pub fn token_at(path: &str) -> Option<Token> {
    let Path::WithToken(before) = Control::FollowLink.path() else { return None };
    path.strip_prefix(before).and_then(Token::read)
}
