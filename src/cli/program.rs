//! The program that ran, as the start of a command line that a person can paste.

use std::fmt::Display;
use std::path::Path;

/// The command that started this process: `cargo run` where cargo did, and the program as it was typed
/// otherwise. A user's own binary, with its additional steps, is named too.
pub(super) fn program() -> String {
    let typed = std::env::args().next().unwrap_or_else(|| "lostkey".to_owned());
    let package = std::env::var("CARGO_PKG_NAME").ok().filter(|_| std::env::var_os("CARGO").is_some());
    command(&typed, package.as_deref())
}

/// An argument of a command line to paste: in quotes, if a shell would read it otherwise.
pub(super) fn quoted(argument: impl Display) -> String {
    let argument = argument.to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%~".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) && !argument.starts_with('~') {
        return argument;
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// The command for a program at the path `typed`, which cargo started for `package` if it is given.
fn command(typed: &str, package: Option<&str>) -> String {
    let path = Path::new(typed);
    let name = path.file_stem().map_or_else(|| "lostkey".into(), |name| name.to_string_lossy());
    let Some(package) = package else {
        return if typed.contains(char::is_whitespace) { format!("'{typed}'") } else { typed.to_owned() };
    };
    let folder = path.parent().and_then(Path::file_name);
    let release = if folder.is_some_and(|folder| folder == "release") { " --release" } else { "" };
    if name == package {
        format!("cargo run{release} --")
    } else {
        format!("cargo run{release} --bin {name} --")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_needs_it() {
        for (argument, pasted) in [
            ("features/a-b.feature:12", "features/a-b.feature:12"),
            ("my features/é.feature:3", "'my features/é.feature:3'"),
            ("it's $HOME", "'it'\\''s $HOME'"),
            ("~/x", "'~/x'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(argument), pasted);
        }
    }

    #[test]
    fn the_command_is_the_one_that_ran() {
        for (typed, package, expected) in [
            ("lostkey", None, "lostkey"),
            ("target/release/lostkey", None, "target/release/lostkey"),
            ("./my lostkey", None, "'./my lostkey'"),
            ("target/debug/lostkey", Some("lostkey"), "cargo run --"),
            ("/home/ana/app/target/release/lostkey", Some("lostkey"), "cargo run --release --"),
            ("target/release/gateway-tests", Some("gateway"), "cargo run --release --bin gateway-tests --"),
            ("", None, ""),
        ] {
            assert_eq!(command(typed, package), expected, "{typed}");
        }
    }
}
