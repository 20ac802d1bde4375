//! Conversion between hooks and URLs.
//!
//! URLs of the reference service contain its reference for the call; all other URLs are interned in
//! the world's [`Papers`].

use reqwest::Url;

use crate::event::WebhookKind;
use crate::message::{Hook, Method, Papers, Place, Retries, ServiceRef, UrlId};
use crate::wire::reference::paths;

/// Last path segment of each kind of webhook at the service.
const WHICH: [(WebhookKind, &str); 3] =
    [(WebhookKind::Fetch, "document"), (WebhookKind::Action, "digits"), (WebhookKind::Status, "status")];

/// The kind of request with this path segment.
pub(super) fn kind_named(which: &str) -> Option<WebhookKind> {
    WHICH.into_iter().find(|(_, name)| *name == which).map(|(kind, _)| kind)
}

/// The service's reference for a call, from a path.
pub(super) fn reference(text: &str) -> Option<ServiceRef> {
    (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok())?.map(ServiceRef)
}

/// The path of a hook of the reference service; `None` for another service's.
pub(super) fn console_path(hook: Hook) -> Option<String> {
    let Place::Console(order, kind) = hook.at else { return None };
    let which = WHICH.into_iter().find(|(known, _)| *known == kind).map(|(_, name)| name)?;
    Some(format!("{}{:016x}/{which}", paths::VOICE, { order.0 }))
}

/// The URL of a hook of the reference service; `None` for another service's.
pub(super) fn console_url(hook: Hook) -> Option<String> {
    console_path(hook).map(|path| format!("{}{path}", paths::ORIGIN))
}

/// The URL of a hook.
pub(super) fn url_of(hook: Hook, papers: &Papers) -> Option<String> {
    match hook.at {
        Place::Console(..) => console_url(hook),
        Place::Url(id) => papers.url(id).map(|url| url.to_string()),
    }
}

/// The hook at an absolute URL; `None` unless it is HTTP or HTTPS with a host.
pub fn hook_at(url: &str, method: Method, papers: &mut Papers) -> Option<Hook> {
    hook_of(&Url::parse(url.trim()).ok()?, method, papers)
}

/// The hook at an address relative to `base`; an empty address is `base` itself.
pub(super) fn resolve(base: &str, address: &str, method: Method, papers: &mut Papers) -> Option<Hook> {
    hook_of(&Url::parse(base).ok()?.join(address).ok()?, method, papers)
}

fn hook_of(url: &Url, method: Method, papers: &mut Papers) -> Option<Hook> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return None;
    }
    let at = match console_place(url) {
        Some(place) => place,
        None => Place::Url(Some(papers.url_id(url.as_str())).filter(|url| *url != UrlId::UNKNOWN)?),
    };
    Some(Hook { at, method, retries: Retries::of_fragment(url.fragment()) })
}

fn console_place(url: &Url) -> Option<Place> {
    let path = url.as_str().strip_prefix(paths::ORIGIN)?.strip_prefix(paths::VOICE)?;
    let (name, which) = path.split_once('/')?;
    Some(Place::Console(reference(name)?, kind_named(which)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_console_reads_back_as_it_is_written() {
        let mut papers = Papers::default();
        for (kind, _) in WHICH {
            let hook = Hook::post(Place::Console(ServiceRef(0xbeef), kind));
            let url = url_of(hook, &papers).unwrap();
            assert_eq!(hook_at(&url, Method::Post, &mut papers), Some(hook));
            let path = console_path(hook).unwrap();
            let base =
                url_of(Hook::post(Place::Console(ServiceRef(1), WebhookKind::Fetch)), &papers).unwrap();
            assert_eq!(resolve(&base, &path, Method::Post, &mut papers), Some(hook));
        }
    }

    #[test]
    fn addresses_are_resolved_as_links_are() {
        let mut papers = Papers::default();
        let base = "http://app.test:8000/calls/one?locale=en";
        for (address, url) in [
            ("http://other.test/x", Some("http://other.test/x")),
            ("/digits", Some("http://app.test:8000/digits")),
            ("two?n=1", Some("http://app.test:8000/calls/two?n=1")),
            ("?n=1", Some("http://app.test:8000/calls/one?n=1")),
            ("", Some("http://app.test:8000/calls/one?locale=en")),
            ("//other.test/x", Some("http://other.test/x")),
            ("mailto:ana@example.com", None),
            ("file:///etc/passwd", None),
            ("http://", None),
            ("http://console.test/voice/xyz/digits", Some("http://console.test/voice/xyz/digits")),
        ] {
            let hook = resolve(base, address, Method::Get, &mut papers);
            let told = hook.map(|hook| (url_of(hook, &papers).unwrap(), hook.method));
            assert_eq!(told, url.map(|url| (url.to_owned(), Method::Get)), "{address}");
        }
        for text in ["", "digits", "/digits", "ftp://app.test/"] {
            assert_eq!(hook_at(text, Method::Post, &mut papers), None, "{text}");
        }
    }
}
