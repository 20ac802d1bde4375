//! `POST /save`: what happened so far, as a story and a feature that `lostkey run` plays.

mod outcomes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;

use crate::event::Trace;
use crate::report;
use crate::report::Outcome;
use crate::serve::control::Control;
use crate::serve::control::reply::{Refused, answer, read, refused};
use crate::stage::{RecordedPlay, StageKind};
use crate::story::{Recording, Story};
use crate::wire::contract::{Operation, Routes, complete};
use crate::wire::files::write_story_and_feature;
use crate::wire::logbook::{LeftOut, NotKept};
use crate::wire::{Clock, Logbook};
use crate::world::World;

/// The name of a story that is given none.
const USUAL_NAME: &str = "served";

/// Longest name, in bytes.
const NAME_MAX: usize = 64;

/// Longest sentence of a story about itself that is kept, in characters.
const ABOUT_MAX: usize = 400;

/// Real time that a replay may take, which shows whether a story tells what was served.
const REPLAY_MAX: Duration = Duration::from_secs(10);

/// What saved stories are called, and where they are written.
#[derive(Clone, Debug)]
pub(in crate::serve) struct Saves {
    name: String,
    folder: Option<Arc<PathBuf>>,
}

impl Default for Saves {
    fn default() -> Self {
        Self { name: USUAL_NAME.to_owned(), folder: None }
    }
}

impl Saves {
    /// The same in a sandbox of this name.
    pub(in crate::serve) fn named(&self, name: &str) -> Self {
        Self { name: name.to_owned(), folder: self.folder.clone() }
    }

    /// Writes to this folder.
    pub(in crate::serve) fn in_folder(self, folder: PathBuf) -> Self {
        Self { folder: Some(Arc::new(folder)), ..self }
    }
}

/// What to call it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Save")]
struct Asked {
    /// 1 to 64 letters, digits, `-`, `_` or `.`; `served` or the name of the sandbox by default.
    name: Option<String>,
}

/// A story and a feature.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Saved", transform = complete)]
struct Told {
    /// The name of both.
    name: String,
    /// The story, in YAML.
    story: String,
    /// The feature, in Gherkin.
    feature: String,
    /// What the story does not hold.
    left_out: Vec<Missing>,
    /// Whether a replay of the story has told the trace that was served.
    same_trace: bool,
    /// If not, the index of the first event that differs.
    differs_at: Option<usize>,
    /// The paths of the story and the feature, with `--save-dir`.
    files: Option<[String; 2]>,
}

/// Something that a story cannot hold.
#[derive(Serialize, JsonSchema)]
#[schemars(transform = complete)]
struct Missing {
    /// What it is.
    what: &'static str,
    /// Why it is missing.
    why: &'static str,
    /// How often it occurred.
    times: usize,
}

pub(super) fn routes() -> Routes<Control> {
    Routes::new().on(
        Operation::post("/save", "What happened so far, as a story and a feature that `lostkey run` plays")
            .optional_body::<Asked>(json!({ "name": "sign-up" }))
            .answers::<Told>(200, "The story and the feature.")
            .refuses(400, "the name or the body is not understood")
            .refuses(409, "this world keeps nothing of what reaches it")
            .refuses(500, "the files cannot be written")
            .refuses(503, "an error has ended the play; POST /control/v1/reset starts a new one")
            .refuses(507, "too much has happened since the last reset"),
        save,
    )
}

/// What is saved.
struct Saved {
    /// The story, and its text.
    story: Story,
    text: String,
    outcomes: Vec<Outcome>,
    /// What was served.
    served: Trace,
    /// What the story tells; `None` if it could not be played.
    replayed: Option<Trace>,
    left_out: Vec<(LeftOut, usize)>,
}

/// `POST /save` with `{"name": "sign-up"}`.
async fn save(State(control): State<Control>, body: Bytes) -> Result<Response, Refused> {
    let Asked { name } = read(&body)?;
    control.lives()?;
    let name = name.unwrap_or_else(|| control.saves.name.clone());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name = (1..=NAME_MAX).contains(&name.len())
        && name.bytes().all(fits)
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if !is_name {
        let says =
            format!("`name` has 1 to {NAME_MAX} letters, digits, `-`, `_` or `.`, for example `sign-up`");
        return Err(refused(StatusCode::BAD_REQUEST, says));
    }
    let saved = gather(&control, &name).await?;
    let feature = |name: &str| {
        let trace = saved.replayed.as_ref().unwrap_or(&saved.served);
        report::recorded_feature(&saved.story, name, &saved.outcomes, trace)
    };
    let (name, files) = match &control.saves.folder {
        None => (name, None),
        Some(folder) => {
            let written = write_story_and_feature(folder, &name, &saved.text, feature);
            let (name, files) = written.map_err(|error| {
                let says = format!("the story cannot be written to {}: {error}", folder.display());
                refused(StatusCode::INTERNAL_SERVER_ERROR, says)
            })?;
            (name, Some(files))
        }
    };
    let feature = feature(&name);
    Ok(answer(StatusCode::OK, &told(&saved, name, feature, files)))
}

