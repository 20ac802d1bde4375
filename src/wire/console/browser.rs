//! A person's browser: it keeps cookies, reads pages, and fills in the forms that stand there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::Method;
use reqwest::cookie::Jar;
use reqwest::header;
use reqwest::redirect;

use crate::crossing::Action;
use crate::crossing::Link;
use crate::crossing::Offer;
use crate::crossing::Page;
use crate::crossing::Proof;
use crate::crossing::TicketForm;
use crate::person;
use crate::secret::Code;
use crate::secret::Password;
use crate::secret::Token;
use crate::story::Story;
use crate::wire::console::paths;
use crate::wire::console::read;
use crate::wire::console::read::NotAPage;
use crate::wire::console::read::Read;
use crate::wire::form::Form;

/// How long a browser waits for its page, in real time: the stage's own watchdog is shorter.
const REAL_TIMEOUT: Duration = Duration::from_secs(30);

/// A browser with cookies of its own.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    story: Arc<Story>,
    /// The page it shows.
    showing: Option<Read>,
}

/// What came of a request.
#[derive(Debug)]
pub enum Got {
    /// A page.
    Page(Page),
    /// The headers of one: a `HEAD` request has no page.
    Headers,
    /// No answer.
    Nothing,
}

/// Why a browser could not do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The client could not be set up.
    #[error("the browser could not be set up: {0}")]
    SetUp(reqwest::Error),
    /// What came back is not a page of the console's.
    #[error("the console answered with what is no page: {0}")]
    NotAPage(#[from] NotAPage),
}

