//! Steps for a custom gateway, on lostkey's world: an example of a crate that extends lostkey.
//!
//! A binary that plays them must name this crate, `use another_crate as _;`, or the linker drops them.

use std::collections::BTreeSet;
use std::str::FromStr;

use cucumber::{Parameter, then, when};
use lostkey::base::id::PersonId;
use lostkey::gherkin::words::Page;
use lostkey::gherkin::{LostkeyWorld, StepResult, Who, not_so, parameter, step};

/// A reference of the gateway: `GW-17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Parameter)]
#[param(name = "reference", regex = r"GW-\d+")]
pub struct Reference(pub u16);

/// The error for a text that is not a reference.
#[derive(Debug, thiserror::Error)]
#[error("the gateway has no `{0}`; references go from GW-0 to GW-65535")]
pub struct NoReference(String);

impl FromStr for Reference {
    type Err = NoReference;

    fn from_str(text: &str) -> Result<Self, NoReference> {
        let digits = text.strip_prefix("GW-").unwrap_or(text);
        digits.parse().map(Self).map_err(|_| NoReference(text.to_owned()))
    }
}

parameter!(Reference: "a reference of our gateway", "GW-17");

/// The gateway's state in lostkey's world: the references sent to each person.
#[derive(Debug, Default)]
struct Gateway {
    sent: BTreeSet<(PersonId, Reference)>,
}

step!("The gateway sends somebody a reference.", "When our gateway texts Ana the reference GW-17");
#[when(regex = r"^our gateway texts (\S+) the reference (\S+)$")]
fn texts(world: &mut LostkeyWorld, whom: String, reference: Reference) -> StepResult {
    let name = Some(whom).filter(|whom| whom.starts_with(char::is_uppercase));
    let who = world.person(&Who(name))?;
    world.extension::<Gateway>().sent.insert((who, reference));
    Ok(())
}

step!("Somebody was sent this reference, and is on this page.", r#"Then Ana can quote GW-17 on "MFA code""#);
#[then(expr = "{who} can quote {reference} on {page}")]
fn can_quote(world: &mut LostkeyWorld, who: Who, reference: Reference, page: Page) -> StepResult {
    let who = world.person(&who)?;
    if !world.extension::<Gateway>().sent.contains(&(who, reference)) {
        return not_so(format!("{} was never sent GW-{}", world.name(who)?, reference.0));
    }
    let is = world.page(who)?.name;
    if is == page.0 { Ok(()) } else { not_so(format!("{} is on \"{is}\"", world.name(who)?)) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::rc::Rc;

    use lostkey::gherkin;
    use lostkey::gherkin::{Flaw, Place, Setting};
    use lostkey::policy::Norm;
    use lostkey::report::Failure;
    use lostkey::stage::StageKind;

    fn folder(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
    }

    #[tokio::test]
    async fn its_feature_plays_on_both_stages() {
        for stage in [StageKind::Virtual, StageKind::Wire] {
            let places = [Place { path: folder("features"), line: None }];
            let features = gherkin::read(&places).unwrap().into_iter().map(|read| read.feature).collect();
            let setting = Setting { scenarios: folder("scenarios").into(), stage, seed: None };
            let again = |path: &str, line| format!("{path}:{line}");
            let played = gherkin::play(features, &setting, &Norm::NIST, false, again, Rc::new(|_| {})).await;
            assert_eq!(played.len(), 1);
            for outcome in &played {
                assert!(outcome.passed(), "{}", Failure(outcome));
            }
        }
    }

    #[test]
    fn its_steps_are_in_the_catalogue_with_the_names_of_its_parameters() {
        assert_eq!(gherkin::flaws(), Vec::<String>::new());
        let ours: Vec<&str> = gherkin::catalogue()
            .iter()
            .filter(|step| step.noun == "another-crate")
            .map(|step| step.expression.as_str())
            .collect();
        assert_eq!(
            ours,
            [r"^our gateway texts (\S+) the reference (\S+)$", "{who} can quote {reference} on {page}"]
        );
    }

    #[test]
    fn its_features_are_checked_with_its_own_words() {
        let checked = gherkin::check(&[folder("features"), folder("scenarios")], &folder("scenarios"));
        assert!(checked.flaws.is_empty(), "{}", checked.flaws[0]);
        assert_eq!((checked.features, checked.scenarios, checked.steps, checked.stories), (1, 1, 4, 1));
        let text = std::fs::read_to_string(folder("features/gateway.feature")).unwrap();
        let wrong = std::env::temp_dir().join(format!("gateway-{}.feature", std::process::id()));
        std::fs::write(&wrong, text.replace("quote GW-17", "quote GW-70000")).unwrap();
        let checked = gherkin::check(std::slice::from_ref(&wrong), &folder("scenarios"));
        std::fs::remove_file(&wrong).unwrap();
        let [Flaw::Feature(error)] = &checked.flaws[..] else { panic!("{:?}", checked.flaws) };
        assert_eq!((error.line, error.column), (8, 24));
        assert_eq!(error.says, "the gateway has no `GW-70000`");
        assert_eq!(error.help, "references go from GW-0 to GW-65535");
    }
}
