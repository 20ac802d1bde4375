//! What a test did with phones and other things, done again. It needs no wire, as in all stories.

use crate::base::number::Number;
use crate::story::{PersonAct, PhoneAct, Recorded};
use crate::wire::twilio::recorded;
use crate::world::World;

/// Does what was done by hand. What is not possible here is not done, as then.
pub(super) fn act(world: &mut World, input: &Recorded) {
    match input {
        Recorded::Phone(number, act) => phone(world, *number, act),
        Recorded::Person(who, PersonAct::LosesPhone) => world.lose_phone(*who, true),
        Recorded::Person(who, PersonAct::FindsPhone) => world.lose_phone(*who, false),
        Recorded::Person(who, PersonAct::ShowsCode(device)) => {
            let _only_its_use_is_seen = world.next_code(*who, device.as_deref());
        }
        Recorded::Sender(sender, addresses) => {
            recorded::configure(world, sender, addresses.as_ref());
        }
        Recorded::Faults(faults) => {
            let _too_many = world.replace_faults(faults);
        }
        Recorded::Order(_)
        | Recorded::Webhook(_)
        | Recorded::Scanned(_)
        | Recorded::Mail(_)
        | Recorded::Page(_) => {}
    }
}

fn phone(world: &mut World, number: Number, act: &PhoneAct) {
    let call = world.current_call(number).map(|call| call.id());
    let _possible = match (act, call) {
        (PhoneAct::Answers, Some(call)) => world.answer_by_hand(call).is_ok(),
        (PhoneAct::HangsUp, Some(call)) => world.hang_up_by_hand(call).is_ok(),
        (PhoneAct::Presses { keys, after, gap }, Some(call)) => {
            world.press_by_hand(call, *keys, *after, *gap).is_ok()
        }
        (PhoneAct::Texts { to, body }, _) => world.send_text_by_hand(number, to.clone(), body).is_some(),
        (PhoneAct::Follows(script), _) => world.script_phone(number, script.clone()).is_ok(),
        (PhoneAct::Answers | PhoneAct::HangsUp | PhoneAct::Presses { .. }, None) => false,
    };
}
