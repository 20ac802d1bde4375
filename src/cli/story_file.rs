//! Reads a story that the command line names.

use std::path::Path;

use crate::cli::exit::Exit;
use crate::story::{Story, StoryError};
use crate::wire::files::{STORY_BYTES_MAX, read_text};

/// The story in this file, or the exit code and the message of an error: all mistakes, in its order.
pub(super) fn story(path: &Path) -> Result<Story, (Exit, String)> {
    let shown = path.display().to_string();
    let text = read_text(path, STORY_BYTES_MAX)
        .map_err(|error| (Exit::BadInput, format!("cannot read {shown}: {error}")))?;
    Story::read(&text, &shown).map_err(|first| {
        let all = Story::mistakes(&text, &shown);
        let all: Vec<String> = all.iter().map(StoryError::rendered).collect();
        let says = if all.is_empty() { first.rendered() } else { all.join("\nerror: ") };
        (Exit::BadInput, says)
    })
}
