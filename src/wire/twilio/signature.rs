//! `X-Twilio-Signature`, which authenticates webhook requests (TW-signature).
//!
//! base64(HMAC-SHA1(auth token, URL and, for a POST, each name and value of the form, sorted)).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use sha1::Sha1;

use crate::message::Authenticity;
use crate::wire::form::Form;

/// The header's name.
pub const HEADER: &str = "x-twilio-signature";

/// The signature of a POST of `form` to `url`, keyed with the account's `auth_token`. The URL is
/// the full one, with query and without fragment.
pub fn sign(auth_token: &str, url: &str, form: &Form) -> String {
    STANDARD.encode(mac(auth_token, url, form))
}

/// The URL as it is signed: without user, password and fragment, and for HTTPS without the port.
pub fn signed_url(url: &Url) -> Cow<'_, str> {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_bare && url.scheme() != "https" {
        return Cow::Borrowed(url.as_str());
    }
    let mut signed = url.clone();
    signed.set_fragment(None);
    // These calls fail only for a URL without a host, which cannot be requested.
    let _without_user = signed.set_username("").and_then(|()| signed.set_password(None));
    if signed.scheme() == "https" {
        let _without_port = signed.set_port(None);
    }
    Cow::Owned(signed.into())
}

/// Compares `shown` with the expected signature.
pub fn check(auth_token: &str, url: &str, form: &Form, shown: Option<&str>) -> Authenticity {
    let Some(shown) = shown else { return Authenticity::Missing };
    let right = STANDARD.decode(shown).is_ok_and(|shown| {
        let wanted = mac(auth_token, url, form);
        subtle::ConstantTimeEq::ct_eq(shown.as_slice(), wanted.as_slice()).into()
    });
    if right { Authenticity::Valid } else { Authenticity::Wrong }
}

fn mac(auth_token: &str, url: &str, form: &Form) -> Vec<u8> {
    let mut fields: Vec<(&str, &str)> =
        form.fields().iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect();
    fields.sort_unstable();
    // A repeated name with the same value counts once, as in Twilio's own validators.
    fields.dedup();
    // HMAC accepts keys of any length, so this never fails.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else { return Vec::new() };
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> (&'static str, Form) {
        let form = Form::new()
            .with("CallSid", "CA1234567890ABCDE")
            .with("Caller", "+14158675310")
            .with("Digits", "1234")
            .with("From", "+14158675310")
            .with("To", "+18005551212");
        ("https://example.com/myapp.php?foo=1&bar=2", form)
    }

    #[test]
    fn twilios_published_vector() {
        let (url, form) = published();
        assert_eq!(sign("12345", url, &form), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    }

    #[test]
    fn what_is_not_sent_is_not_signed() {
        for (url, signed) in [
            ("http://app.test:8000/x?a=1", "http://app.test:8000/x?a=1"),
            ("https://app.test:8443/x", "https://app.test/x"),
            ("http://user:secret@app.test/x#rc=2", "http://app.test/x"),
        ] {
            assert_eq!(signed_url(&Url::parse(url).unwrap()), signed);
        }
    }

    #[test]
    fn anything_changed_makes_it_wrong() {
        let (url, form) = published();
        let right = sign("12345", url, &form);
        assert_eq!(check("12345", url, &form, Some(&right)), Authenticity::Valid);
        assert_eq!(check("12345", url, &form, None), Authenticity::Missing);
        assert_eq!(check("12346", url, &form, Some(&right)), Authenticity::Wrong);
        assert_eq!(check("12345", "https://example.com/", &form, Some(&right)), Authenticity::Wrong);
        assert_eq!(check("12345", url, &form.clone().with("X", "1"), Some(&right)), Authenticity::Wrong);
        assert_eq!(check("12345", url, &form, Some("not base64!")), Authenticity::Wrong);
        assert_eq!(check("12345", url, &form, Some("")), Authenticity::Wrong);
    }
}
