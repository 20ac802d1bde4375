//! `lostkey serve`: runs the servers for external apps until a signal stops them.

use std::fs;
use std::io::{self, ErrorKind, Write, stderr};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::event_log::{EventLog, LogFormat};
use crate::cli::exit::Exit;
use crate::cli::output::stdout;
use crate::cli::outputs::{FilesOf, output_file};
use crate::cli::{counted, signals, story};
use crate::serve::{Builder, Listen, ServeClock, Server};
use crate::wire::token::Token;
use crate::wire::{WireError, files};

/// Serve a voice provider and a mailbox for your app, and let tests control its phones.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Story file [default: two people at two numbers]
    story: Option<PathBuf>,
    /// Address of SMTP with STARTTLS
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:1025")]
    smtp: SocketAddr,
    /// Address of SMTP with implicit TLS
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:1465")]
    smtps: SocketAddr,
    /// Address of the control API and of Mailpit's API
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8025")]
    http: SocketAddr,
    /// Address of the voice provider's REST API
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8026")]
    twilio: SocketAddr,
    /// Address of the HTTPS proxy that answers for Twilio's hosts
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8027")]
    proxy: SocketAddr,
    /// Address of the pages of the reference service
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "127.0.0.1:8028")]
    console: SocketAddr,
    /// How time passes: `real`, `manual`, or `x10` for ten times as fast
    #[arg(long, value_parser = clock, default_value = "real")]
    clock: ServeClock,
    /// Seed [default: the story's own]
    #[arg(long)]
    seed: Option<u64>,
    /// Write the addresses as JSON to this file, once all servers are ready
    #[arg(long, value_name = "FILE", value_parser = output_file)]
    ports_file: Option<PathBuf>,
    /// Listen beyond loopback too, for clients that show the token
    #[arg(long)]
    allow_remote: bool,
    /// File with the token, which the clients of a remote server must show
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Write what `POST /save` saves to this folder
    #[arg(long, value_name = "DIR", value_parser = output_file)]
    save_dir: Option<PathBuf>,
    /// Write a line to stderr for each event, with dots for secrets
    #[arg(long, value_name = "FORMAT")]
    log: Option<LogFormat>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "write an IP address and a port, for example 127.0.0.1:8025, or 127.0.0.1:0 for a free port"
            .to_owned()
    })
}

fn clock(text: &str) -> Result<ServeClock, String> {
    let help = "it is `real`, `manual`, or `x` and how many times as fast, for example `x10`";
    ServeClock::named(text).ok_or_else(|| help.to_owned())
}

/// Serves until Ctrl-C or SIGTERM.
pub(super) fn serve(args: &Args) -> Exit {
    match try_serve(args) {
        Ok(()) => Exit::Well,
        Err((exit, says)) => {
            let _closed_pipe = writeln!(anstream::stderr(), "error: {says}");
            exit
        }
    }
}

fn try_serve(args: &Args) -> Result<(), (Exit, String)> {
    // Declared before the runtime, whose tasks write to it, so that it ends after them.
    let log = args.log.map(|format| EventLog::start(format, stderr())).transpose();
    let log = log.map_err(|error| (Exit::CouldNotRun, format!("cannot start the log: {error}")))?;
    let runtime = signals::runtime()?;
    let mut builder = builder(args)?;
    can_keep(args)?;
    if let Some(log) = log.as_ref().and_then(EventLog::intake) {
        builder = builder.follower(move |news| log.take(news));
    }
    runtime.block_on(async {
        let failed = |says: String| (Exit::CouldNotRun, says);
        // Before the ports file appears, whose reader may stop the server at once.
        let mut stop = signal(SignalKind::terminate()).map_err(|error| failed(error.to_string()))?;
        // Not under `nohup`.
        let hang_up = (signals::ignores_hang_up() != Some(true)).then(|| signal(SignalKind::hangup()));
        let mut hang_up = hang_up.transpose().map_err(|error| failed(error.to_string()))?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| failed(error.to_string()))?;
        let server = builder.start().await.map_err(cannot_start)?;
        if let Some(file) = &args.ports_file {
            let written = server.ports().write(file);
            written.map_err(|error| failed(format!("cannot write {}: {error}", file.display())))?;
        }
        greet(&server, args.token_file.as_deref());
        let stopped = async {
            tokio::select! {
                _ = stop.recv() => {}
                _ = interrupt.recv() => {}
                () = signals::hung_up(&mut hang_up) => {}
            }
        };
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => break,
                () = server.failed() => {
                    let says = "error: the play has ended with an error; POST /control/v1/reset starts a new one";
                    let _closed_pipe = writeln!(anstream::stderr(), "{says}");
                }
            }
            tokio::select! {
                () = &mut stopped => break,
                () = server.recovered() => {}
            }
        }
        if let Some(file) = &args.ports_file {
            // Nothing listens at these addresses any more. The file may have been removed already.
            let _removed = fs::remove_file(file);
        }
        let dropped = server.under_way();
        drop(server);
        if dropped > 0 {
            let what = counted(dropped, "webhook", "webhooks");
            let _closed_pipe = writeln!(anstream::stderr(), "stopped; {what} under way dropped");
        }
        Ok(())
    })
}

