//! `lostkey schema`: prints the JSON Schema of stories, for editors.

use std::io::Write;

use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::story;

/// Prints the schema.
pub(super) fn schema() -> Exit {
    // Strings and numbers always serialize.
    let text = serde_json::to_string_pretty(&story::schema()).unwrap_or_default() + "\n";
    let _closed_pipe = stdout().write_all(text.as_bytes());
    Exit::Well
}
