//! The flags `--allow-remote` and `--token-file` of the command.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use super::{TOKEN, address};

/// A file with the token, readable as the mode says.
fn token_file(name: &str, mode: u32) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lostkey-remote-{}-{name}", std::process::id()));
    fs::write(&path, format!("{TOKEN}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn serve(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lostkey"));
    command.args(["serve", "--clock", "manual"]).args(args);
    for port in ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"] {
        command.args([port, "0.0.0.0:0"]);
    }
    command
}

/// The exit code and the errors of a server that must not start; it ends if it does.
fn refused(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    if { lines }.any(|line| line.starts_with("ready")) {
        child.kill().unwrap();
    }
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn one_flag_alone_is_an_error_that_says_what_works() {
    let (good, public) = (token_file("good", 0o600), token_file("public", 0o644));
    let (good, public) = (good.to_str().unwrap(), public.to_str().unwrap());
    for (args, says) in [
        (vec!["--allow-remote"], "--token-file FILE".to_owned()),
        (vec!["--token-file", good], "--allow-remote".to_owned()),
        (vec!["--allow-remote", "--token-file", public], format!("chmod 600 {public}")),
        (vec!["--allow-remote", "--token-file", "/nowhere"], "cannot read the token in /nowhere".to_owned()),
        (vec![], "--allow-remote --token-file FILE".to_owned()),
    ] {
        let (code, stderr) = refused(serve(&args));
        assert_eq!(code, Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(&says) && !stderr.contains(TOKEN), "{args:?}: {stderr}");
    }
    fs::remove_file(good).unwrap();
    fs::remove_file(public).unwrap();
}

#[tokio::test]
async fn the_command_lets_in_who_shows_the_token_in_the_file() {
    let file = token_file("command", 0o600);
    let mut child = serve(&["--allow-remote", "--token-file", file.to_str().unwrap(), "--log", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
        printed += &format!("{line}\n");
        if line.starts_with("ready") {
            break;
        }
    }
    let control = printed.lines().find_map(|line| line.strip_prefix("control")).unwrap();
    let port = control.split_whitespace().next().unwrap().rsplit(':').next().unwrap();
    let url = format!("http://{}:{port}/control/v1/clock", address());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let without = client.get(&url).send().await.unwrap().status();
    let with = client.get(&url).bearer_auth(TOKEN).send().await.unwrap().status();
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!((without.as_u16(), with.as_u16()), (401, 200));
    let shell = format!("=http://lostkey:$(cat '{}')@0.0.0.0:", file.display());
    assert!(printed.contains(&shell) && printed.contains("must show the token in"), "{printed}");
    assert!(!printed.contains(TOKEN), "{printed}");
}
