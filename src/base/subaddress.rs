//! Tags of email addresses: `ana+news@example.com` is a mailbox of `ana@example.com` (RFC 5233).

/// The separator of a user and a tag.
const SEPARATOR: char = '+';

/// The tag of an address: what follows the first plus sign of its local part.
pub fn tag_of(address: &str) -> Option<&str> {
    let (local, _) = address.rsplit_once('@')?;
    local.split_once(SEPARATOR).map(|(_, tag)| tag)
}

/// The address without this tag, ignoring case; `None` if it has another tag or none.
pub fn without_tag(address: &str, tag: &str) -> Option<String> {
    if !tag_of(address)?.eq_ignore_ascii_case(tag) {
        return None;
    }
    let (local, domain) = address.rsplit_once('@')?;
    let (user, _) = local.split_once(SEPARATOR)?;
    Some(format!("{user}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_follows_the_first_plus_sign_of_the_local_part() {
        for (address, tag) in [
            ("ana+news@example.com", Some("news")),
            ("ana+a+b@example.com", Some("a+b")),
            ("ana+@example.com", Some("")),
            ("ana@a+b.example.com", None),
            ("ana@example.com", None),
            ("ana+news", None),
        ] {
            assert_eq!(tag_of(address), tag, "{address}");
        }
        assert_eq!(without_tag("Ana+NEWS@example.com", "news").as_deref(), Some("Ana@example.com"));
        assert_eq!(without_tag("ana+other@example.com", "news"), None);
        assert_eq!(without_tag("ana@example.com", ""), None);
    }
}
