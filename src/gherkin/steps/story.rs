//! Steps about the story itself: which one is played, and what its judges find.

use cucumber::given;
use cucumber::then;

use crate::gherkin::LostkeyWorld;
use crate::gherkin::StepResult;
use crate::gherkin::not_so;
use crate::gherkin::step;
use crate::oracle;
use crate::policy::Norm;

step!(
    "Opens a story of the scenarios folder by its file's name; each scenario begins with it.",
    r#"Given the story "lost-device""#
);
#[given(expr = "the story {string}")]
async fn the_story(world: &mut LostkeyWorld, name: String) -> StepResult {
    world.open(&name).await
}

step!(
    "A judge has a finding, which then does not fail the scenario.",
    r#"Then the oracle "single-use" objects"#
);
#[then(expr = "the oracle {string} objects")]
async fn the_oracle_objects(world: &mut LostkeyWorld, id: String) -> StepResult {
    let story = std::sync::Arc::clone(world.story()?);
    let findings = world.look(|world| oracle::judge(world.trace(), &story, &Norm::NIST))?;
    if !findings.iter().any(|finding| finding.oracle == id) {
        let known: Vec<&str> = oracle::ALL.iter().map(|oracle| oracle.id).collect();
        return not_so(format!("the oracle `{id}` has no finding; there are {}", known.join(", ")));
    }
    world.expected_findings.push(id);
    Ok(())
}
