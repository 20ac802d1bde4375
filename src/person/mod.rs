//! People.

mod act;
mod habit;

pub use self::act::Act;
pub use self::act::BrowserChoice;
pub use self::act::Claim;
pub use self::act::CodeChoice;
pub use self::act::Keys;
pub use self::act::LinkChoice;
pub use self::act::PairChoice;
pub use self::act::PasswordChoice;
pub use self::act::With;
pub use self::habit::Answers;
pub use self::habit::Habits;
pub use self::habit::OpensLinksIn;
