//! The forms of the controls: their fields, and how each is filled in.

/// The forms, by their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// No field.
    Empty,
    /// The user name.
    User,
    /// The password.
    Password,
    /// An MFA code.
    Code,
    /// The code that a call spoke.
    SpokenCode,
    /// Two MFA codes.
    Pair,
    /// The token of a link.
    Link,
    /// A device.
    Device,
    /// A phone number.
    Phone,
    /// The current password and a new one.
    NewPassword,
    /// The support form.
    Ticket,
}

/// The input type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A text field.
    Text,
    /// An email address field.
    Email,
    /// A password field.
    Password,
    /// A phone number field.
    Phone,
    /// A choice of [`Problem`](crate::event::Problem).
    Problem,
    /// A hidden field, filled in by the page.
    Hidden,
}

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field name in the request.
    pub name: &'static str,
    /// The label on the page; empty for a hidden field.
    pub label: &'static str,
    /// The input type.
    pub input: Input,
    /// Whether the browser asks for it to be filled in.
    pub required: bool,
}

const fn field(name: &'static str, label: &'static str, input: Input) -> Field {
    Field { name, label, input, required: false }
}

const fn required(field: Field) -> Field {
    Field { required: true, ..field }
}

impl FormKind {
    /// All kinds of form.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::User,
        Self::Password,
        Self::Code,
        Self::SpokenCode,
        Self::Pair,
        Self::Link,
        Self::Device,
        Self::Phone,
        Self::NewPassword,
        Self::Ticket,
    ];

    /// The fields, in their order on the page.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Empty => &[],
            Self::User => const { &[field("user", "User name", Input::Email)] },
            Self::Password => const { &[field("password", "Password", Input::Password)] },
            Self::Code => const { &[field("code", "MFA code", Input::Text)] },
            Self::SpokenCode => const { &[field("code", "The code you heard", Input::Text)] },
            Self::Pair => {
                const { &[field("code1", "MFA code 1", Input::Text), field("code2", "MFA code 2", Input::Text)] }
            }
            Self::Link => const { &[field("token", "", Input::Hidden)] },
            Self::Device => const { &[field("device", "", Input::Hidden)] },
            Self::Phone => const { &[field("phone", "Phone number", Input::Phone)] },
            Self::NewPassword => {
                const {
                    &[
                        field("current-password", "Current password", Input::Password),
                        required(field("new-password", "New password", Input::Password)),
                    ]
                }
            }
            Self::Ticket => {
                const {
                    &[
                        field("problem", "Problem", Input::Problem),
                        required(field("email", "Email address", Input::Email)),
                        required(field("account-number", "Account number", Input::Text)),
                        // An account may have no number on file, and support is its only way out.
                        field("phone", "Phone number", Input::Phone),
                        required(field("full-name", "Full name", Input::Text)),
                    ]
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_form_names_each_field_once_and_labels_those_that_are_filled_in() {
        for kind in FormKind::ALL {
            let names: BTreeSet<&str> = kind.fields().iter().map(|field| field.name).collect();
            assert_eq!(names.len(), kind.fields().len(), "{kind:?}");
            for field in kind.fields() {
                assert_eq!(field.label.is_empty(), field.input == Input::Hidden, "{kind:?}: {field:?}");
            }
        }
    }
}
