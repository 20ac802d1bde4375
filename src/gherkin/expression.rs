//! Recovers the cucumber expression of a step from its regular expression.
//!
//! Cucumber expands an expression such as `{who} sign(s) in` and keeps only the result. The expansion
//! is regular enough to be inverted.

use crate::gherkin::words;

/// Cucumber's expansions of its built-in parameters.
const BUILT_IN: [(&str, &str); 3] = [("int", r"((?:-?\d+)|(?:\d+))"), ("word", r"([^\s]+)"), ("", "(.*)")];

/// The expression that expands to `regex` and the names of its parameters; `regex` unchanged and no
/// names if it is not such an expansion.
pub(super) fn of(regex: &str) -> (String, Vec<&'static str>) {
    let whole = regex.strip_prefix('^').and_then(|regex| regex.strip_suffix('$'));
    let mut reader = Reader { rest: whole.unwrap_or_default(), expression: String::new(), names: Vec::new() };
    if whole.is_none() || reader.read().is_none() {
        return (regex.to_owned(), Vec::new());
    }
    (reader.expression, reader.names)
}

struct Reader<'a> {
    rest: &'a str,
    expression: String,
    names: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// Reads all of the input. `None` if it is not the expansion of an expression.
    fn read(&mut self) -> Option<()> {
        while !self.rest.is_empty() {
            if let Some((name, rest)) = self.parameter() {
                self.expression.push_str(&format!("{{{name}}}"));
                self.names.push(name);
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix("(?:") {
                self.rest = rest;
                self.group()?;
            } else {
                let letter = self.letter()?;
                self.expression.push_str(&letter);
            }
        }
        Some(())
    }

    /// The next parameter, and the rest after it.
    fn parameter(&self) -> Option<(&'static str, &'a str)> {
        let own = words::parameters().iter().map(|own| (own.name, format!("({})", own.regex)));
        let built_in = BUILT_IN.map(|(name, regex)| (name, regex.to_owned()));
        let all = own.chain(built_in).chain(self.string());
        all.filter_map(|(name, regex)| Some((name, self.rest.strip_prefix(regex.as_str())?))).next()
    }

    /// `{string}` expands to two named groups, whose names contain the parameter's ordinal.
    fn string(&self) -> Option<(&'static str, String)> {
        let ordinal = self.rest.strip_prefix("(?:\"(?P<__")?.split('_').next()?;
        let double = format!(r#""(?P<__{ordinal}_0>[^"\\]*(?:\\.[^"\\]*)*)""#);
        let single = format!(r"'(?P<__{ordinal}_1>[^'\\]*(?:\\.[^'\\]*)*)'");
        Some(("string", format!("(?:{double}|{single})")))
    }

    /// Reads a group: `(?:s)?` is `(s)`; `(?:her|his)` is `her/his`.
    fn group(&mut self) -> Option<()> {
        let mut inner = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix(")?") {
                self.expression.push_str(&format!("({inner})"));
                self.rest = rest;
                return Some(());
            }
            if let Some(rest) = self.rest.strip_prefix(')') {
                self.expression.push_str(&inner);
                self.rest = rest;
                return Some(());
            }
            if let Some(rest) = self.rest.strip_prefix('|') {
                inner.push('/');
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix("(?:") {
                let (optional, rest) = rest.split_once(")?")?;
                inner.push_str(&format!("({optional})"));
                self.rest = rest;
            } else {
                inner.push_str(&self.letter()?);
            }
        }
    }

    /// The next letter, escaped for an expression.
    fn letter(&mut self) -> Option<String> {
        let mut letters = self.rest.chars();
        let first = letters.next()?;
        let letter = match first {
            '\\' => letters.next().filter(|letter| !letter.is_alphanumeric())?,
            '(' | ')' | '[' | ']' | '{' | '}' | '.' | '|' | '?' | '*' | '+' => return None,
            other => other,
        };
        self.rest = letters.as_str();
        Some(escaped(letter))
    }
}

/// Escapes a letter of plain text for an expression.
pub(super) fn escaped(letter: char) -> String {
    let special = matches!(letter, '(' | ')' | '{' | '}' | '/' | '\\');
    if special { format!("\\{letter}") } else { letter.to_string() }
}

#[cfg(test)]
mod tests {
    use cucumber::codegen::{Expression, ParametersProvider, Regex, Spanned};

    use super::*;
    use crate::gherkin::catalogue;

    /// Cucumber's regular expression for `expression`, including the parameters of this crate.
    fn expanded(expression: &str) -> Option<Regex> {
        // Cucumber accepts a `HashMap` or another implementation of this trait.
        #[derive(Clone, Copy)]
        struct Ours;

        impl<'s> ParametersProvider<Spanned<'s>> for Ours {
            type Item = char;
            type Value = &'static str;

            fn get(&self, input: &Spanned<'s>) -> Option<&'static str> {
                words::parameters().iter().find(|own| own.name == *input.fragment()).map(|own| own.regex)
            }
        }

        Expression::regex_with_parameters(expression, Ours).ok()
    }

    #[test]
    fn what_is_read_back_expands_to_the_same() {
        let mut expressions = 0;
        for step in catalogue() {
            if let Some(again) = expanded(&step.expression)
                && step.expression.contains(['{', '(', '/'])
            {
                assert_eq!(again.as_str(), step.regex.as_str(), "{}", step.place());
                expressions += 1;
            } else {
                assert_eq!(format!("^{}$", regex::escape(&step.expression)), step.regex.as_str());
            }
        }
        assert!(expressions > 40, "{expressions}");
    }

    #[test]
    fn expressions_are_read_back_as_they_were_written() {
        for (expression, parameters) in [
            ("{who} sign(s) in with her/his/their user name", &["who"][..]),
            ("{int} call(s) was/were placed", &["int"]),
            ("{who} chooses {string} and {string}", &["who", "string", "string"]),
            ("the link of the {int}st/nd/rd/th email", &["int"]),
            ("go(es)/walk(s) to {word}, 50 % \\(and more\\)", &["word"]),
        ] {
            let regex = expanded(expression).unwrap();
            assert_eq!(of(regex.as_str()), (expression.to_owned(), parameters.to_vec()));
        }
    }

    #[test]
    fn other_regular_expressions_stay_what_they_are() {
        for regex in ["^a+$", "no anchors", r"^\d{4}$", "^(a|b)$", "^[ab]$", "^x(?:y$"] {
            assert_eq!(of(regex), (regex.to_owned(), vec![]));
        }
    }
}
