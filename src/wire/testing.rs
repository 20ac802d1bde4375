//! A story for tests of email.

use std::sync::Arc;

use crate::story::Story;

/// Ana and Ben, each with one account and one mailbox, and these faults.
pub(in crate::wire) fn story(faults: &str) -> Arc<Story> {
    let account = |name: &str, number: u8| {
        format!(
            "  {name}:\n    user: {name}@example.com\n    password: correct horse battery staple {name}\n    \
             number: 1234 5678 901{number}\n    full-name: {name}\n    emails: [{name}@example.com]\n    \
             phone: +34 600 000 00{number}\n    devices: {{ {name}-app: {{}} }}\n"
        )
    };
    let text = format!(
        "about: Two accounts get foreign mail.\naccounts:\n{}{}faults: [{faults}]\n",
        account("ana", 1),
        account("ben", 2)
    );
    Arc::new(Story::read(&text, "story.yaml").unwrap())
}
