//! A person's browser: keeps cookies, reads pages, and fills in the forms on them.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::{Client, Url, header};

use crate::base::secret::Token;
use crate::event;
use crate::message::{Action, Authenticity, Page};
use crate::story::Story;
use crate::wire::descriptors::TooFew;
use crate::wire::form::Form;
use crate::wire::http_client::{REAL_TIMEOUT, direct_client};
use crate::wire::reference::read::{NotAPage, Read};
use crate::wire::reference::{fields, paths, read};

/// A browser tab with its cookie jar.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    cookies: Arc<Jar>,
    story: Arc<Story>,
    /// The page that is open.
    showing: Option<Read>,
}

/// The result of a request.
#[derive(Debug)]
pub enum Got {
    /// A page.
    Page(Page),
    /// Headers only, for a `HEAD` request.
    Headers,
    /// No answer.
    Nothing,
}

/// Why a browser could not send a request or read its answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The client could not be set up.
    #[error("the browser could not be set up: {0}")]
    SetUp(reqwest::Error),
    /// The process may not open another socket.
    #[error(transparent)]
    Descriptors(#[from] TooFew),
    /// The answer is not one of the service's pages.
    #[error("the console's answer is not a page: {0}")]
    NotAPage(#[from] NotAPage),
}

impl Browser {
    /// Creates a browser that resolves the service to `console`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn new(console: SocketAddr, story: Arc<Story>) -> Result<Self, BrowserError> {
        let cookies = Arc::new(Jar::default());
        let client = direct_client(REAL_TIMEOUT)
            .resolve(paths::HOST, console)
            .cookie_provider(Arc::clone(&cookies))
            .build()
            .map_err(BrowserError::SetUp)?;
        Ok(Self { client, cookies, story, showing: None })
    }

    /// Opens another tab: shared cookies, separate page.
    pub fn tab(&self) -> Self {
        let (client, cookies) = (self.client.clone(), Arc::clone(&self.cookies));
        Self { client, cookies, story: Arc::clone(&self.story), showing: None }
    }

    /// The session cookie in its jar.
    pub fn cookie(&self) -> Option<Token> {
        let held = self.cookies.cookies(&site()?)?;
        paths::session_cookie(held.to_str().ok()?)
    }

    /// Puts a session cookie into its jar, or removes the one in it.
    pub fn hold(&self, cookie: Option<Token>) {
        let Some(site) = site() else { return };
        let pair = cookie.map_or_else(
            || format!("{}=; Path=/; Max-Age=0", paths::COOKIE),
            |token| format!("{}={}; Path=/", paths::COOKIE, token.reveal()),
        );
        self.cookies.add_cookie_str(&pair, &site);
    }

    /// Sends an action with the form on the open page. If the page has no such form, the request
    /// goes straight to the action's path, as an attacker who knows the service could send it.
    ///
    /// # Errors
    /// [`BrowserError`] if the answer is not one of the service's pages, or no socket can be opened.
    pub async fn send(&mut self, action: &Action, csrf: Authenticity) -> Result<Got, BrowserError> {
        let request = match action.control().method() {
            event::Method::Get => self.client.get(url(&paths::of_action(action))),
            event::Method::Head => self.client.head(url(&paths::of_action(action))),
            event::Method::Post => {
                let (path, form) = self.form(action, csrf);
                let kind = "application/x-www-form-urlencoded";
                self.client.post(url(&path)).header(header::CONTENT_TYPE, kind).body(form.body())
            }
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return TooFew::of(&error).map_or(Ok(Got::Nothing), |too_few| Err(too_few.into())),
        };
        let Ok(html) = response.text().await else { return Ok(Got::Nothing) };
        if action.control().method() == event::Method::Head {
            return Ok(Got::Headers);
        }
        let read = read::read(&html)?;
        let page = read.page;
        self.showing = Some(read);
        Ok(Got::Page(page))
    }

    /// The path and the completed form for an action.
    fn form(&self, action: &Action, csrf: Authenticity) -> (String, Form) {
        let typed = fields::write(action, &self.story);
        let (path, hidden) = self.open_form(action, &typed);
        let mut form = Form::new();
        let token = self.showing.as_ref().and_then(|read| read.csrf.as_deref());
        match (csrf, token) {
            (Authenticity::Valid, Some(token)) => form = form.with(paths::CSRF, token),
            (Authenticity::Wrong, _) => form = form.with(paths::CSRF, "a token made up"),
            (Authenticity::Valid, None) | (Authenticity::Missing, _) => {}
        }
        let shown = hidden.fields().iter().filter(|(name, _)| name != paths::CSRF);
        let filled_in = typed.fields().iter().filter(|(name, _)| hidden.get(name).is_none());
        (path, shown.chain(filled_in).fold(form, |form, (name, value)| form.with(name, value)))
    }

    /// The form on the open page that sends this action with these fields, or an empty one.
    fn open_form(&self, action: &Action, typed: &Form) -> (String, Form) {
        let forms = self.showing.iter().flat_map(|read| &read.forms);
        let fits = |form: &Form| {
            // An empty field keeps the page's own value.
            let filled_in = typed.fields().iter().filter(|(_, value)| !value.is_empty());
            filled_in.into_iter().all(|(name, value)| form.get(name).is_none_or(|hidden| hidden == value))
        };
        let open = forms.into_iter().find(|(at, _, form)| at.request() == action.control() && fits(form));
        open.map_or_else(
            || (paths::of_action(action), Form::new()),
            |(_, path, form)| (path.clone(), form.clone()),
        )
    }
}

/// The site that cookies belong to.
fn site() -> Option<Url> {
    Url::parse(paths::ORIGIN).ok()
}

fn url(path: &str) -> String {
    format!("{}{path}", paths::ORIGIN)
}
