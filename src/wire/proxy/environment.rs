//! The lines to paste before an app is started, so that its SDK uses the proxy.
//!
//! Each SDK reads other variables: that of Node takes the proxy from HTTP_PROXY only, PHP's curl
//! ignores SSL_CERT_FILE, and Java takes neither from the environment. All but Node trust the given
//! certificate instead of the public authorities', and not in addition.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Hosts that apps use without the proxy.
const DIRECT: &str = "localhost,127.0.0.1,::1";

/// The same for Java, in its own notation.
const DIRECT_JAVA: &str = "localhost|127.*|[::1]";

/// Password of Java's trust store, which demands one; the store holds no secret.
const STORE_PASSWORD: &str = "lostkey";

/// The lines to paste into a POSIX shell, by language, for the proxy at `proxy` and the
/// certificate of its authority in the file `ca`.
///
/// ```
/// let lines = lostkey::wire::proxy::environment("127.0.0.1:8027".parse()?, "ca.pem".as_ref());
/// assert!(lines.contains("export HTTPS_PROXY=http://127.0.0.1:8027 REQUESTS_CA_BUNDLE=ca.pem\n"));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn environment(proxy: SocketAddr, ca: &Path) -> String {
    environment_with(proxy, ca, None)
}

/// The trust store that the printed line makes for Java of the certificate in the file `ca`.
#[must_use]
pub fn java_store(ca: &Path) -> PathBuf {
    ca.with_extension("p12")
}

/// The same for a proxy that needs a token: the command or the word that stands for it in a shell.
#[must_use]
pub fn environment_with(proxy: SocketAddr, ca: &Path, token: Option<&str>) -> String {
    let login = token.map(|token| format!("lostkey:{token}@")).unwrap_or_default();
    let url = format!("http://{login}{proxy}");
    let file = quoted(&ca.display().to_string());
    let store = java_store(ca).display().to_string();
    let width = "HTTPS_PROXY=".len() + url.len();
    let variables = |name: &str, ca: &str| {
        let assignment = format!("{name}={url}");
        format!("export {assignment:<width$} {ca}={file}")
    };
    let rows = [
        ("Python", vec![variables("HTTPS_PROXY", "REQUESTS_CA_BUNDLE")]),
        ("Node", vec![variables("HTTP_PROXY", "NODE_EXTRA_CA_CERTS")]),
        ("Ruby", vec![variables("https_proxy", "SSL_CERT_FILE")]),
        ("Go", vec![variables("HTTPS_PROXY", "SSL_CERT_FILE")]),
        ("C# (Linux)", vec![variables("HTTPS_PROXY", "SSL_CERT_FILE")]),
        ("PHP", vec![format!("export HTTPS_PROXY={url}"), format!("php -d curl.cainfo={file} YOUR-APP.php")]),
        (
            "Java",
            vec![
                format!(
                    "keytool -importcert -noprompt -alias lostkey -file {file} -keystore {} \
                     -storetype PKCS12 -storepass {STORE_PASSWORD}",
                    quoted(&store)
                ),
                format!("export JAVA_TOOL_OPTIONS={}", quoted(&java_options(proxy, &store))),
            ],
        ),
    ];
    let mut lines = format!(
        "All languages: hosts used without the proxy; add the other hosts that your app calls\n  \
         export NO_PROXY={DIRECT} no_proxy={DIRECT}\n"
    );
    for (language, commands) in rows {
        lines += &format!("{language}\n");
        for command in commands {
            lines += &format!("  {command}\n");
        }
    }
    if token.is_some() {
        lines += "In Java, https.proxyUser (any) and https.proxyPassword (the token) are needed too.\n";
    }
    lines += "All but Node then trust this certificate alone: for an app that calls other HTTPS hosts too, append\n\
              its usual certificates to the file.\n";
    lines
}

/// The options of a Java machine, which reads quotation marks in them as a shell does.
fn java_options(proxy: SocketAddr, store: &str) -> String {
    let (address, port) = (proxy.ip(), proxy.port());
    format!(
        "-Dhttps.proxyHost={address} -Dhttps.proxyPort={port} -Dhttp.nonProxyHosts={DIRECT_JAVA} \
         -Djavax.net.ssl.trustStore=\"{store}\" -Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"
    )
}

/// The text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_lines() {
        let lines = environment("127.0.0.1:8027".parse().unwrap(), "certs/ca.pem".as_ref());
        insta::assert_snapshot!(lines, @r#"
        All languages: hosts used without the proxy; add the other hosts that your app calls
          export NO_PROXY=localhost,127.0.0.1,::1 no_proxy=localhost,127.0.0.1,::1
        Python
          export HTTPS_PROXY=http://127.0.0.1:8027 REQUESTS_CA_BUNDLE=certs/ca.pem
        Node
          export HTTP_PROXY=http://127.0.0.1:8027  NODE_EXTRA_CA_CERTS=certs/ca.pem
        Ruby
          export https_proxy=http://127.0.0.1:8027 SSL_CERT_FILE=certs/ca.pem
        Go
          export HTTPS_PROXY=http://127.0.0.1:8027 SSL_CERT_FILE=certs/ca.pem
        C# (Linux)
          export HTTPS_PROXY=http://127.0.0.1:8027 SSL_CERT_FILE=certs/ca.pem
        PHP
          export HTTPS_PROXY=http://127.0.0.1:8027
          php -d curl.cainfo=certs/ca.pem YOUR-APP.php
        Java
          keytool -importcert -noprompt -alias lostkey -file certs/ca.pem -keystore certs/ca.p12 -storetype PKCS12 -storepass lostkey
          export JAVA_TOOL_OPTIONS='-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8027 -Dhttp.nonProxyHosts=localhost|127.*|[::1] -Djavax.net.ssl.trustStore="certs/ca.p12" -Djavax.net.ssl.trustStorePassword=lostkey'
        All but Node then trust this certificate alone: for an app that calls other HTTPS hosts too, append
        its usual certificates to the file.
        "#);
    }

    #[test]
    fn the_shell_reads_the_token() {
        let at = "192.0.2.7:8027".parse().unwrap();
        let lines = environment_with(at, "ca.pem".as_ref(), Some("$(cat /etc/token)"));
        let line =
            "export HTTPS_PROXY=http://lostkey:$(cat /etc/token)@192.0.2.7:8027 REQUESTS_CA_BUNDLE=ca.pem\n";
        assert!(lines.contains(line) && lines.contains("https.proxyPassword"), "{lines}");
    }

    #[test]
    fn a_path_is_one_word_of_the_shell() {
        for (path, word) in [("ca.pem", "ca.pem"), ("/a b", "'/a b'"), ("/it's", r"'/it'\''s'"), ("", "''")] {
            assert_eq!(quoted(path), word);
        }
    }
}
