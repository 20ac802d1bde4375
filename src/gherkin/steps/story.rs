//! Steps about the story itself: which one is played, and the findings of the oracles.

use cucumber::{given, then};

use crate::gherkin::{LostkeyWorld, StepResult, not_so, step, words};
use crate::oracle;
use crate::policy::Norm;

step!(
    "Opens a story of the scenarios folder by its file name; each scenario begins with this step.",
    r#"Given the story "lost-device""#
);
#[given(expr = "the story {story}")]
async fn the_story(world: &mut LostkeyWorld, name: words::StoryName) -> StepResult {
    world.open(&name.0).await
}

step!(
    "The oracle has a finding, which does not fail the scenario.",
    r#"Then the oracle "single-use" objects"#
);
#[then(expr = "the oracle {oracle} objects")]
async fn the_oracle_objects(world: &mut LostkeyWorld, id: words::OracleId) -> StepResult {
    let story = std::sync::Arc::clone(world.story()?);
    let findings = world.look(|world| oracle::judge(world.trace(), &story, &Norm::NIST))?;
    if !findings.iter().any(|finding| finding.oracle == id.0) {
        return not_so(format!("the oracle \"{}\" does not object", id.0));
    }
    world.expected_findings.push(id.0.to_owned());
    Ok(())
}
