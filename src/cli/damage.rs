//! What is wrong with a JSON file, in words of its reader and not of its parser.

use std::io;
use std::path::Path;

use serde_json::error::Category;

/// Why a file cannot be read.
pub(super) fn cannot_read(file: &Path, error: &io::Error) -> String {
    let shown = file.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("cannot read {shown}: there is no such file"),
        _ => format!("cannot read {shown}: {error}"),
    }
}

/// What is wrong with a text that should be JSON.
pub(super) fn of(error: &serde_json::Error) -> String {
    let place = match (error.line(), error.column()) {
        (0, _) => String::new(),
        (line, column) => format!(" at line {line}, column {column}"),
    };
    let says = error.to_string();
    let named = |before: &str| says.strip_prefix(before)?.split('`').next();
    match error.classify() {
        Category::Eof => "it ends too early: the rest is missing".to_owned(),
        Category::Syntax | Category::Io => format!("it is no JSON{place}"),
        Category::Data => match (named("missing field `"), named("unknown field `")) {
            (Some(field), _) => format!("it has no `{field}`"),
            (_, Some(field)) => format!("there is no field `{field}`{place}"),
            (None, None) => format!("it has another value than expected{place}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        #[expect(dead_code, reason = "only whether it can be read matters")]
        count: u64,
    }

    #[test]
    fn no_words_of_the_parser_are_told() {
        for (text, says) in [
            ("", "it ends too early: the rest is missing"),
            ("{\"count\": ", "it ends too early: the rest is missing"),
            ("{]", "it is no JSON at line 1, column 2"),
            ("{}", "it has no `count`"),
            ("{\"count\": 1, \"more\": 2}", "there is no field `more` at line 1, column 19"),
            ("{\"count\": \"1\"}", "it has another value than expected at line 1, column 13"),
        ] {
            assert_eq!(of(&serde_json::from_str::<One>(text).unwrap_err()), says, "{text}");
        }
        let missing = cannot_read(Path::new("a.json"), &io::ErrorKind::NotFound.into());
        assert_eq!(missing, "cannot read a.json: there is no such file");
    }
}
