//! A link scanner: it opens the links of emails as mail gateways do, before or after their readers.
//!
//! It sends real requests to the app that sent the email, without cookies. In reading order: `target` says
//! where a link may lead, `form` finds what a scanner would submit, and [`Scanner`] sends the requests.
//!
//! Only this machine is ever asked: a link to any other host is skipped, and the log says so. A test can name
//! a loopback address for a host ([`Hosts`]), so that an app with links to its public name is scanned too.

mod form;
mod target;

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HOST, LOCATION};
use reqwest::{Client, Method, Response, StatusCode, Url};
use tokio::time::timeout;

pub use self::target::{Hosts, NotLoopback};
pub(crate) use self::target::{LOCALHOST, is_here};
use crate::event::ScanRung;
use crate::wire::http_client::direct_client;
use crate::wire::mail_log::{MailLog, origin};

/// What the scanner calls itself.
const USER_AGENT: &str =
    concat!("lostkey-link-scanner/", env!("CARGO_PKG_VERSION"), " (checks links in email)");

/// The real time that the requests to one link may take. Under a manual clock the links of an email are opened
/// one after another, and all of them must take less time than an advance waits.
const SCAN_MAX: Duration = Duration::from_secs(4);

/// How much of a page is read, in bytes. The HTML parser is quadratic in nesting depth.
const PAGE_MAX: usize = 64 * 1_024;

/// The maximum number of redirects that one scan follows.
const REDIRECTS_MAX: usize = 10;

/// A link scanner.
#[derive(Debug)]
pub struct Scanner {
    client: Client,
    hosts: Hosts,
    log: MailLog,
}

/// Why a scan ended early.
#[derive(Debug)]
enum Skipped {
    /// The link may not be opened.
    Target(target::NoTarget),
    /// A request got no answer.
    NoAnswer(String),
    /// There were too many redirects.
    TooManyRedirects,
    /// There is not exactly one form to submit.
    Forms(usize),
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(why) => why.fmt(f),
            Self::NoAnswer(why) => write!(f, "no answer: {why}"),
            Self::TooManyRedirects => write!(f, "more than {REDIRECTS_MAX} redirects"),
            Self::Forms(count) => {
                write!(f, "submitted nothing: the page has {count} forms that are sent with POST")
            }
        }
    }
}

/// The requests of one scan, as the log shows them.
type Requests = Vec<String>;

impl Scanner {
    /// Creates a scanner that writes what it does to `log`.
    ///
    /// # Errors
    /// If the HTTP client cannot be set up.
    pub fn new(log: MailLog) -> reqwest::Result<Self> {
        let client = direct_client(SCAN_MAX)
            .resolve_to_addrs("localhost", &LOCALHOST)
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self { client, hosts: Hosts::default(), log })
    }

    /// The hosts that a test has given loopback addresses.
    pub const fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Opens a link as far as `rung` says; without a rung with HEAD, then GET. The log tells what was sent,
    /// and why the scan ended early if it did.
    pub async fn scan(&self, link: &str, rung: Option<ScanRung>) {
        let Ok(url) = Url::parse(link) else {
            self.log.write("scanner", "skipped a link: it is not a URL".to_owned());
            return;
        };
        let mut requests = Requests::new();
        let ended = match timeout(SCAN_MAX, self.climb(&url, rung, &mut requests)).await {
            Ok(ended) => ended,
            Err(_) => Err(Skipped::NoAnswer(format!("not within {} s", SCAN_MAX.as_secs()))),
        };
        let did = if requests.is_empty() { "nothing".to_owned() } else { requests.join(", ") };
        let rung = rung.map_or("head, then get", ScanRung::label);
        let end = ended.err().map(|why| format!("; {why}")).unwrap_or_default();
        self.log.write("scanner", format!("{} ({rung}): {did}{end}", origin(&url)));
    }

    async fn climb(&self, url: &Url, rung: Option<ScanRung>, requests: &mut Requests) -> Result<(), Skipped> {
        match rung {
            None => {
                self.ask(Method::HEAD, url, None, requests).await?;
                self.ask(Method::GET, url, None, requests).await?;
            }
            Some(ScanRung::Head) => {
                self.ask(Method::HEAD, url, None, requests).await?;
            }
            Some(ScanRung::Get) => {
                self.ask(Method::GET, url, None, requests).await?;
            }
            Some(ScanRung::Redirects) => {
                self.follow(url, requests).await?;
            }
            Some(ScanRung::Form) => {
                let (at, page) = self.follow(url, requests).await?;
                let form = form::only_form(&page, &at).map_err(Skipped::Forms)?;
                self.ask(Method::POST, &form.to, Some(form.fields.body()), requests).await?;
            }
        }
        Ok(())
    }

    /// Opens a URL and follows its redirects; returns the last page and its address.
    async fn follow(&self, url: &Url, requests: &mut Requests) -> Result<(Url, String), Skipped> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let (next, page) = self.ask(Method::GET, &at, None, requests).await?;
            match next.and_then(|next| at.join(&next).ok()) {
                Some(next) => at = next,
                None => return Ok((at, page)),
            }
        }
        Err(Skipped::TooManyRedirects)
    }

    /// Sends one request; returns the target of its redirect, if it is one, and the page.
    async fn ask(
        &self,
        method: Method,
        url: &Url,
        body: Option<String>,
        requests: &mut Requests,
    ) -> Result<(Option<String>, String), Skipped> {
        let target = self.hosts.target(url).map_err(Skipped::Target)?;
        let mut request = self.client.request(method.clone(), target.url);
        if let Some(host) = target.host {
            request = request.header(HOST, host);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        // The address of a failed request is left out, because it may hold a secret.
        let no_answer = |error: reqwest::Error| Skipped::NoAnswer(error.without_url().to_string());
        let response = request.send().await.map_err(no_answer)?;
        requests.push(format!("{method} {}", response.status().as_u16()));
        let next = location(&response);
        let page = read(response).await.map_err(no_answer)?;
        Ok((next, page))
    }
}

/// Where a redirect leads.
fn location(response: &Response) -> Option<String> {
    let redirects = matches!(
        response.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = response.headers().get(LOCATION).filter(|_| redirects)?;
    location.to_str().ok().map(str::to_owned)
}

/// The beginning of a page.
async fn read(mut response: Response) -> reqwest::Result<String> {
    let mut page = Vec::new();
    while page.len() < PAGE_MAX {
        let Some(chunk) = response.chunk().await? else { break };
        page.extend_from_slice(&chunk);
    }
    page.truncate(PAGE_MAX);
    Ok(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests;
