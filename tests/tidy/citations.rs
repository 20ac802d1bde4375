//! Checks that `lostkey explain` answers every citation.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::{assert_none, files, shown};

/// Ids of norms (N8, R5, T3, F1), weaknesses and situations (L09, W15), tests of OWASP's guide, and
/// facts and codes of providers.
const ID: &str = r"\b(?:[FNR][1-9][0-9]?|T[1-9]|[ACEHKLMPSTUW][0-9]{2}|WSTG-[A-Z]+-[0-9]{2}|SMTP-[0-9]{3}|SIP-[0-9]{3}|(?:TW|SMTP)-[a-z]+(?:-[a-z]+)*)\b";

/// Rules and pages of the flow, one or several: `rules 5 and 10`.
const NUMBERED: &str = r"\b([Rr]ule|[Pp]age)s?[ -]([0-9]+(?:(?:, | and | to | or )[0-9]+)*)\b";

/// Sections of OWASP ASVS, one or several.
const ASVS: &str = r"\b(ASVS)[ -]([0-9]+\.[0-9]+\.[0-9]+(?:(?:, | and )[0-9]+\.[0-9]+\.[0-9]+)*)\b";

/// The file name of a document.
const DOCUMENT: &str = r"\b[A-Za-z0-9_-]+\.md\b";

/// The files that may contain citations, with their texts.
fn texts() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for (folder, endings) in [
        ("src", &["rs", "md"][..]),
        ("tests", &["rs", "feature", "yaml", "snap", "txt"]),
        ("features", &["feature"]),
        ("scenarios", &["yaml", "json"]),
    ] {
        paths.extend(endings.iter().flat_map(|ending| files(folder, ending)));
    }
    paths.push(crate::root().join("README.md"));
    paths.into_iter().map(|path| (shown(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// The citations of a line, each in the form that `lostkey explain` accepts.
fn citations(line: &str, patterns: &[Regex; 3]) -> Vec<String> {
    let [id, numbered, asvs] = patterns;
    let mut found: Vec<String> = id.find_iter(line).map(|id| id.as_str().to_owned()).collect();
    for several in numbered.captures_iter(line).chain(asvs.captures_iter(line)) {
        let numbers = several[2].replace(" and ", ", ").replace(" to ", ", ").replace(" or ", ", ");
        found.extend(numbers.split(", ").map(|number| format!("{} {number}", &several[1])));
    }
    found
}

fn patterns() -> [Regex; 3] {
    [ID, NUMBERED, ASVS].map(|pattern| Regex::new(pattern).unwrap())
}

#[test]
fn citations_look_like_this() {
    for (line, found) in [
        ("(N8, T5; L09 to L12) and W15", &["N8", "T5", "L09", "L12", "W15"][..]),
        ("rules 5 and 10; page 7, Page-9", &["rule 5", "rule 10", "page 7", "Page 9"]),
        ("OWASP ASVS 2.3.1, 2.3.3; WSTG-BUSL-06", &["WSTG-BUSL-06", "ASVS 2.3.1", "ASVS 2.3.3"]),
        ("TW-gather, SMTP-550 and ASVS 5.0", &["TW-gather", "SMTP-550"]),
        ("SHA256, T0 = 0, 2026-02-01T09:00, homepage 7", &[]),
    ] {
        assert_eq!(citations(line, &patterns()), found, "{line}");
    }
}

#[test]
fn every_citation_is_answered() {
    let patterns = patterns();
    let mut followed: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        // These files contain ids that do not exist, for tests of unknown ids.
        if path == "tests/tidy/citations.rs" || path == "src/docs/tests.rs" || path.contains("explain-bad-") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for id in citations(line, &patterns) {
                if lostkey::docs::find(&id).is_empty() {
                    wrong.push(format!("{path}:{}: {id}", number + 1));
                }
                *followed.entry(id).or_default() += 1;
            }
        }
    }
    assert_none(&wrong, "`lostkey explain` answers each");
    assert!(followed.len() >= 200, "{followed:?}");
}

#[test]
fn no_text_names_a_document_that_is_not_here() {
    let document = Regex::new(DOCUMENT).unwrap();
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        let beside: Vec<String> = match path.starts_with("src/docs/") {
            true => files("src/docs", "md").iter().map(|path| shown(path)).collect(),
            false => Vec::new(),
        };
        for (number, line) in text.lines().enumerate() {
            for name in document.find_iter(line).map(|name| name.as_str()) {
                let is_here = name == "README.md" || beside.contains(&format!("src/docs/{name}"));
                if !is_here {
                    wrong.push(format!("{path}:{}: {name}", number + 1));
                }
            }
        }
    }
    assert_none(&wrong, "cite an id that `lostkey explain` answers, not a document");
}
