//! Writes accepted findings.

use crate::story::Story;
use crate::story::scalar::scalar;
use crate::story::write::Out;

/// Writes the section of accepted findings, if there are any.
pub(super) fn section(out: &mut Out, story: &Story) {
    if !story.accepts.is_empty() {
        out.line(0, "accepts:");
    }
    for one in &story.accepts {
        let mut fields = vec![format!("rule: {}", scalar(&one.rule))];
        let account = one.account.and_then(|account| story.accounts.get(account.index()));
        fields.extend(account.map(|account| format!("account: {}", scalar(&account.name))));
        fields.push(format!("because: {}", scalar(&one.because)));
        fields.push(format!("until: {}", one.until));
        out.line(2, &format!("- {{ {} }}", fields.join(", ")));
    }
}
