//! The report of a mail server that could not deliver an email: a delivery status notification (RFC 3464).

use jiff::Timestamp;

/// The host that reports.
const REPORTER: &str = "mail.test";

/// Longest part of the original's header that is returned, in bytes.
const HEADER_MAX: usize = 16 * 1_024;

/// Why a recipient did not get an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounced<'a> {
    /// The recipient.
    pub to: &'a str,
    /// The bytes of the email.
    pub raw: &'a [u8],
    /// When it bounced, in seconds of Unix time.
    pub unix_secs: u64,
    /// A number that no other report has.
    pub number: u64,
}

/// Writes the report to this sender: for people, for programs, and with the header of the original.
pub fn report(sender: &str, bounced: &Bounced<'_>) -> Vec<u8> {
    let Bounced { to, raw, unix_secs, number } = *bounced;
    let seconds = i64::try_from(unix_secs).unwrap_or(i64::MAX);
    let date = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let boundary = format!("lostkey-report-{number}");
    let head = format!(
        "From: Mail Delivery System <MAILER-DAEMON@{REPORTER}>\r\n\
         To: <{sender}>\r\n\
         Subject: Undelivered mail returned to sender\r\n\
         Date: {date}\r\n\
         Message-ID: <report-{number}.{unix_secs}@{REPORTER}>\r\n\
         Auto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"{boundary}\"\r\n\r\n\
         --{boundary}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Your message could not be delivered to {to}.\r\n\
         The mailbox does not exist.\r\n\
         --{boundary}\r\n\
         Content-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; {REPORTER}\r\n\
         Arrival-Date: {date}\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\n\
         Action: failed\r\n\
         Status: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such mailbox here\r\n\
         --{boundary}\r\n\
         Content-Type: text/rfc822-headers\r\n\r\n"
    );
    let mut report = head.into_bytes();
    report.extend_from_slice(header(raw));
    report.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    report
}

/// The header of a message, in whole lines.
fn header(raw: &[u8]) -> &[u8] {
    let end = raw.windows(4).take(HEADER_MAX).position(|signs| signs == b"\r\n\r\n");
    let end = end.map_or(raw.len().min(HEADER_MAX), |end| end + 2);
    let lines = raw[..end].windows(2).rposition(|signs| signs == b"\r\n").map_or(0, |at| at + 2);
    &raw[..lines]
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;

    #[test]
    fn a_report_has_the_parts_of_the_rfc() {
        for (raw, returned) in [
            ("Subject: Code\r\nX: y\r\n\r\nSecret 123456\r\n", "Subject: Code\r\nX: y\r\n"),
            ("", ""),
            ("no line", ""),
        ] {
            let bounced =
                Bounced { to: "zoe@b.test", raw: raw.as_bytes(), unix_secs: 1_785_585_600, number: 7 };
            let report = report("app@a.test", &bounced);
            let parsed = MessageParser::default().parse(&report).unwrap();
            let kind = parsed.content_type().unwrap();
            assert_eq!((kind.c_type.as_ref(), kind.subtype()), ("multipart", Some("report")));
            assert_eq!(kind.attribute("report-type"), Some("delivery-status"));
            assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("app@a.test"));
            assert_eq!(parsed.date().unwrap().to_timestamp(), 1_785_585_600);
            let parts: Vec<_> = parsed.parts[1..]
                .iter()
                .map(|part| part.content_type().unwrap().subtype().unwrap_or_default().to_owned())
                .collect();
            assert_eq!(parts, ["plain", "delivery-status", "rfc822-headers"]);
            let text = String::from_utf8_lossy(&report);
            assert!(
                text.contains("Final-Recipient: rfc822; zoe@b.test\r\nAction: failed\r\nStatus: 5.1.1\r\n")
            );
            assert!(text.contains(&format!("\r\n\r\n{returned}\r\n--lostkey-report-7--")), "{text}");
            assert!(!text.contains("123456"), "the text is not returned");
        }
    }

    #[test]
    fn a_header_without_end_is_cut_at_a_line() {
        let raw = "X: y\r\n".repeat(HEADER_MAX);
        let kept = header(raw.as_bytes());
        assert!(kept.len() <= HEADER_MAX && kept.ends_with(b"y\r\n"), "{}", kept.len());
    }
}
