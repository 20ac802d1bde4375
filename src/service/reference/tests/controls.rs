//! The pages of the service offer exactly the controls in the table.

use crate::event::Control;
use crate::policy::{PhoneDirection, Policy};
use crate::service::reference::testkit::Rehearsal;

#[test]
fn each_control_of_the_table_is_on_some_page() {
    // If the call speaks the code, the page has one more control.
    let policy = Policy { phone_direction: PhoneDirection::PhoneToScreen, ..Policy::NORM };
    let played = Rehearsal::by(policy).check(
        "1 open SignIn
         1 name ana
         1 password
         1 troubleshoot
         1 resync
         1 alternative
         1 mail
         1 follow link 1
         1 confirm link 1
         1 call-me
         call 1 fetch
         1 spoken right
         1 finish -> SecurityCredentials, 1 devices
         1 assign
         1 assigned -1 0
         1 open ContactSupport",
    );
    assert_eq!(played.offered().iter().collect::<Vec<_>>(), Control::on_pages().collect::<Vec<_>>());
}
