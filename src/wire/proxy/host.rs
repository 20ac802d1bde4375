//! The hosts that the proxy serves: those of Twilio's products, also by edge and region.

/// The products whose hosts are served: those whose requests lostkey answers (TW-hosts).
pub const PRODUCTS: [&str; 2] = ["api", "verify"];

/// The domain of all hosts that are served.
const DOMAIN: &str = ".twilio.com";

/// The maximum number of labels between the product and the domain: an edge and a region.
const PLACES_MAX: usize = 2;

/// Longest label of a host name (RFC 1035 section 2.3.4).
const LABEL_MAX: usize = 63;

/// The port that is served.
pub const PORT: u16 = 443;

/// Whether the proxy serves this host, which is in lower case: `api.twilio.com`,
/// `api.ie1.twilio.com`, `api.dublin.ie1.twilio.com`.
#[must_use]
pub fn is_served(host: &str) -> bool {
    let Some(labels) = host.strip_suffix(DOMAIN) else { return false };
    let mut labels = labels.split('.');
    labels.next().is_some_and(|product| PRODUCTS.contains(&product))
        && labels.clone().count() <= PLACES_MAX
        && labels.all(is_label)
}

/// Whether this host, in lower case, is one of Twilio's.
pub(super) fn is_twilios(host: &str) -> bool {
    host.strip_suffix(DOMAIN).is_some_and(|labels| labels.split('.').all(is_label))
}

/// The hosts without edge and region.
pub(super) fn plain() -> [String; PRODUCTS.len()] {
    PRODUCTS.map(|product| format!("{product}{DOMAIN}"))
}

fn is_label(label: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=LABEL_MAX).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_served_at_every_edge_and_no_other_host() {
        for host in
            ["api.twilio.com", "verify.twilio.com", "api.ie1.twilio.com", "verify.dublin.ie1.twilio.com"]
        {
            assert!(is_served(host), "{host}");
        }
        for host in ["lookups.twilio.com", "messaging.twilio.com", "events.ie1.twilio.com", "www.twilio.com"]
        {
            assert!(is_twilios(host) && !is_served(host), "{host}");
        }
        for host in ["", "twilio.com", ".twilio.com", "a..twilio.com", "api.eviltwilio.com", "a.test"] {
            assert!(!is_twilios(host), "{host}");
        }
        for host in [
            "",
            "twilio.com",
            ".twilio.com",
            "www.twilio.com",
            "console.twilio.com",
            "api.twilio.com.",
            "api.twilio.com.evil.test",
            "evil-api.twilio.com",
            "api.eviltwilio.com",
            "apitwilio.com",
            "api..twilio.com",
            "api.a.b.c.twilio.com",
            "api.-a.twilio.com",
            "api.a-.twilio.com",
            "api.a_b.twilio.com",
            "API.twilio.com",
            "127.0.0.1",
        ] {
            assert!(!is_served(host), "{host}");
        }
        assert!(!is_served(&format!("api.{}.twilio.com", "a".repeat(64))));
    }
}