/// Checks before anything is served that what is saved can be written.
fn can_keep(args: &Args) -> Result<(), (Exit, String)> {
    FilesOf::default()
        .reads("the story", &args.story)
        .reads("the file with the token", &args.token_file)
        .writes("--ports-file", args.ports_file.as_deref())
        .writes("--save-dir", args.save_dir.as_deref())
        .check()?;
    let failed = |path: &Path, error: &io::Error| {
        (Exit::CouldNotRun, format!("cannot write {}: {error}", path.display()))
    };
    if let Some(folder) = &args.save_dir {
        files::can_be_filled(folder).map_err(|error| failed(folder, &error))?;
    }
    args.ports_file
        .as_ref()
        .map_or(Ok(()), |file| files::can_be_written(file).map_err(|error| failed(file, &error)))
}

fn builder(args: &Args) -> Result<Builder, (Exit, String)> {
    let listen = Listen {
        smtp: args.smtp,
        smtps: args.smtps,
        http: args.http,
        twilio: args.twilio,
        proxy: args.proxy,
        console: args.console,
    };
    let token = token(args)?;
    let Listen { smtp, smtps, http, twilio, proxy, console } = listen;
    for address in [smtp, smtps, http, twilio, proxy, console] {
        if token.is_none() && !address.ip().is_loopback() {
            let says = format!(
                "{address} is not a loopback address; everybody on the network could use it\nhelp: \
                 --allow-remote --token-file FILE lets only those in who show the token in the file"
            );
            return Err((Exit::BadInput, says));
        }
    }
    let story = args.story.as_deref().map(story).transpose()?;
    let seed = args.seed.or_else(|| story.as_ref().map(|story| story.seed)).unwrap_or(1);
    let mut builder = Server::builder().seed(seed).clock(args.clock).listen(listen);
    if let Some(story) = story {
        builder = builder.story(story);
    }
    if let Some(token) = token {
        builder = builder.token(token);
    }
    if let Some(folder) = &args.save_dir {
        builder = builder.save_dir(folder);
    }
    Ok(builder)
}

/// The token of a server that may listen beyond loopback.
fn token(args: &Args) -> Result<Option<Token>, (Exit, String)> {
    let bad = |says: String| Err((Exit::BadInput, says));
    match (args.allow_remote, &args.token_file) {
        (false, None) => Ok(None),
        (true, Some(file)) => Token::read(file).map(Some).or_else(|error| bad(error.to_string())),
        (true, None) => bad(
            "--allow-remote needs --token-file FILE, or everybody on the network could use the server\nhelp: \
             `(umask 077; openssl rand -hex 32 > FILE)` writes a token"
                .to_owned(),
        ),
        (false, Some(_)) => bad(
            "--token-file is for servers beyond loopback\nhelp: give --allow-remote too, or neither: on \
             loopback no token is needed"
                .to_owned(),
        ),
    }
}

fn cannot_start(error: WireError) -> (Exit, String) {
    let help = match &error {
        WireError::Listen { source, .. } if source.kind() == ErrorKind::AddrInUse => {
            "\nhelp: another program uses this port, perhaps Mailpit or another `lostkey serve`; give another \
             address, or port 0 for a free one, with --smtp, --smtps, --http, --twilio, --proxy or --console"
        }
        _ => "",
    };
    (Exit::CouldNotRun, format!("{error}{help}"))
}

fn greet(server: &Server, token: Option<&Path>) {
    let ports = server.ports();
    let lines = [
        ("SMTP", &ports.smtp, "any mailbox; STARTTLS and AUTH are optional"),
        ("SMTPS", &ports.smtps, "the same with implicit TLS"),
        ("voice API", &ports.twilio, "in place of https://api.twilio.com"),
        ("proxy", &ports.proxy, "for apps that you do not change; see below"),
        ("control", &ports.http, "for tests: /control/v1, and Mailpit's /api/v1"),
        ("console", &ports.console, "the reference service"),
    ];
    let mut out = stdout();
    for (name, url, says) in lines {
        let _closed_pipe = writeln!(out, "{name:<10} {url:<24} {says}");
    }
    if let Some(file) = token {
        let says = format!("all clients must show the token in {}", file.display());
        let _closed_pipe = writeln!(out, "{:<10} {says}", "token");
    }
    let lines = server.environment();
    let _closed_pipe = write!(out, "\nTo send an unchanged app through the proxy:\n{lines}\n");
    let _closed_pipe = writeln!(out, "ready; stop with Ctrl-C");
    let _closed_pipe = out.flush();
}
