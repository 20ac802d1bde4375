//! The servers around the worlds: where they listen, and whether their clients need the token.
//!
//! Without a token the servers listen on loopback only. With one, every client must show it. The proxy checks it in
//! `Proxy-Authorization`, and forwards to a second REST server on loopback that does not check it again: the
//! credentials in those requests belong to the app's Twilio account, so they cannot hold the token.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::middleware::{from_fn, map_response};
use tokio::net::TcpListener;

use crate::serve::builder::Listen;
use crate::serve::guard::{Face, guarded};
use crate::serve::local_only::local_only;
use crate::serve::ports::Ports;
use crate::serve::sandbox::{Reception, Sandboxes, routes};
use crate::serve::too_large::in_json;
use crate::wire::WireError;
use crate::wire::http_server::HttpServer;
use crate::wire::proxy::{Proxy, ProxySettings};
use crate::wire::smtp::{Admits, Auth, Budget, Limits, Settings, SmtpSink, Tls, TlsStart};
use crate::wire::tls::Authority;
use crate::wire::token::Token;

/// The servers, which end when they are dropped.
#[derive(Debug)]
pub(super) struct Running {
    http: HttpServer,
    twilio: HttpServer,
    /// What the proxy hands requests to, if that is not the voice API.
    _behind_proxy: Option<HttpServer>,
    /// The pages of the reference service for clients that show the token.
    pages: Option<HttpServer>,
    smtp: SmtpSink,
    smtps: SmtpSink,
    proxy: Proxy,
}

impl Running {
    /// Opens all servers.
    pub(super) async fn open(
        sandboxes: &Arc<Sandboxes>,
        authority: &Authority,
        (listen, token): (Listen, Option<&Token>),
    ) -> Result<Self, WireError> {
        let rest = routes::rest(Arc::clone(sandboxes));
        let api = match token {
            Some(token) => guarded(rest.clone(), token, Face::Provider),
            None => rest.clone(),
        };
        let twilio = HttpServer::open_at(listen.twilio, api).map_err(at("the voice API", listen.twilio))?;
        let behind_proxy = token.map(|_| HttpServer::open(rest)).transpose()?;
        let upstream = behind_proxy.as_ref().unwrap_or(&twilio).address();
        let (smtp, smtps) = mail(sandboxes, authority, (listen, token)).await?;
        let listener = TcpListener::bind(listen.proxy).await.map_err(at("the proxy", listen.proxy))?;
        let settings = ProxySettings { token: token.cloned(), ..ProxySettings::default() };
        let proxy = Proxy::serve(listener, authority, upstream, settings).map_err(io::Error::other)?;
        let mut control = routes::http(Arc::clone(sandboxes)).layer(map_response(in_json));
        if let Some(token) = token {
            control = guarded(control, token, Face::Control);
        }
        if listen.http.ip().is_loopback() {
            control = control.layer(from_fn(local_only));
        }
        let http = HttpServer::open_at(listen.http, control).map_err(at("the control API", listen.http))?;
        let pages = match token {
            Some(token) => {
                let pages = sandboxes.default().served.reference.pages().await?;
                let pages = guarded(pages, token, Face::Pages);
                let open = HttpServer::open_at(listen.console, pages);
                Some(open.map_err(at("the reference service", listen.console))?)
            }
            None => None,
        };
        Ok(Self { http, twilio, _behind_proxy: behind_proxy, pages, smtp, smtps, proxy })
    }

    /// Where they listen. Without a token, the pages are where the reference service itself is.
    pub(super) fn ports(&self, ca: String, reference: SocketAddr) -> Ports {
        let url = |address: SocketAddr| format!("http://{address}");
        Ports {
            smtp: self.smtp.local_addr().to_string(),
            smtps: self.smtps.local_addr().to_string(),
            http: url(self.http.address()),
            twilio: url(self.twilio.address()),
            proxy: url(self.proxy.local_addr()),
            ca,
            console: url(self.pages.as_ref().map_or(reference, HttpServer::address)),
        }
    }

    pub(super) const fn proxy(&self) -> SocketAddr {
        self.proxy.local_addr()
    }
}

/// Refuses addresses beyond loopback, which need a token.
pub(super) fn check_loopback(listen: Listen) -> Result<(), WireError> {
    let Listen { smtp, smtps, http, twilio, proxy, console } = listen;
    for address in [smtp, smtps, http, twilio, proxy, console] {
        if !address.ip().is_loopback() {
            let says = "everybody on the network could use it; beyond loopback, clients must show a token";
            let source = io::Error::new(io::ErrorKind::PermissionDenied, says);
            return Err(WireError::Listen { what: "a server without a token", address, source });
        }
    }
    Ok(())
}

/// Says which server cannot listen.
fn at(what: &'static str, address: SocketAddr) -> impl FnOnce(io::Error) -> WireError {
    move |source| WireError::Listen { what, address, source }
}

/// The SMTP servers.
async fn mail(
    sandboxes: &Arc<Sandboxes>,
    authority: &Authority,
    (listen, token): (Listen, Option<&Token>),
) -> Result<(SmtpSink, SmtpSink), WireError> {
    let own: Vec<String> = [listen.smtp, listen.smtps]
        .iter()
        .filter(|address| !address.ip().is_loopback() && !address.ip().is_unspecified())
        .map(|address| address.ip().to_string())
        .collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let acceptor = authority.acceptor(&own).map_err(io::Error::other)?;
    let budget = Budget::default();
    let auth = match token {
        Some(token) => Auth { admits: Admits::WithToken(token.clone()), is_required: true },
        None => Auth::default(),
    };
    let settings = |start: TlsStart| Settings {
        limits: Limits::MAILBOX,
        // Both servers share it.
        budget: budget.clone(),
        auth: Some(auth.clone()),
        tls: Some(Tls { acceptor: acceptor.clone(), start }),
        ..Settings::default()
    };
    let serve = |listener, start| {
        let sandboxes = Arc::clone(sandboxes);
        SmtpSink::serve(listener, settings(start), move |_| Reception::new(Arc::clone(&sandboxes)))
    };
    let smtp = TcpListener::bind(listen.smtp).await.map_err(at("SMTP", listen.smtp))?;
    let smtp = serve(smtp, TlsStart::Command)?;
    let smtps = TcpListener::bind(listen.smtps).await.map_err(at("SMTPS", listen.smtps))?;
    let smtps = serve(smtps, TlsStart::Implicit)?;
    Ok((smtp, smtps))
}
