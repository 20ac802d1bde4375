//! Redirects after forms: POST, 303, GET (RFC 9110 section 15.4.4), so that a reload sends no form twice.
//!
//! The redirect leads to the path of the page, with its notice in the query, signed with the session cookie:
//! nobody can send a person a link to a page with a notice of their choice. The body of the 303 is the page
//! itself, for clients that follow no redirects.

use crate::base::secret::Token;
use crate::event::{Notice, PageName};
use crate::message::Page;
use crate::wire::form::Form;
use crate::wire::reference::decode;

/// Name of the query parameter with the number of the notice.
const NOTICE: &str = "notice";

/// Name of the query parameter with its signature.
const SIGNED: &str = "signed";

/// The target after a form, if `GET` shows the same page there. `cookie` is the one that the browser has from
/// now on.
pub(super) fn location(page: &Page, cookie: Option<Token>) -> Option<String> {
    let alone = matches!(page.name, PageName::ConfirmEmail | PageName::Forbidden);
    if alone {
        return None;
    }
    let path = page.name.path();
    let number = page.notice.and_then(|notice| Notice::ALL.iter().position(|known| *known == notice));
    Some(match number {
        None => path.to_owned(),
        Some(number) => {
            let number = number.to_string();
            let signed = signature(&number, cookie);
            format!("{path}?{NOTICE}={number}&{SIGNED}={signed}")
        }
    })
}

/// The notice that a redirect carried, if this session got it.
pub(super) fn notice(query: &str, cookie: Option<Token>) -> Option<Notice> {
    let fields = Form::read(query.as_bytes());
    let number = fields.get(NOTICE)?;
    if !decode::is_same(fields.get(SIGNED)?, &signature(number, cookie)) {
        return None;
    }
    Notice::ALL.get(number.parse::<usize>().ok()?).copied()
}

/// Without a cookie the signature proves nothing; the notices of that page only say that a session is over.
fn signature(number: &str, cookie: Option<Token>) -> String {
    decode::signature_of(cookie.unwrap_or(Token::new(0)), &format!("notice {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Offers, Shown};

    const COOKIE: Option<Token> = Some(Token::new(7));

    fn page(name: PageName, notice: Option<Notice>) -> Page {
        Page { name, notice, shown: Shown::Nothing, offers: Offers::NONE }
    }

    #[test]
    fn a_redirect_brings_its_notice_to_its_own_session() {
        for notice_shown in Notice::ALL.iter().copied() {
            for cookie in [COOKIE, None] {
                let target = location(&page(PageName::MfaCode, Some(notice_shown)), cookie).unwrap();
                let (at, query) = target.split_once('?').unwrap();
                assert_eq!(at, "/mfa");
                assert_eq!(notice(query, cookie), Some(notice_shown));
                assert_eq!(notice(query, Some(Token::new(8))), None);
                assert_eq!(notice(&query.replacen("notice=", "notice=1", 1), cookie), None);
            }
        }
        for query in ["", "notice", "notice=1", "notice=1&signed=", "signed=0", "notice=%ff&signed=%00"] {
            assert_eq!(notice(query, COOKIE), None, "{query}");
        }
    }

    #[test]
    fn a_page_without_an_address_of_its_own_is_not_redirected_to() {
        let plain = location(&page(PageName::SecurityCredentials, None), COOKIE);
        assert_eq!(plain.as_deref(), Some("/security-credentials"));
        for name in [PageName::ConfirmEmail, PageName::Forbidden] {
            assert_eq!(location(&page(name, None), COOKIE), None);
        }
    }
}