impl Browser {
    /// A browser that finds the console at `console`.
    ///
    /// # Errors
    /// If the client cannot be set up.
    pub fn new(console: SocketAddr, story: Arc<Story>) -> Result<Self, BrowserError> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .resolve(paths::HOST, console)
            .cookie_provider(Arc::new(Jar::default()))
            .tcp_nodelay(true)
            .timeout(REAL_TIMEOUT)
            .build()
            .map_err(BrowserError::SetUp)?;
        Ok(Self { client, story, showing: None })
    }

    /// Another tab of this browser: the same cookies, a page of its own.
    pub fn tab(&self) -> Self {
        Self { client: self.client.clone(), story: Arc::clone(&self.story), showing: None }
    }

    /// Sends what a person does, as the page that is open offers it; what no page offers goes
    /// straight to where it belongs, as whoever knows the console can do.
    ///
    /// # Errors
    /// [`BrowserError`] if what comes back is no page of the console's.
    pub async fn send(&mut self, action: &Action, csrf: Proof) -> Result<Got, BrowserError> {
        let request = match action {
            Action::Open(page) => self.client.get(url(paths::of_page(*page))),
            Action::FollowLink(to) => self.client.get(link(to.and_then(Link::token))),
            Action::ProbeLink(to) => self.client.request(Method::HEAD, link(to.and_then(Link::token))),
            posted => {
                let (path, form) = self.form(posted, csrf);
                let kind = "application/x-www-form-urlencoded";
                self.client.post(url(&path)).header(header::CONTENT_TYPE, kind).body(form.body())
            }
        };
        let Ok(response) = request.send().await else { return Ok(Got::Nothing) };
        let Ok(html) = response.text().await else { return Ok(Got::Nothing) };
        if matches!(action, Action::ProbeLink(_)) {
            return Ok(Got::Headers);
        }
        let read = read::read(&html)?;
        let page = read.page;
        self.showing = Some(read);
        Ok(Got::Page(page))
    }

    /// Where the form of an action is posted, with all its fields filled in.
    fn form(&self, action: &Action, csrf: Proof) -> (String, Form) {
        let offer = paths::offer_of(action);
        let (path, hidden) = self.open_form(action, offer);
        let mut form = Form::new();
        let token = self.showing.as_ref().and_then(|read| read.csrf.as_deref());
        match (csrf, token) {
            (Proof::Valid, Some(token)) => form = form.with(paths::CSRF, token),
            (Proof::Wrong, _) => form = form.with(paths::CSRF, "a token made up"),
            (Proof::Valid, None) | (Proof::Missing, _) => {}
        }
        for (name, value) in hidden.fields() {
            if name != paths::CSRF {
                form = form.with(name, value);
            }
        }
        (path, self.fill_in(form, action))
    }

    /// The form with the button for `offer` on the page that is open, or an empty one.
    fn open_form(&self, action: &Action, offer: Option<Offer>) -> (String, Form) {
        let forms = self.showing.iter().flat_map(|read| &read.forms);
        let wanted = |form: &Form| match action {
            Action::Deactivate(device) => form.get("device") == Some(&device.0.to_string()),
            Action::ConfirmLink(Some(token)) => form.get("token") == Some(&token.reveal()),
            _ => true,
        };
        let same = |at: Offer| match (at, offer) {
            (Offer::ResendEmail, Some(Offer::SendEmail)) => true,
            (at, offer) => Some(at) == offer,
        };
        let open = forms.into_iter().find(|(at, _, form)| same(*at) && wanted(form));
        open.map_or_else(
            || (offer.map(paths::of_offer).unwrap_or_default().to_owned(), Form::new()),
            |(_, path, form)| (path.clone(), form.clone()),
        )
    }

    /// Types into the fields.
    fn fill_in(&self, form: Form, action: &Action) -> Form {
        let typed = |code: &Option<Code>| code.map_or_else(String::new, Code::reveal_text);
        match action {
            Action::SubmitUser(user) => form.with("user", self.story.address_text(*user)),
            Action::SubmitPassword(password) => form.with("password", self.password_text(*password)),
            Action::SubmitCode(code) | Action::SubmitSpoken(code) => form.with("code", typed(code)),
            Action::SubmitPair(one, two) | Action::FinishAssign(one, two) => {
                form.with("code1", typed(one)).with("code2", typed(two))
            }
            Action::Deactivate(device) if form.get("device").is_none() => {
                form.with("device", device.0.to_string())
            }
            Action::ConfirmLink(token) if form.get("token").is_none() => {
                form.with("token", token.map_or_else(String::new, Token::reveal))
            }
            Action::ChangePhone(number) => {
                form.with("phone", number.map_or_else(String::new, |number| number.to_string()))
            }
            Action::SubmitTicket(ticket) => ticket_fields(form, ticket, &self.story),
            Action::Open(_)
            | Action::FollowLink(_)
            | Action::ProbeLink(_)
            | Action::Troubleshoot
            | Action::ChooseResync
            | Action::ChooseAlternative
            | Action::SendEmail
            | Action::CallMe
            | Action::FinishSignIn
            | Action::Deactivate(_)
            | Action::ConfirmLink(_)
            | Action::BeginAssign
            | Action::SignOut => form,
        }
    }

    /// The text of a password: people type texts, and the story has them.
    fn password_text(&self, password: Password) -> &str {
        let known = self.story.accounts.iter().find(|account| account.password == password);
        known.map_or(person::WRONG_PASSWORD, |account| &account.password_text)
    }
}

/// The fields of a support form, as page 10 and the desk's API have them.
pub fn ticket_fields(form: Form, ticket: &TicketForm, story: &Story) -> Form {
    let known = story.accounts.iter().find(|account| account.full_name_digest == ticket.full_name);
    form.with("problem", ticket.problem.label())
        .with("email", story.address_text(ticket.email))
        .with("account-number", format!("{:012}", ticket.account_number))
        .with("phone", ticket.phone.map_or_else(String::new, |phone| phone.to_string()))
        .with("full-name", known.map_or("Somebody Else", |account| &account.full_name))
}

fn url(path: &str) -> String {
    format!("{}{path}", paths::ORIGIN)
}

fn link(token: Option<Token>) -> String {
    // A link that was wrapped on its way opens with what is left of it.
    let token = token.map_or_else(|| "0123456789abcdef".to_owned(), Token::reveal);
    format!("{}{}{token}", paths::ORIGIN, paths::LINK)
}
