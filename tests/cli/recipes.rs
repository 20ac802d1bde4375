//! Runs the recipes in `.ci/drill` as parallel processes, with the variables that the engines set.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::drill::{folder, result};
use crate::{lostkey, root};

/// Fewer runs than in the recipes.
const RUNS: &str = "2000";

fn documents(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(root().join(".ci/drill").join(file)).unwrap();
    text.split("\n---\n").map(|document| serde_yaml::from_str(document).unwrap()).collect()
}

/// A recipe's command line, with fewer runs.
fn line(value: &Value) -> String {
    let line = value.as_str().unwrap();
    let short = line.replace("--runs 10000000", &format!("--runs {RUNS}"));
    assert_eq!(line.contains(" drill "), short != line, "{line}");
    short
}

/// Starts `line` in `folder` with `lostkey` in the path, as an engine's shell would.
fn start(line: &str, folder: &Path, variables: &[(&str, String)]) -> Child {
    let bin = Path::new(env!("CARGO_BIN_EXE_lostkey")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .env_remove("CARGO")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", path)
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs all parts at once, merges them, and compares the result with that of a single drill.
fn plays(name: &str, parts: &[Vec<(&str, String)>], part: &str, merge: &str) {
    let folder = folder(name);
    let parts: Vec<Child> = parts.iter().map(|variables| start(part, &folder, variables)).collect();
    for mut part in parts {
        assert!(part.wait().unwrap().success());
    }
    assert!(start(merge, &folder, &[]).wait().unwrap().success());
    let whole = folder.join("whole.json").display().to_string();
    let ran = lostkey(&["drill", "--runs", RUNS, "--seed", "1", "--json", &whole]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert_eq!(result(&folder.join("all.json")), result(Path::new(&whole)));
}

#[test]
fn an_indexed_job_of_kubernetes_makes_the_whole() {
    let jobs = documents("kubernetes.yaml");
    let container = |at: usize| &jobs[at]["spec"]["template"]["spec"]["containers"][0];
    let (drill, merge) = (container(0), container(1));
    assert_eq!(drill["command"], serde_json::json!(["sh", "-c"]));
    let completions = jobs[0]["spec"]["completions"].as_u64().unwrap();
    let shards = drill["env"][0]["value"].as_str().unwrap();
    assert_eq!(
        (drill["env"][0]["name"].as_str(), shards),
        (Some("SHARDS"), completions.to_string().as_str())
    );
    // Kubernetes sets JOB_COMPLETION_INDEX in each pod of an Indexed Job, from 0.
    let parts: Vec<_> = (0..completions)
        .map(|index| vec![("JOB_COMPLETION_INDEX", index.to_string()), ("SHARDS", shards.to_owned())])
        .collect();
    plays("kubernetes", &parts, &line(&drill["args"][0]), &line(&merge["args"][0]));
}

#[test]
fn a_matrix_of_ci_makes_the_whole() {
    let workflow = &documents("github.yml")[0];
    let drill = &workflow["jobs"]["drill"];
    let env = |name: &str| drill["env"][name].as_str();
    assert_eq!(env("INDEX"), Some("${{ strategy.job-index }}"));
    assert_eq!(env("TOTAL"), Some("${{ strategy.job-total }}"));
    let total = drill["strategy"]["matrix"]["part"].as_array().unwrap().len();
    // The engine sets the variables to the job's index in the matrix, from 0, and the number of jobs.
    let parts: Vec<_> =
        (0..total).map(|index| vec![("INDEX", index.to_string()), ("TOTAL", total.to_string())]).collect();
    plays(
        "matrix",
        &parts,
        &line(&drill["steps"][2]["run"]),
        &line(&workflow["jobs"]["merge"]["steps"][3]["run"]),
    );
}
