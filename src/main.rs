//! The `lostkey` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    lostkey::cli::main()
}
