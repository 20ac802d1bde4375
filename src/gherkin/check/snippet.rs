//! Generates the Rust code of a missing step, as a template to paste and fill in.

use gherkin::Step;

use crate::gherkin::catalogue::keyword_of;
use crate::gherkin::expression::escaped;

/// Maximum number of words in the name of the generated function.
const NAMED_AFTER: usize = 6;

/// The code, indented by four spaces. It needs the imports
/// `lostkey::gherkin::{step, not_so, LostkeyWorld, StepResult, Who, Whose, Duration}`.
pub(super) fn of(step: &Step) -> String {
    let keyword = keyword_of(step.ty);
    let Words { expression, arguments, name } = words(&step.value);
    let mut arguments: String = arguments.into_iter().map(|argument| format!(", {argument}")).collect();
    if step.table.is_some() || step.docstring.is_some() {
        arguments.push_str(", #[step] step: &cucumber::gherkin::Step");
    }
    let example = rust(&format!("{keyword} {}", step.value));
    let attribute = keyword.to_lowercase();
    let expression = rust(&expression);
    format!(
        "    step!(\"Say what it does.\", {example});
    #[cucumber::{attribute}(expr = {expression})]
    fn {name}(world: &mut LostkeyWorld{arguments}) -> StepResult {{
        not_so(\"this step is not written yet\")
    }}"
    )
}

/// Formats a text as a Rust string literal.
fn rust(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains("\"#") {
        format!("r#\"{text}\"#")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

struct Words {
    expression: String,
    arguments: Vec<String>,
    name: String,
}

fn words(text: &str) -> Words {
    let whole = regex::Regex::new(PIECES);
    let mut arguments: Vec<String> = Vec::new();
    let mut expression = String::new();
    let mut named = Vec::new();
    let mut end = 0;
    for found in whole.iter().flat_map(|whole| whole.captures_iter(text)) {
        let Some(all) = found.get(0) else { continue };
        let kinds = KINDS.iter().enumerate().find(|(group, _)| found.get(group + 1).is_some());
        let Some((_, (parameter, kind, argument))) = kinds else { continue };
        plain(text.get(end..all.start()).unwrap_or_default(), &mut expression, &mut named);
        expression.push_str(&format!("{{{parameter}}}"));
        let before = arguments.iter().filter(|before| before.starts_with(argument)).count();
        let number = if before == 0 { String::new() } else { format!("_{}", before + 1) };
        arguments.push(format!("{argument}{number}: {kind}"));
        end = all.end();
    }
    plain(text.get(end..).unwrap_or_default(), &mut expression, &mut named);
    named.truncate(NAMED_AFTER);
    // A name of one word could be a keyword of Rust, such as `match`.
    let name = if named.len() < 2 { format!("step_{}", named.concat()) } else { named.join("_") };
    Words { expression, arguments, name }
}

/// Matches the parts of a step that become parameters: quoted texts, names, durations and numbers.
const PIECES: &str = r#"("[^"]*")|\b(?:(\p{Lu}[\p{L}\p{N}_-]*'s)|(\p{Lu}[\p{L}\p{N}_-]*|[Ss]he|[Tt]hey)|(\d+ (?:second|minute|hour|day)s?)|(\d+(?:st|nd|rd|th))|(\d+))\b"#;

/// For each group of [`PIECES`]: parameter name, Rust type, and argument name.
const KINDS: [(&str, &str, &str); 6] = [
    ("string", "String", "text"),
    ("whose", "Whose", "whose"),
    ("who", "Who", "who"),
    ("duration", "Duration", "duration"),
    ("nth", "words::Nth", "nth"),
    ("count", "words::Count", "count"),
];

fn plain(text: &str, expression: &mut String, named: &mut Vec<String>) {
    expression.extend(text.chars().map(escaped));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    named.extend(words.map(str::to_lowercase));
}