fn told(saved: &Saved, name: String, feature: String, files: Option<[PathBuf; 2]>) -> Told {
    let left_out = saved
        .left_out
        .iter()
        .map(|(left_out, times)| Missing { what: left_out.what, why: left_out.why, times: *times })
        .collect();
    let differs_at = saved.replayed.as_ref().map(|replayed| {
        let pairs = saved.served.events().iter().zip(replayed.events());
        pairs.take_while(|(served, replayed)| served == replayed).count()
    });
    let is_same = saved.replayed.as_ref().is_some_and(|replayed| *replayed == saved.served);
    Told {
        name,
        story: saved.text.clone(),
        feature,
        left_out,
        same_trace: is_same,
        differs_at: differs_at.filter(|_| !is_same),
        files: files.map(|files| files.map(|path| path.display().to_string())),
    }
}

/// The story and what came of it.
async fn gather(control: &Control, name: &str) -> Result<Saved, Refused> {
    let logbook = control.door.logbook().ok_or_else(|| {
        refused(StatusCode::CONFLICT, "this world keeps nothing of what reaches it, so it cannot be saved")
    })?;
    let base = Story::clone(&control.story);
    let epoch = base.epoch;
    let kept = control.door.enter(|world| {
        let kept = logbook.kept()?;
        let mut inputs = kept.inputs;
        inputs.extend(Logbook::under_way(world));
        let clock = control.door.clock();
        let early = clock == Clock::Manual && world.next_due().is_some_and(|due| due <= world.now());
        let recording = Recording {
            until: world.now(),
            ends_early: early,
            account: kept.account,
            at_once: clock.is_real(),
            inputs,
        };
        let story = with_recording(base, name, world, recording);
        Ok((story, outcomes::of_world(world), world.trace().clone(), kept.left_out))
    });
    let (story, mut outcomes, served, mut left_out) = kept.map_err(|error| full(&error))?;
    outcomes.extend(outcomes::of_inbox(control.mailbox.current(), epoch));
    let text = story.write();
    let story = Story::read(&text, &format!("{name}.yaml")).map_err(|error| {
        let says = format!("what happened is not a story that can be read: line {}: {error}", error.line);
        refused(StatusCode::INSUFFICIENT_STORAGE, says)
    })?;
    let replayed = replay(&story).await;
    if replayed.is_none() {
        left_out.push((NOT_REPLAYED, 1));
    }
    Ok(Saved { story, text, outcomes, served, replayed, left_out })
}

/// A replay that did not end.
const NOT_REPLAYED: LeftOut = LeftOut {
    what: "the comparison of a replay with what was served",
    why: "the story could not be played to its end in time",
};

fn full(error: &NotKept) -> Refused {
    let says =
        format!("{error}; POST /control/v1/reset gives the world a new start, which can be saved again");
    refused(StatusCode::INSUFFICIENT_STORAGE, says)
}

/// The story of a world with what reached it, and without the secrets of its account.
fn with_recording(mut story: Story, name: &str, world: &World, recording: Recording) -> Story {
    name.clone_into(&mut story.name);
    story.about = story.about.chars().take(ABOUT_MAX).collect();
    story.seed = world.seed();
    story.twilio.account = None;
    story.recorded = Some(recording);
    story
}

/// What the story tells on the virtual stage.
async fn replay(story: &Story) -> Option<Trace> {
    let (story, recording) = (Arc::new(story.clone()), story.recorded.clone()?);
    let seed = story.seed;
    let played = async {
        let mut play = RecordedPlay::start(StageKind::Virtual, story, recording, seed).await.ok()?;
        play.go_on().await.ok()?;
        Some(play.trace())
    };
    timeout(REPLAY_MAX, played).await.ok().flatten()
}
