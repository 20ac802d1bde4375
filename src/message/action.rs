//! A browser's request to the service: a control and the fields of its form.

use crate::base::id::{AddressId, DeviceId};
use crate::base::number::Number;
use crate::base::secret::{Code, Digest, Password, Token};
use crate::event::{Control, PageName, Problem};
use crate::message::{Link, TicketForm};

/// A request to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    control: Control,
    fields: Fields,
}

/// The parsed fields of a request. A missing or unreadable value is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// No fields.
    Empty,
    /// The page to open.
    Page(PageName),
    /// The user name.
    User(AddressId),
    /// The password.
    Password(Password),
    /// An MFA code, or the code spoken by a call.
    Code(Option<Code>),
    /// Two MFA codes.
    Pair(Option<Code>, Option<Code>),
    /// The link of an email; `None` if it does not have the form of a link.
    Link(Option<Link>),
    /// A device of the account.
    Device(DeviceId),
    /// A phone number.
    Phone(Option<Number>),
    /// The current password and a new one; `None` if the field for the new one is empty.
    NewPassword(Password, Option<Password>),
    /// The support form.
    Ticket(TicketForm),
}

impl Action {
    /// The request of `control` with `fields`.
    pub const fn new(control: Control, fields: Fields) -> Self {
        match control {
            Control::Support => Self::open(PageName::ContactSupport),
            control => Self { control: control.request(), fields },
        }
    }

    /// The request of `control` without fields.
    pub const fn of(control: Control) -> Self {
        Self::new(control, Fields::Empty)
    }

    /// `GET` of a page.
    pub const fn open(page: PageName) -> Self {
        Self { control: Control::Open, fields: Fields::Page(page) }
    }

    /// The control that names the request in traces.
    pub const fn control(&self) -> Control {
        self.control
    }

    /// The fields.
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether the request does not go to the reference service, because the link is from a foreign email.
    pub const fn leads_elsewhere(&self) -> bool {
        matches!(self.fields, Fields::Link(Some(Link::Url(_))))
    }
}

/// Accessors treat a field that the request does not have as empty, as in any form.
impl Fields {
    /// The page to open; the sign-in page by default.
    pub const fn page(&self) -> PageName {
        if let Self::Page(page) = *self { page } else { PageName::SignIn }
    }

    /// The user name.
    pub const fn user(&self) -> AddressId {
        if let Self::User(user) = *self { user } else { AddressId::UNKNOWN }
    }

    /// The password.
    pub fn password(&self) -> Password {
        if let Self::Password(password) = *self { password } else { Password::of("") }
    }

    /// The current password and the new one.
    pub fn new_password(&self) -> (Password, Option<Password>) {
        if let Self::NewPassword(current, new) = *self { (current, new) } else { (Password::of(""), None) }
    }

    /// The code.
    pub const fn code(&self) -> Option<Code> {
        if let Self::Code(code) = *self { code } else { None }
    }

    /// The two codes.
    pub const fn pair(&self) -> (Option<Code>, Option<Code>) {
        if let Self::Pair(first, second) = *self { (first, second) } else { (None, None) }
    }

    /// The token of the link, if it leads to the reference service.
    pub const fn token(&self) -> Option<Token> {
        if let Self::Link(Some(Link::Token(token))) = *self { Some(token) } else { None }
    }

    /// The device.
    pub const fn device(&self) -> DeviceId {
        if let Self::Device(device) = *self { device } else { DeviceId(u16::MAX) }
    }

    /// The phone number.
    pub const fn phone(&self) -> Option<Number> {
        if let Self::Phone(number) = *self { number } else { None }
    }

    /// The support form.
    pub fn ticket(&self) -> TicketForm {
        if let Self::Ticket(form) = *self {
            return form;
        }
        TicketForm {
            problem: Problem::Other,
            email: AddressId::NONE,
            account_number: 0,
            phone: None,
            full_name: Digest::of(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::UrlId;

    #[test]
    fn two_texts_that_send_the_same_request_are_the_same_action() {
        assert_eq!(Action::of(Control::ResendEmail), Action::of(Control::SendEmail));
        assert_eq!(Action::of(Control::Support), Action::open(PageName::ContactSupport));
        for control in Control::ALL.iter().copied() {
            assert_eq!(Action::of(control).control(), control.request());
        }
    }

    #[test]
    fn only_the_link_of_a_foreign_mail_leads_elsewhere() {
        let (own, foreign) = (Link::Token(Token::new(7)), Link::Url(UrlId(7)));
        for (link, token, elsewhere) in
            [(None, None, false), (Some(own), Some(Token::new(7)), false), (Some(foreign), None, true)]
        {
            let action = Action::new(Control::FollowLink, Fields::Link(link));
            assert_eq!((action.fields().token(), action.leads_elsewhere()), (token, elsewhere));
        }
        assert!(!Action::open(PageName::SignIn).leads_elsewhere());
    }

    #[test]
    fn fields_that_are_not_there_are_empty() {
        let none = Fields::Empty;
        assert_eq!((none.code(), none.pair(), none.token(), none.phone()), (None, (None, None), None, None));
        assert_eq!((none.page(), none.user()), (PageName::SignIn, AddressId::UNKNOWN));
        assert_eq!(none.ticket().email, AddressId::NONE);
        assert_eq!(Fields::Device(DeviceId(7)).device(), DeviceId(7));
    }
}
